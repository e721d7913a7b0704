"""What pictures cost: the page and its export, for managers and admins."""

import csv
from collections.abc import Iterator

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from omixa_studio.forms.costs import SpanForm
from omixa_studio.presenters.costs.sheet import build_sheet
from omixa_studio.queries.costs import Span
from omixa_studio.queries.ledger_rows import COLUMNS, ledger_rows

from .access import sees_costs
from .requests import PersonRequest


@require_safe
@sees_costs
def page(request: PersonRequest) -> HttpResponse:
    """Show the costs of a span of days, of all or of one person or model."""
    form = SpanForm(request.GET)
    if not form.is_valid():
        return _refused(request, form)
    shown = {"form": form, "sheet": build_sheet(_span(form), form.grouping)}
    return render(request, "costs/costs.html", shown)


@require_safe
@sees_costs
def export(request: PersonRequest) -> HttpResponseBase:
    """Stream every generation of the span as CSV; its sums are those of the page."""
    form = SpanForm(request.GET)
    if not form.is_valid():
        return _refused(request, form)
    span = _span(form)
    answer = StreamingHttpResponse(_csv(span), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="costs-{span.first}-{span.last}.csv"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _refused(request: PersonRequest, form: SpanForm) -> HttpResponse:
    return render(request, "costs/costs.html", {"form": form}, status=422)


def _span(form: SpanForm) -> Span:
    first, last = form.days
    given = form.cleaned_data
    return Span(first, last, person_id=given["person"], model=given["model"] or None)


class _Line:
    """What csv.writer writes to: it gives each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def _csv(span: Span) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield writer.writerow(COLUMNS)
    for row in ledger_rows(settings.GATEWAY_TARGET, span):
        yield writer.writerow([row[0], *map(_harmless, row[1:4]), *row[4:]])


def _harmless(text: str) -> str:
    """Keep a spreadsheet from running a name as a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text
