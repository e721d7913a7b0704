"""Budgets: all limits on money; managers read them, admins change them."""

from collections.abc import Mapping

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from omixa_studio.forms.budgets import AddLimitForm, AmountForm, DefaultLimitForm, RaiseForm
from omixa_studio.forms.clicks import new_click
from omixa_studio.forms.generation import read_id
from omixa_studio.models import Limit, LimitRaise, Scope, dollars, micros
from omixa_studio.presenters.admin.budgets import budget_groups, model_choices, project_choices
from omixa_studio.queries.people import known_as
from omixa_studio.queries.studio_settings import studio_settings
from omixa_studio.sentences import say
from omixa_studio.services import limits
from omixa_studio.services.limits import LimitKind, LimitTaken
from omixa_studio.templatetags.studio import plain_dollars

from . import respond
from .access import sees_costs
from .once import came_before
from .proof import admin_act
from .requests import PersonRequest, actor_of

UNDO_SALT, UNDO_SECONDS = "limit removed", 86_400


@require_safe
@sees_costs
def page(request: PersonRequest) -> HttpResponse:
    """Show all limits by scope, each with what is spent, held and left."""
    return _page(request)


@require_POST
@admin_act
def add(request: PersonRequest) -> HttpResponse:
    """Set a new limit."""
    form = _adding(request.POST)
    if not form.is_valid():
        return _page(request, adding=form, status=422)
    given = form.cleaned_data
    kind = LimitKind(given["scope"], given["subject"], given["period"], given["strength"] != "soft")
    try:
        limit = limits.add_limit(kind, micros(given["amount"]), by=actor_of(request))
    except LimitTaken as refusal:
        form.add_error("amount", say(refusal.faults[0]))
        return _page(request, adding=form, status=422)
    messages.success(request, _("The limit is set."))
    return _back_to(limit)


@require_POST
@admin_act
def change(request: PersonRequest, pk: int) -> HttpResponse:
    """Give a limit another amount."""
    limit = get_object_or_404(Limit, pk=pk)
    form = AmountForm(request.POST)
    if not form.is_valid():
        return _page(request, opened=limit, fault=form.sentence, status=422)
    limits.change_amount(limit, micros(form.cleaned_data["amount"]), by=actor_of(request))
    messages.success(request, _("Saved."))
    return _back_to(limit)


@require_POST
@admin_act
def remove(request: PersonRequest, pk: int) -> HttpResponse:
    """Remove a limit, with an undo."""
    limit = get_object_or_404(Limit, pk=pk)
    removed = limits.remove_limit(limit, by=actor_of(request))
    undo = urlencode({"limit": signing.dumps(removed, salt=UNDO_SALT, compress=True)})
    messages.success(
        request, _("The limit is removed."), extra_tags=f"undo:{reverse('limit_restore')}?{undo}"
    )
    return respond.see_other(reverse("budgets"))


@require_POST
@admin_act
def restore(request: PersonRequest) -> HttpResponse:
    """Set a limit again that was just removed."""
    try:
        text = request.GET.get("limit", "")
        removed = signing.loads(text, salt=UNDO_SALT, max_age=UNDO_SECONDS)
    except signing.BadSignature:
        raise Http404 from None
    try:
        limits.restore_limit(removed, by=actor_of(request))
    except LimitTaken as refusal:
        messages.error(request, say(refusal.faults[0]))
    return respond.see_other(reverse("budgets"))


@require_POST
@admin_act
def extend(request: PersonRequest, pk: int) -> HttpResponse:
    """Give a limit more until the end of a day."""
    limit = get_object_or_404(Limit, pk=pk)
    form = RaiseForm(request.POST)
    if not form.is_valid():
        return _page(request, opened=limit, fault=form.sentence, status=422)
    given = form.cleaned_data
    if not came_before(request):
        limits.raise_limit(
            limit, micros(given["extra"]), form.end, by=actor_of(request), reason=given["reason"]
        )
        messages.success(request, _("The limit is raised."))
    return _back_to(limit)


@require_POST
@admin_act
def end_raise(request: PersonRequest, pk: int) -> HttpResponse:
    """Take back a raise before its time."""
    granted = get_object_or_404(LimitRaise.objects.select_related("limit"), pk=pk)
    limits.end_raise(granted, by=actor_of(request))
    messages.success(request, _("The raise is taken back."))
    return _back_to(granted.limit)


@require_POST
@admin_act
def default(request: PersonRequest) -> HttpResponse:
    """Choose the limit of accounts made from now on."""
    form = DefaultLimitForm(request.POST)
    if "default_amount" not in request.POST or not form.is_valid():
        return _page(request, defaulting=form, status=422)
    given = form.cleaned_data
    amount = given["default_amount"]
    limits.set_default(
        None if amount is None else micros(amount),
        given["default_period"] or "month",
        by=actor_of(request),
    )
    messages.success(request, _("The limit for new people is saved."))
    return respond.see_other(f"{reverse('budgets')}#default")


def _page(
    request: PersonRequest,
    *,
    adding: AddLimitForm | None = None,
    defaulting: DefaultLimitForm | None = None,
    opened: Limit | None = None,
    fault: str = "",
    status: int = 200,
) -> HttpResponse:
    scope = request.GET.get("scope", "")
    scope = scope if scope in Scope.values else ""
    shown = {
        "groups": budget_groups(scope, read_id(request.GET.get("page", "")) or 1),
        "scope": scope,
        "may_change": request.user.is_admin,
        "adding": adding or _adding(None),
        "raising": RaiseForm(auto_id=False),
        "defaulting": defaulting or _defaulting(),
        "opened": opened.pk if opened else None,
        "fault": fault,
        "kept": request.POST if fault else {},
        "click": new_click(),
    }
    return render(request, "budgets/budgets.html", shown, status=status)


def _adding(data: Mapping[str, object] | None) -> AddLimitForm:
    return AddLimitForm(data, projects=project_choices(), models=model_choices(), known=known_as)


def _defaulting() -> DefaultLimitForm:
    now = studio_settings()
    return DefaultLimitForm(
        initial={
            "default_amount": plain_dollars(dollars(now.default_limit_micros)),
            "default_period": now.default_limit_period,
        }
    )


def _back_to(limit: Limit) -> HttpResponse:
    return respond.see_other(f"{reverse('budgets')}#limit-{limit.pk}")
