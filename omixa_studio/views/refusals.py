"""What a screen does when its form is refused: offer to ask for more money, tell programs."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _

from omixa_studio.catalogue import Catalogue, Fault
from omixa_studio.forms.budget_requests import PREFIX, MoneyForm, asks_for_more
from omixa_studio.models import BudgetRequest
from omixa_studio.presenters.costs.offers_of_money import MoneyOffer, WayShown, offer_for, ways_for
from omixa_studio.presenters.costs.refusals import faults_of
from omixa_studio.queries.budget import refusal_facts
from omixa_studio.sentences import say
from omixa_studio.services import budget_requests
from omixa_studio.services.budget import BudgetRefused
from omixa_studio.services.budget_requests import Wish
from omixa_studio.services.refusals import ChoiceRefused, Refused

from .requests import PersonRequest, click_of

JSON = "application/json"


@dataclass(frozen=True, kw_only=True)
class RefusalShown:
    """What to say of a refused form, and the offer to ask for money; or the request just made."""

    faults: Sequence[Fault] = ()
    offer: MoneyOffer | None = None
    made: BudgetRequest | None = None
    budget: BudgetRefused | None = None

    def ways(self, catalogue: Catalogue) -> Sequence[WayShown]:
        """Return the cheaper ways if a budget refused; `catalogue` is what the person may use."""
        return ways_for(self.budget, catalogue) if self.budget else ()


def refusal_of(request: PersonRequest, refusal: Refused, *, ids: str = "id_%s") -> RefusalShown:
    """Return what a screen shows of a refusal; asks for money if the form was sent to do so.

    `ids` makes the ids of the form's fields from their names.
    """
    faults = faults_of(refusal)
    if not isinstance(refusal, BudgetRefused):
        return RefusalShown(faults=faults)
    if not asks_for_more(request.POST):
        return RefusalShown(faults=faults, offer=offer_for(refusal, ids=ids), budget=refusal)
    form = MoneyForm(request.POST, prefix=PREFIX, auto_id=ids)
    if not form.is_valid():
        return RefusalShown(faults=faults, offer=offer_for(refusal, form), budget=refusal)
    try:
        made = _ask(request, refusal, form)
    except ChoiceRefused as too_many:
        return RefusalShown(faults=too_many.faults, offer=offer_for(refusal, form), budget=refusal)
    messages.success(
        request, _("Asked for approval. It is sent by itself as soon as it is approved.")
    )
    return RefusalShown(made=made)


def _ask(request: PersonRequest, refusal: BudgetRefused, form: MoneyForm) -> BudgetRequest:
    wish = Wish(amount_micros=form.amount_micros, until=form.ends_at, message=form.text)
    return budget_requests.ask_for(
        request.user,
        refusal,
        wish,
        click=click_of(request),
        target=settings.GATEWAY_TARGET,
    )


def wants_json(request: HttpRequest) -> bool:
    """Return whether a program asks that would rather have JSON than a page."""
    return request.get_preferred_type(["text/html", JSON]) == JSON


def refused_in_json(refusal: Refused) -> JsonResponse:
    """Tell a program why nothing was queued; of a budget also what is left, and until when."""
    faults = faults_of(refusal)
    body: dict[str, object] = {
        "error": refusal.reason,
        "message": " ".join(say(fault) for fault in faults),
        "fields": [fault.field for fault in faults if fault.field],
    }
    if isinstance(refusal, BudgetRefused):
        body |= refusal_facts(refusal.room, refusal.needed_micros)
    return JsonResponse(body, status=422, headers={"Vary": "Accept", "Cache-Control": "no-store"})
