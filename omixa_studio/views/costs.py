"""The costs page and its export, for managers and admins."""

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from omixa_studio.forms.costs import SpanForm
from omixa_studio.presenters.admin.queue import queue_of
from omixa_studio.presenters.costs.sheet import build_sheet
from omixa_studio.queries.costs import Span
from omixa_studio.queries.ledger_rows import COLUMNS, ledger_rows

from . import exports
from .access import sees_costs
from .requests import PersonRequest


@require_safe
@sees_costs
def page(request: PersonRequest) -> HttpResponse:
    """Show the costs of a span of days, in total or of one person or model."""
    form = SpanForm(request.GET)
    if not form.is_valid():
        return _refused(request, form)
    span = _span(form)
    shown = {
        "form": form,
        "sheet": build_sheet(span, form.grouping),
        "queue": queue_of(span.person_id) if request.user.is_admin else None,
    }
    return render(request, "costs/costs.html", shown)


@require_safe
@sees_costs
def export(request: PersonRequest) -> HttpResponseBase:
    """Stream every generation of the span as CSV; its sums equal those of the page."""
    form = SpanForm(request.GET)
    if not form.is_valid():
        return _refused(request, form)
    span = _span(form)
    rows = ledger_rows(settings.GATEWAY_TARGET, span)
    return exports.export(request, "costs", COLUMNS, rows, days=(span.first, span.last))


def _refused(request: PersonRequest, form: SpanForm) -> HttpResponse:
    return render(request, "costs/costs.html", {"form": form}, status=422)


def _span(form: SpanForm) -> Span:
    first, last = form.days
    given = form.cleaned_data
    return Span(first, last, person_id=given["person"], model=given["model"] or None)
