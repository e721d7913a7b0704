"""People, their roles, limits and passwords; for admins. Each action has its own route."""

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from omixa_studio.directions import isolated
from omixa_studio.forms.people import AddPersonForm, LimitForm, PasswordForm, RoleForm
from omixa_studio.models import Person, Role, dollars, micros
from omixa_studio.presenters.admin.limits import consequences
from omixa_studio.presenters.admin.people import people_page
from omixa_studio.sentences import say
from omixa_studio.services import people
from omixa_studio.services.deciding import change_limit
from omixa_studio.templatetags.studio import plain_dollars

from .access import admin_only
from .proof import admin_act
from .requests import PersonRequest, actor_of
from .respond import see_other


@require_safe
@admin_only
def page(request: PersonRequest) -> HttpResponse:
    """Show everybody with role, month and limit."""
    return _page(request)


@require_POST
@sensitive_post_parameters()
@never_cache
@admin_act
def add(request: PersonRequest) -> HttpResponse:
    """Make an account and show its password, once."""
    form = AddPersonForm(request.POST)
    if not form.is_valid():
        return _page(request, adding=form, status=422)
    given = form.cleaned_data
    password = given["password"] or people.new_password()
    try:
        person = people.add_person(
            given["username"],
            password,
            by=actor_of(request),
            name=given["name"],
            email=given["email"],
            role=given["role"],
            limit_micros=None if given["limit"] is None else micros(given["limit"]),
        )
    except people.TakenError as taken:
        for fault in taken.faults:
            form.add_error(fault.field, say(fault))
        return _page(request, adding=form, status=422)
    return _handed_over(request, person, password, is_new=True)


@require_POST
@admin_act
def role(request: PersonRequest, pk: int) -> HttpResponse:
    """Change what a person may do."""
    person = get_object_or_404(Person, pk=pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _refused(request, person, form.sentence)
    try:
        people.change_role(person, form.cleaned_data["role"], by=actor_of(request))
    except people.LastAdminError as refusal:
        return _refused(request, person, say(refusal.faults[0]))
    return _done(request, _("%(name)s has a new role."), person)


@require_POST
@admin_act
def limit(request: PersonRequest, pk: int) -> HttpResponse:
    """Set a person's monthly limit; empty lifts it."""
    person = get_object_or_404(Person, pk=pk)
    form = LimitForm(request.POST)
    if not form.is_valid():
        return _refused(request, person, form.sentence)
    _set(request, form, person)
    return _done(
        request, _("The limit of %(name)s is saved.") % {"name": isolated(person.name)}, person
    )


@require_POST
@admin_act
def limit_of_studio(request: PersonRequest) -> HttpResponse:
    """Set the monthly limit of everybody together; empty lifts it."""
    form = LimitForm(request.POST)
    if not form.is_valid():
        return _page(request, limiting=form, status=422)
    _set(request, form, None)
    return _done(request, _("The studio's limit is saved."))


@require_POST
@sensitive_post_parameters()
@never_cache
@admin_act
def password(request: PersonRequest, pk: int) -> HttpResponse:
    """Replace a person's password, end their sessions, show the new one, once."""
    person = get_object_or_404(Person, pk=pk)
    form = PasswordForm(request.POST)
    if not form.is_valid():
        return _refused(request, person, form.sentence)
    fresh = form.cleaned_data["password"] or people.new_password()
    people.set_password(person, fresh, by=actor_of(request))
    return _handed_over(request, person, fresh, is_new=False)


@require_POST
@admin_act
def deactivate(request: PersonRequest, pk: int) -> HttpResponse:
    """Deactivate an account and end its sessions."""
    person = get_object_or_404(Person, pk=pk)
    try:
        people.deactivate(person, by=actor_of(request))
    except people.LastAdminError as refusal:
        return _refused(request, person, say(refusal.faults[0]))
    return _done(
        request, _("%(name)s can no longer log in.") % {"name": isolated(person.name)}, person
    )


@require_POST
@admin_act
def reactivate(request: PersonRequest, pk: int) -> HttpResponse:
    """Reactivate an account."""
    person = get_object_or_404(Person, pk=pk)
    people.reactivate(person, by=actor_of(request))
    return _done(request, _("%(name)s can log in again."), person)


def _page(
    request: PersonRequest,
    *,
    adding: AddPersonForm | None = None,
    limiting: LimitForm | None = None,
    fault: tuple[int, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    drawn = people_page(settings.GATEWAY_TARGET)
    now = {"limit": plain_dollars(dollars(drawn.ceiling))}
    shown = {
        **vars(drawn),
        "roles": Role.choices,
        "adding": adding or AddPersonForm(),
        "limiting": limiting or LimitForm(initial=now),
        "fault_of": fault[0] if fault else None,
        "fault": fault[1] if fault else "",
        "typed": {fault[0]: request.POST} if fault else {},
    }
    return render(request, "people/people.html", shown, status=status)


def _set(request: PersonRequest, form: Form, whom: Person | None) -> None:
    amount = form.cleaned_data["limit"]
    change_limit(None if amount is None else micros(amount), by=actor_of(request), whom=whom)
    for sentence in consequences(whom):
        messages.warning(request, sentence)


def _handed_over(
    request: PersonRequest, person: Person, fresh: str, *, is_new: bool
) -> HttpResponse:
    """Show a password without keeping it anywhere: no redirect, no message, no cache."""
    shown = {"person": person, "password": fresh, "is_new": is_new}
    return render(request, "people/password.html", shown)


def _done(request: PersonRequest, sentence: str, person: Person | None = None) -> HttpResponse:
    """Say so, and lead to where the person stands among all, whom the sentence may name."""
    named = sentence % {"name": isolated(person.name)} if person else sentence
    messages.success(request, named)
    return see_other(reverse("people") + (f"#person-{person.pk}" if person else ""))


def _refused(request: PersonRequest, person: Person, sentence: str) -> HttpResponse:
    return _page(request, fault=(person.pk, sentence), status=422)
