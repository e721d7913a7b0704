"""Requests for more money: the page where they are answered, and the asker's own steps."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from omixa_studio import jobs
from omixa_studio.catalogue import load_catalogue
from omixa_studio.forms.budget_requests import MoneyForm, NoteForm
from omixa_studio.forms.clicks import new_click
from omixa_studio.models import BudgetRequest, RequestState
from omixa_studio.presenters.costs.requests import board_of, request_sheet
from omixa_studio.presenters.news import worded
from omixa_studio.services import budget_requests, carrying_on
from omixa_studio.services.budget_requests import Allowance, Wish
from omixa_studio.services.refusals import ChoiceRefused

from . import respond
from .proof import admin_act, approver_act
from .requests import PersonRequest, actor_of, click_of


@require_safe
def page(request: PersonRequest) -> HttpResponse:
    """Show the requests that wait for this person's answer, their own, and the answered ones."""
    return _page(request)


@require_safe
def mine(request: PersonRequest) -> HttpResponse:
    """Answer the studio's poll with the cards of the person's requests, if they changed."""
    board = board_of(request.user)
    if not respond.wants_part(request):
        return respond.see_other(reverse("budget_requests"))
    if request.GET.get("seen", "") == board.stamp:
        return respond.nothing_new()
    return respond.part(request, "requests/_board.html", {"asked": board}, event="answered")


@require_POST
def ask(request: PersonRequest) -> HttpResponse:
    """Ask for more under the limit that leaves least, with nothing that waits for it."""
    form = MoneyForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    wish = Wish(amount_micros=form.amount_micros, until=form.ends_at, message=form.text)
    try:
        click = click_of(request) or new_click()
        budget_requests.ask_under_tightest(
            request.user, wish, click=click, target=settings.GATEWAY_TARGET
        )
    except ChoiceRefused as refusal:
        form.add_error(None, " ".join(fault.sentence for fault in refusal.faults))
        return _page(request, form=form, status=422)
    messages.success(request, _("Asked for approval."))
    return respond.see_other(reverse("budget_requests"))


@require_POST
def withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    """Withdraw one's own request while it is open."""
    found = get_object_or_404(BudgetRequest, pk=pk, person=request.user)
    if not budget_requests.withdraw(found):
        messages.warning(request, _("Too late to withdraw: it was already answered."))
    return _back(request)


@require_POST
def put_away(request: PersonRequest, pk: int) -> HttpResponse:
    """Show the card about one's own answered request no more."""
    budget_requests.put_away(get_object_or_404(BudgetRequest, pk=pk, person=request.user))
    return _back(request)


@require_POST
@approver_act
def grant(request: PersonRequest, pk: int) -> HttpResponse:
    """Approve a request as asked, or with another amount or end; what waits for it goes on."""
    found = _to_answer(request, pk)
    answer = Allowance(amount_micros=found.amount_micros, until=found.until)
    if "dollars" in request.POST:
        form = MoneyForm(request.POST, auto_id=f"request-{pk}-%s")
        if not form.is_valid():
            return _page(request, refused={pk: form}, status=422)
        answer = Allowance(amount_micros=form.amount_micros, until=form.ends_at, note=form.text)
    if answer.until <= timezone.now():
        messages.error(request, _("This moment is over. Choose a later one."))
    elif not budget_requests.grant(found, answer, by=actor_of(request)):
        messages.info(request, _("It was already answered or withdrawn. Nothing changed."))
    else:
        found.refresh_from_db()
        catalogue = load_catalogue(settings.MODELS_TOML)
        carrying_on.carry_on(found, catalogue=catalogue, wake=jobs.wake)
        found.refresh_from_db()
        if found.state == RequestState.STOPPED:
            messages.warning(request, f"{found.get_state_display()}. {worded(found.why)}")
        else:
            messages.success(request, _("Approved."))
    return respond.see_other(reverse("budget_requests"))


@require_POST
@approver_act
def decline(request: PersonRequest, pk: int) -> HttpResponse:
    """Decline a request, with a note to its person."""
    found, form = _to_answer(request, pk), NoteForm(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else ""
    if budget_requests.decline(found, note, by=actor_of(request)):
        messages.success(request, _("Declined."))
    else:
        messages.info(request, _("It was already answered or withdrawn. Nothing changed."))
    return respond.see_other(reverse("budget_requests"))


@require_POST
@admin_act
def choose_approvers(request: PersonRequest) -> HttpResponse:
    """Save whether managers may answer too."""
    budget_requests.let_managers_answer(request.POST.get("managers") == "yes", by=actor_of(request))
    messages.success(request, _("Saved."))
    return respond.see_other(reverse("budget_requests"))


def _to_answer(request: PersonRequest, pk: int) -> BudgetRequest:
    """Return a request that this person may answer, answered already or not; else 404.

    Those of deactivated accounts wait: nothing would be sent, and limits of all would be raised.
    """
    rows = BudgetRequest.objects.filter(target=settings.GATEWAY_TARGET, person__is_active=True)
    rows = rows.select_related("person")
    rows = rows if request.user.is_admin else rows.exclude(person=request.user)
    return get_object_or_404(rows, pk=pk)


def _page(
    request: PersonRequest,
    *,
    form: MoneyForm | None = None,
    refused: dict[int, MoneyForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    sheet = request_sheet(request.user, refused=refused, form=form)
    shown = {"sheet": sheet, "click": new_click()}
    return render(request, "requests/requests.html", shown, status=status)


def _back(request: PersonRequest) -> HttpResponse:
    """Return to the page of the click; script in the studio gets the cards."""
    if not respond.wants_part(request):
        return respond.see_other(respond.came_from(request) or reverse("budget_requests"))
    return respond.part(request, "requests/_board.html", {"asked": board_of(request.user)})
