"""The costs page, the requests behind its figures, and its export, for managers and admins."""

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from omixa_studio.forms.costs import ListForm, SpanForm
from omixa_studio.presenters.admin.queue import queue_of
from omixa_studio.presenters.costs.files import files_of
from omixa_studio.presenters.costs.listing import build_listing
from omixa_studio.presenters.costs.prices import risen_prices
from omixa_studio.presenters.costs.sheet import build_sheet
from omixa_studio.queries.ledger_rows import COLUMNS, TEXTS, ledger_rows

from . import csv_files
from .access import sees_costs
from .requests import PersonRequest


@require_safe
@sees_costs
def page(request: PersonRequest) -> HttpResponse:
    """Show the costs of a span of days, grouped by one or two things."""
    form = SpanForm(request.GET)
    if not form.is_valid():
        return _refused(request, form)
    shown = {
        "form": form,
        "sheet": build_sheet(form.asked, request.user),
        "files": files_of(form.asked, request.user),
        "risen": risen_prices(),
        "queue": queue_of(form.span.person_id) if request.user.is_admin else None,
    }
    return render(request, "costs/costs.html", shown)


@require_safe
@sees_costs
def generations(request: PersonRequest) -> HttpResponse:
    """List the requests behind a figure, without private pictures and prompts."""
    form = ListForm(request.GET)
    if not form.is_valid():
        return _refused(request, form)
    given = form.cleaned_data
    listing = build_listing(form.span, request.user, state=given["state"], before=given["before"])
    return render(request, "costs/generations.html", {"listing": listing})


@require_safe
@sees_costs
def export(request: PersonRequest) -> HttpResponseBase:
    """Stream every generation of the span as CSV; its sums equal those of the page."""
    form = SpanForm(request.GET)
    if not form.is_valid():
        return _refused(request, form)
    span = form.span
    rows = ledger_rows(settings.GATEWAY_TARGET, span)
    days = (span.first, span.last)
    return csv_files.csv_file(request, "costs", COLUMNS, rows, days=days, texts=TEXTS)


def _refused(request: PersonRequest, form: SpanForm) -> HttpResponse:
    return render(request, "costs/costs.html", {"form": form}, status=422)
