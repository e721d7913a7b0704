"""People, their roles, limits and passwords; for admins. Each action has its own route."""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from omixa_studio.directions import isolated
from omixa_studio.forms.clicks import new_click
from omixa_studio.forms.people import AddPersonForm, LimitForm, PasswordForm, PeopleForm, RoleForm
from omixa_studio.models import Period, Person, Role, dollars, micros
from omixa_studio.presenters.admin.limits import consequences
from omixa_studio.presenters.admin.people import SORTS, SoughtPeople, people_page, person_line
from omixa_studio.presenters.factors import factor_sheet
from omixa_studio.presenters.tokens import token_cards
from omixa_studio.queries.studio_settings import studio_settings
from omixa_studio.sentences import say
from omixa_studio.services import people
from omixa_studio.services.deciding import change_limit
from omixa_studio.templatetags.studio import plain_dollars
from omixa_studio.visitors import is_path_here

from . import respond
from .access import admin_only
from .once import came_before
from .proof import admin_act
from .requests import PersonRequest, actor_of


@require_safe
@admin_only
def page(request: PersonRequest) -> HttpResponse:
    """Show a page of accounts with role, month and limit."""
    return _page(request)


@require_safe
@admin_only
def account(request: PersonRequest, pk: int) -> HttpResponse:
    """Show one account and its forms: a page, or for script a part that unfolds in its line."""
    shown = _shown_of(request, get_object_or_404(Person, pk=pk))
    if respond.wants_part(request):
        return respond.part(request, "people/_changes.html", shown)
    return render(request, "people/person.html", shown)


@require_POST
@sensitive_post_parameters()
@never_cache
@admin_act
def add(request: PersonRequest) -> HttpResponse:
    """Create an account and show its password, once."""
    form = AddPersonForm(request.POST)
    if not form.is_valid():
        return _page(request, adding=form, status=422)
    if came_before(request):
        return respond.see_other(reverse("people"))
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
            **_limit_of_new(form),
        )
    except people.TakenError as taken:
        for fault in taken.faults:
            form.add_error(fault.field, say(fault))
        return _page(request, adding=form, status=422)
    for sentence in consequences(person):
        messages.warning(request, sentence)
    return _handed_over(request, person, password, is_new=True)


@require_POST
@admin_act
def role(request: PersonRequest, pk: int) -> HttpResponse:
    """Change a person's role."""
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
    """Set a person's monthly limit; an empty one removes it."""
    person = get_object_or_404(Person, pk=pk)
    form = LimitForm(request.POST)
    if not form.is_valid():
        return _refused(request, person, form.sentence)
    _set(request, form, person)
    return _done(request, _("The limit of %(name)s is saved."), person)


@require_POST
@admin_act
def limit_of_studio(request: PersonRequest) -> HttpResponse:
    """Set the monthly limit of the whole studio; an empty one removes it."""
    form = LimitForm(request.POST)
    if not form.is_valid():
        return _page(request, limiting=form, status=422)
    _set(request, form, None)
    messages.success(request, _("The studio's limit is saved."))
    return respond.see_other(respond.came_from(request) or reverse("people"))


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
    if came_before(request):
        return respond.see_other(respond.came_from(request) or _place_of(person))
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
    return _done(request, _("%(name)s can no longer log in."), person)


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
    status: int = 200,
) -> HttpResponse:
    drawn = people_page(settings.GATEWAY_TARGET, _sought(request))
    now = {"limit": plain_dollars(dollars(drawn.ceiling))}
    shown = {
        **vars(drawn),
        "adding": adding or _adding(),
        "click": new_click(),
        "limiting": limiting or LimitForm(initial=now),
        "next_path": respond.came_from(request),
    }
    return render(request, "people/people.html", shown, status=status)


def _limit_of_new(form: AddPersonForm) -> dict[str, Any]:
    """Return the limit of a new account: what is typed; without the field, the usual one."""
    usual, given = studio_settings(), form.cleaned_data
    if "limit" not in form.data:
        return {"limit_micros": usual.default_limit_micros, "period": usual.default_limit_period}
    limit = None if given["limit"] is None else micros(given["limit"])
    return {"limit_micros": limit, "period": given["period"] or Period.MONTH}


def _adding() -> AddPersonForm:
    usual = studio_settings()
    amount = plain_dollars(dollars(usual.default_limit_micros))
    return _empty_form(amount, usual.default_limit_period, get_language())


@lru_cache(maxsize=20)
def _empty_form(limit: str, period: str, _language: str | None) -> AddPersonForm:
    """Make the form of a new account; the same one each time, so that it is drawn once."""
    return AddPersonForm(initial={"limit": limit, "period": period})


def _sought(request: PersonRequest) -> SoughtPeople:
    form = PeopleForm(request.GET)
    form.is_valid()
    given = form.cleaned_data
    sort = given.get("sort")
    return SoughtPeople(
        words=given.get("q", ""),
        sort=sort if sort in SORTS else next(iter(SORTS)),
        page=given.get("page") or 1,
    )


def _shown_of(request: PersonRequest, person: Person, fault: str = "") -> dict[str, Any]:
    """Return the context of one account's templates; a refused form keeps what was typed."""
    listed = request.GET.get("next", "")
    line = person_line(settings.GATEWAY_TARGET, person)
    now = plain_dollars(dollars(line.month.limit_micros))
    return {
        "line": line,
        "click": new_click(),
        "tokens": token_cards(person),
        "sheet": factor_sheet(person),
        "limit": request.POST.get("limit", now) if fault else now,
        "opened": bool(fault),
        "roles": Role.choices,
        "fault": fault,
        "kept": request.POST if fault else {},
        "next_path": respond.came_from(request),
        "list_path": listed if is_path_here(listed) else _place_of(person),
    }


def _place_of(person: Person) -> str:
    return f"{reverse('people')}#person-{person.pk}"


def _set(request: PersonRequest, form: Form, whom: Person | None) -> None:
    amount = form.cleaned_data["limit"]
    change_limit(None if amount is None else micros(amount), by=actor_of(request), whom=whom)
    for sentence in consequences(whom):
        messages.warning(request, sentence)


def _handed_over(
    request: PersonRequest, person: Person, fresh: str, *, is_new: bool
) -> HttpResponse:
    """Show a password without storing it anywhere: no redirect, no message, no cache."""
    # A new account may not be on the first page of the list.
    found = f"{reverse('people')}?{urlencode({'q': person.username})}#person-{person.pk}"
    then = respond.came_from(request) or (found if is_new else _place_of(person))
    shown = {"person": person, "password": fresh, "is_new": is_new, "then": then}
    return render(request, "people/password.html", shown)


def _done(request: PersonRequest, sentence: str, person: Person) -> HttpResponse:
    """Show a message on a person: script gets their updated line, others go back to the list."""
    messages.success(request, sentence % {"name": isolated(person.name)})
    if respond.wants_part(request):
        person.refresh_from_db()
        return respond.part(request, "people/_saved.html", _shown_of(request, person))
    return respond.see_other(respond.came_from(request) or _place_of(person))


def _refused(request: PersonRequest, person: Person, sentence: str) -> HttpResponse:
    return respond.refused(
        request,
        page="people/person.html",
        fragment="people/_person.html",
        context=_shown_of(request, person, sentence),
        into=f"#person-{person.pk}",
    )
