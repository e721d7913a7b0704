"""The gateway's bill compared with the ledger, day by day; managers read, admins settle."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from omixa_studio import jobs
from omixa_studio.forms.matching import BillAdjustForm, BillNoteForm, MatchesForm, MatchingForm
from omixa_studio.models import BillAnswer, BillDay, BillMatch
from omixa_studio.presenters.bills.days import match_sheet, matches_sheet, matching_sheet
from omixa_studio.queries.gateway_keys import names_on_own_bills
from omixa_studio.services import bill_jobs, bill_settling
from omixa_studio.services.background import TooManyJobs

from . import respond
from .access import admin_only, sees_costs
from .proof import admin_act
from .requests import PersonRequest, actor_of


@require_safe
@sees_costs
def page(request: PersonRequest) -> HttpResponse:
    """Show the compared days, newest first; script asks for them alone while some are compared."""
    sheet = matching_sheet(request.user, **MatchingForm(request.GET).values)
    if respond.wants_part(request):
        if request.GET.get("seen") == sheet.stamp:
            return respond.nothing_new()
        return respond.part(request, "matching/_compared.html", {"sheet": sheet})
    shown = {
        "sheet": sheet,
        "may_settle": request.user.is_admin,
        "own_bills": names_on_own_bills(settings.GATEWAY_TARGET),
    }
    return render(request, "matching/matching.html", shown)


@require_POST
@admin_only
def start(request: PersonRequest) -> HttpResponse:
    """Compare in the background; it asks the gateway for its books, which is free."""
    try:
        job = bill_jobs.start(request.user, wake=jobs.wake)
    except TooManyJobs:
        message = _("You have too many jobs running. Wait until one of them is done.")
        messages.error(request, message)
    else:
        started = _("The bill is being compared. It goes on if you leave.")
        messages.success(request, started if job else _("The bill is being compared already."))
    return respond.see_other("matching")


@require_safe
@sees_costs
def day(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a day's requests and the lines of the bill side by side, differences first."""
    sheet = matches_sheet(_day(pk), **MatchesForm(request.GET).values)
    shown = {"sheet": sheet, "form": BillNoteForm(), "may_settle": request.user.is_admin}
    return render(request, "matching/day.html", shown)


@require_POST
@admin_act
def explain_day(request: PersonRequest, pk: int) -> HttpResponse:
    """Record why the sums of a day differ."""
    row, form = _day(pk), BillNoteForm(request.POST)
    if not form.is_valid():
        shown = {"sheet": matches_sheet(row), "form": form, "may_settle": True}
        return render(request, "matching/day.html", shown, status=422)
    bill_settling.explain_day(row, form.cleaned_data["note"], by=actor_of(request))
    return respond.see_other(reverse("matching_day", args=[pk]))


@require_safe
@sees_costs
def row(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a request and its line of the bill with all that is known of both."""
    return _row(request, _match(pk))


@require_POST
@admin_act
def explain(request: PersonRequest, pk: int) -> HttpResponse:
    """Record why a request and the bill differ."""
    match, form = _match(pk), BillNoteForm(request.POST)
    if not form.is_valid():
        return _row(request, match, explaining=form, status=422)
    done = bill_settling.explain(match, form.cleaned_data["note"], by=actor_of(request))
    return _settled(request, match, done)


@require_POST
@admin_act
def adjust(request: PersonRequest, pk: int) -> HttpResponse:
    """Add to the ledger what it lacks by the bill."""
    match, form = _match(pk), BillAdjustForm(request.POST)
    if not form.is_valid():
        return _row(request, match, adjusting=form, status=422)
    done = bill_settling.adjust(match, form.cleaned_data["note"], by=actor_of(request))
    return _settled(request, match, done)


@require_safe
@admin_only
def answer(request: PersonRequest, pk: int) -> HttpResponse:
    """Return an answer of the gateway as it came, as text."""
    kept = get_object_or_404(BillAnswer, target=settings.GATEWAY_TARGET, pk=pk)
    response = HttpResponse(kept.body, content_type="text/plain; charset=utf-8")
    name = f"{kept.what}-{kept.asked_at:%Y-%m-%d-%H%M}.txt"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _day(pk: int) -> BillDay:
    return get_object_or_404(BillDay, target=settings.GATEWAY_TARGET, pk=pk)


def _match(pk: int) -> BillMatch:
    rows = BillMatch.objects.select_related("bill_day", "note")
    return get_object_or_404(rows, bill_day__target=settings.GATEWAY_TARGET, pk=pk)


def _row(
    request: PersonRequest,
    match: BillMatch,
    *,
    explaining: BillNoteForm | None = None,
    adjusting: BillAdjustForm | None = None,
    status: int = 200,
) -> HttpResponse:
    shown = {
        "sheet": match_sheet(match),
        "may_settle": request.user.is_admin,
        "explaining": explaining or BillNoteForm(auto_id="explain_%s"),
        "adjusting": adjusting or BillAdjustForm(auto_id="adjust_%s"),
    }
    return render(request, "matching/row.html", shown, status=status)


def _settled(request: PersonRequest, match: BillMatch, done: bool) -> HttpResponse:
    if done:
        messages.success(request, _("Recorded. The ledger and the log keep it."))
    else:
        messages.warning(request, _("This has changed meanwhile. Nothing was recorded."))
    return respond.see_other(reverse("matching_day", args=[match.bill_day_id]))
