"""Costs for programs: one's own, or everybody's for who sees them."""

from dataclasses import replace

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse

from omixa_studio.forms.api_costs import GROUPED, ROWS, SPAN, read_costs, read_requests
from omixa_studio.forms.costs import SpanForm
from omixa_studio.models import TokenScope
from omixa_studio.models.spans import Span
from omixa_studio.presenters.api.costs import review_told, spent_told
from omixa_studio.presenters.api.operations import Operation, tells
from omixa_studio.queries.collections import readable_by
from omixa_studio.queries.spent import spent_page

from .access import caller_of
from .api_access import TokenRequest, api
from .api_queries import numbers_of, read_by

REVIEW, LIST = {**SPAN, **GROUPED}, {**SPAN, **ROWS}
WHOSE = "Members see their own costs alone; what is unknown stands apart and is in no amount."


@tells(
    Operation(
        method="GET",
        summary="Totals of days, by up to two things",
        about=WHOSE,
        answers="Costs",
        query=REVIEW,
        example_query="from=2026-11-01&to=2026-11-30&by=model&then=day",
    )
)
@api("costs")
def review(request: TokenRequest) -> HttpResponse:
    """Tell the review of costs: the largest groups first, a page of them."""
    numbers_of(request, REVIEW)
    form = read_by(lambda: read_costs(request.GET))
    asked = replace(form.asked, span=_span_for(request, form))
    return JsonResponse(review_told(asked, request.user))


@tells(
    Operation(
        method="GET",
        summary="The requests behind a total, newest first",
        about=WHOSE,
        answers="SpentPage",
        query=LIST,
        example_query="state=unknown",
    )
)
@api("costs")
def requests(request: TokenRequest) -> HttpResponse:
    """List requests with what they cost, prompts and pictures only where they may be seen.

    A token without the scope "read" sees neither.
    """
    numbers_of(request, LIST)
    form = read_by(lambda: read_requests(request.GET))
    given = form.cleaned_data
    page = spent_page(
        settings.GATEWAY_TARGET,
        _span_for(request, form),
        request.user,
        state=given["state"],
        before=given["before"],
    )
    return JsonResponse(spent_told(page, reads=caller_of(request).has(TokenScope.READ)))


def _span_for(request: TokenRequest, form: SpanForm) -> Span:
    """Return the days and filters asked for, of oneself unless everybody's costs are open."""
    if caller_of(request).sees_costs:
        return form.span
    if form.span.person_id not in (None, request.user.pk):
        raise Http404
    chosen = form.span.collection_id
    if chosen and not readable_by(request.user).filter(pk=chosen).exists():
        raise Http404
    return replace(form.span, person_id=request.user.pk)
