"""Costs as files: the review as on screen, and charges in the format FOCUS."""

from collections.abc import Callable, Iterator, Sequence

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from omixa_studio import jobs
from omixa_studio.forms.costs import SpanForm
from omixa_studio.models.spans import Span
from omixa_studio.presenters.costs.review_table import (
    review_head,
    review_rows,
    review_values,
    whole_review,
)
from omixa_studio.queries import focus
from omixa_studio.queries.cost_sums import LedgerSum
from omixa_studio.queries.review_sums import sums_by
from omixa_studio.services import exports
from omixa_studio.services.exports import ExportRefused
from omixa_studio.tables import harmless

from . import csv_files, respond
from .access import sees_costs
from .requests import PersonRequest, actor_of

Rows = Callable[[str, Span], Iterator[tuple[str, ...]]]


@require_safe
@sees_costs
def review(request: PersonRequest) -> HttpResponseBase:
    """Stream the table of the page of costs at the same address, with every row and column."""
    form = SpanForm(request.GET)
    if not form.is_valid():
        return _refused(request, form)
    found = whole_review(form.asked, request.user)
    head = [harmless(label) for label in review_head(found)]
    return csv_files.csv_file(request, "review", head, review_rows(found), days=form.days)


@require_safe
@sees_costs
def in_focus(request: PersonRequest) -> HttpResponseBase:
    """Stream what was billed in a span in the format FOCUS 1.2."""
    return _stream(request, "focus", focus.COLUMNS, focus.focus_rows)


@require_safe
@sees_costs
def unpriced(request: PersonRequest) -> HttpResponseBase:
    """Stream the requests of a span whose cost nobody knows: FOCUS has no place for them."""
    return _stream(request, "focus-unknown", focus.UNPRICED, focus.unpriced_rows)


@require_POST
@sees_costs
def sheet(request: PersonRequest) -> HttpResponseBase:
    """Start a spreadsheet in the background: the review, and every request of its span."""
    form = SpanForm(request.GET)
    if not form.is_valid():
        return _refused(request, form)
    span = form.span
    total = sums_by(settings.GATEWAY_TARGET, span).get((), LedgerSum())
    review = review_values(whole_review(form.asked, request.user))
    try:
        exports.start_sheet(
            request.user,
            span,
            review,
            # Of a collection or a tag only pictures are counted, which are no fewer.
            requests=total.pictures if span.of_pictures else total.requests,
            by=actor_of(request),
            wake=jobs.wake,
        )
    except ExportRefused as refusal:
        return respond.refuse(request, _(str(refusal)) % refusal.values, reverse("exports"))
    messages.success(request, _("The spreadsheet is being made. You can go on working."))
    return respond.see_other(reverse("exports"))


def _stream(
    request: PersonRequest, name: str, columns: Sequence[str], rows: Rows
) -> HttpResponseBase:
    form = SpanForm(request.GET)
    if not form.is_valid():
        return _refused(request, form)
    span, days = form.span, form.days
    found = rows(settings.GATEWAY_TARGET, span)
    return csv_files.csv_file(request, name, columns, found, days=days, marked=False)


def _refused(request: PersonRequest, form: SpanForm) -> HttpResponse:
    return render(request, "costs/costs.html", {"form": form}, status=422)
