"""One monthly limit for several people: first its effect, then the change; for admins."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from omixa_studio.forms.people import FOUND, ManyLimitsForm
from omixa_studio.models import Person, micros
from omixa_studio.presenters.admin.limits import LimitChange, change_for
from omixa_studio.queries.people import by_name, found_people
from omixa_studio.services.deciding import change_limits

from . import respond
from .proof import admin_act
from .requests import PersonRequest, actor_of


@require_POST
@admin_act
def set_many(request: PersonRequest) -> HttpResponse:
    """Show the effect of a limit on the selected people; set it once confirmed."""
    form = ManyLimitsForm(request.POST)
    sound = form.is_valid()
    people = _chosen(form)
    if not people:
        return _page(request, form, people, _("Select at least one person."))
    if not sound:
        return _page(request, form, people, form.sentence)
    amount = form.cleaned_data["limit"]
    change = change_for(people, None if amount is None else micros(amount))
    if form.is_of_others(change.people_stamp):
        return _page(request, form, people, _("Other people are found now. Check again."), change)
    if not (form.is_confirmed and change.changes):
        return _page(request, form, people, change=change)
    count = change_limits(change.amount_micros, by=actor_of(request), whom=people)
    told = ngettext("The limit of %(n)s person is set.", "The limit of %(n)s people is set.", count)
    messages.success(request, told % {"n": count})
    return respond.see_other(respond.came_from(request) or reverse("people"))


def _chosen(form: ManyLimitsForm) -> Sequence[Person]:
    if form.cleaned_data.get("whom") == FOUND:
        return list(by_name(found_people(form.cleaned_data.get("q", ""))))
    return list(by_name(Person.objects.filter(pk__in=form.ticked)))


def _page(
    request: PersonRequest,
    form: ManyLimitsForm,
    people: Sequence[Person],
    fault: str = "",
    change: LimitChange | None = None,
) -> HttpResponse:
    shown = {
        "people": people,
        "change": change,
        "fault": fault,
        "limit": request.POST.get("limit", ""),
        "whom": form.cleaned_data.get("whom"),
        "q": form.cleaned_data.get("q", ""),
        "ticked": form.ticked,
        "next_path": respond.came_from(request),
        "list_path": respond.came_from(request) or reverse("people"),
    }
    return render(request, "people/limits.html", shown, status=422 if fault else 200)
