"""Remove a person, or stop it until the day; for admins."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from omixa_studio import jobs
from omixa_studio.directions import isolated
from omixa_studio.forms.leaving import ERASE, USUAL_DAYS, LeavingForm
from omixa_studio.models import Person
from omixa_studio.presenters.admin.leaving import decided_terms, leaving_sheet
from omixa_studio.queries.people import known_as
from omixa_studio.sentences import say
from omixa_studio.services import exports, leaving
from omixa_studio.services.exports import ExportRefused
from omixa_studio.services.refusals import Refused

from . import respond
from .access import admin_only
from .proof import admin_act
from .requests import PersonRequest, actor_of


@require_safe
@admin_only
def page(request: PersonRequest, pk: int) -> HttpResponse:
    """Show what removing a person means, or what was decided."""
    person = get_object_or_404(Person, pk=pk)
    first = decided_terms(person) or {"fate": ERASE, "days": USUAL_DAYS}
    return _page(request, person, LeavingForm(initial=first, known=known_as))


@require_POST
@admin_act
def remove(request: PersonRequest, pk: int) -> HttpResponse:
    """Close an account, and plan what becomes of its private pictures."""
    person = get_object_or_404(Person, pk=pk)
    form = LeavingForm(request.POST, known=known_as)
    if not form.is_valid():
        return _page(request, person, form, form.sentence)
    given = form.cleaned_data
    try:
        leaving.remove(person, heir=given["whom"], days=given["days"], by=actor_of(request))
    except Refused as refusal:
        return _page(request, person, form, " ".join(map(say, refusal.faults)))
    messages.success(request, _("%(name)s is removed.") % {"name": isolated(person.name)})
    return respond.see_other(reverse("person_leaving", args=[pk]))


@require_POST
@admin_act
def stay(request: PersonRequest, pk: int) -> HttpResponse:
    """Stop a removal before its day; the account stays closed."""
    person = get_object_or_404(Person, pk=pk)
    if leaving.stay(person, by=actor_of(request)):
        messages.success(request, _("Nothing is handed over or erased."))
    else:
        messages.error(request, _("It is too late to stop this."))
    return respond.see_other(reverse("person_leaving", args=[pk]))


@require_POST
@admin_act
def everything(request: PersonRequest, pk: int) -> HttpResponse:
    """Start the archive of all that belongs to a person who leaves."""
    person = get_object_or_404(Person, pk=pk)
    if person.is_active:
        messages.error(request, _("People who can log in make this archive themselves."))
        return respond.see_other(reverse("person_leaving", args=[pk]))
    try:
        exports.start_everything(request.user, person, by=actor_of(request), wake=jobs.wake)
        messages.success(request, _("The archive is being made. You can go on working."))
    except ExportRefused as refusal:
        messages.error(request, _(str(refusal)))
    return respond.see_other(reverse("exports"))


def _page(
    request: PersonRequest, person: Person, form: LeavingForm, fault: str = ""
) -> HttpResponse:
    shown = {"sheet": leaving_sheet(person), "form": form, "fault": fault}
    return render(request, "people/leaving.html", shown, status=422 if fault else 200)
