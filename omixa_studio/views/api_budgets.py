"""Limits for programs: what is left, and asking people for more."""

import hashlib

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from omixa_studio.forms.api_costs import read_ask
from omixa_studio.forms.api_numbers import QueryNumber, QueryPart, QueryText
from omixa_studio.models import BudgetRequest
from omixa_studio.presenters.api.costs import CURRENCY, asked_told, budgets_told
from omixa_studio.presenters.api.operations import Operation, tells
from omixa_studio.queries import budget
from omixa_studio.queries import budget_requests as read
from omixa_studio.services import budget_requests
from omixa_studio.services.budget_requests import Wish
from omixa_studio.services.refusals import ChoiceRefused

from .api_access import TokenRequest, api
from .api_errors import ApiError
from .api_orders import needed_key_of
from .api_queries import change_of, conflict, numbers_of

LARGEST_ID = 2**63 - 1
FOR: dict[str, QueryPart] = {
    "model": QueryText("Also the limits of this model.", {"type": "string", "maxLength": 120}),
    "project": QueryNumber(1, LARGEST_ID, "Also the limits of this project."),
}
KEY = {"Idempotency-Key": "The same key again asks nothing and answers with the same request."}


@tells(
    Operation(
        method="GET",
        summary="The limits that hold for the person, and what they leave",
        answers="Budgets",
        query=FOR,
    )
)
@api("costs")
def budgets(request: TokenRequest) -> HttpResponse:
    """Tell every limit on a request of this token, with what counts against it."""
    asked = numbers_of(request, FOR)
    keys = budget.keys_now(
        settings.GATEWAY_TARGET,
        request.user,
        model=request.GET.get("model", "").replace("\x00", ""),
        project_id=asked.get("project", request.token.project_id or 0),
        token_id=request.token.pk,
    )
    return JsonResponse(budgets_told(budget.rooms(keys)))


@tells(
    Operation(method="GET", summary="What the person asked for, newest first", answers="AllAsked"),
    Operation(
        method="POST",
        summary="Ask for more under the limit that leaves least",
        about="A person answers. until: the end of the day, the week, the month, or of a date.",
        body="Ask",
        answers="Asked",
        status=201,
        headers=KEY,
        errors=(409,),
        example={"dollars": "5.00", "until": "week", "message": "For the posters"},
    ),
)
@api("costs", methods=("GET", "POST"), posting="make")
def asked(request: TokenRequest) -> HttpResponse:
    """List the person's requests for money, or ask for more."""
    if request.method == "POST":
        return _ask(request)
    numbers_of(request, {})
    rows = read.requests_of(request.user, settings.GATEWAY_TARGET)
    return JsonResponse({"currency": CURRENCY, "requests": [asked_told(row) for row in rows]})


@tells(
    Operation(
        method="POST",
        summary="Withdraw a request that nobody has answered",
        answers="Asked",
        errors=(409,),
    )
)
@api("make", methods=("POST",))
def withdraw(request: TokenRequest, pk: int) -> HttpResponse:
    """Withdraw one's own request for money; the same again is fine."""
    row = get_object_or_404(BudgetRequest, pk=pk, person=request.user)
    withdrawn = budget_requests.withdraw(row)
    row.refresh_from_db()
    if not withdrawn and row.state != "withdrawn":
        said = _("Too late to withdraw: it was already answered.")
        raise ApiError(409, said, code="too_late")
    return JsonResponse(asked_told(row))


def _ask(request: TokenRequest) -> HttpResponse:
    """Ask once per key; the same key answers with the same request, however it was answered."""
    key = needed_key_of(request)
    form = change_of(request, read_ask)
    wish = Wish(amount_micros=form.amount_micros, until=form.ends_at, message=form.text)
    if wish.until <= timezone.now():
        raise ApiError(400, _("This moment is over. Choose a later one."), param="date")
    click = _click_of(request, key)
    made = BudgetRequest.objects.filter(person=request.user, click=click).first()
    try:
        made = made or budget_requests.ask_under_tightest(
            request.user, wish, click=click, target=settings.GATEWAY_TARGET
        )
    except ChoiceRefused as refused:
        raise conflict(refused) from None
    if (made.amount_micros, made.message) != (wish.amount_micros, wish.message):
        said = _("This Idempotency-Key was already used for another request.")
        raise ApiError(409, said, code="idempotency_key_reused")
    made.refresh_from_db()
    return JsonResponse(asked_told(made), status=201)


def _click_of(request: TokenRequest, key: str) -> str:
    return hashlib.sha256(f"ask:{request.token.pk}:{key}".encode()).hexdigest()
