"""The shapes of costs, limits and requests for more money."""

from omixa_studio.forms.api_costs import ASK_SCHEMA
from omixa_studio.forms.costs import GROUPINGS
from omixa_studio.models import Period, RequestState, Scope, State

from .operations import Schema
from .schemas import DOLLARS, LIMIT, MOMENT, TEXT, WHOLE, YES_NO, listed, maybe, one_of, ref, shape

DAY: Schema = {"type": "string", "format": "date"}
CURRENCY: Schema = {"const": "USD"}
KEY: Schema = {"anyOf": [TEXT, WHOLE]}
# What the ledger says: requests whose cost is unknown are in no amount.
SUM = shape(
    requests=WHOLE,
    pictures=WHOLE,
    billed=maybe(DOLLARS),
    reserved=DOLLARS,
    failed=WHOLE,
    not_final=WHOLE,
)
UNKNOWN = shape(requests=WHOLE, failed=WHOLE, held=DOLLARS)
CELL = shape(key=KEY, name=TEXT, sum=ref("CostSum"))
REVIEW = shape(
    **{
        "currency": CURRENCY,
        "target": TEXT,
        "practice": YES_NO,
        "from": DAY,
        "to": DAY,
        "total": SUM,
        "unknown": UNKNOWN,
        "by": one_of(GROUPINGS),
        "then": maybe(one_of(GROUPINGS)),
        "groups": {
            "type": "array",
            "items": shape(
                key=KEY,
                name=TEXT,
                sum=ref("CostSum"),
                unknown=maybe(WHOLE),
                parts={"type": "array", "items": CELL},
            ),
        },
        "page": WHOLE,
        "pages": WHOLE,
        "beside": WHOLE,
        "pages_beside": WHOLE,
    }
)
SPENT = shape(
    generation=WHOLE,
    day=DAY,
    created_at=maybe(MOMENT),
    person=WHOLE,
    person_name=TEXT,
    model=TEXT,
    operation=TEXT,
    state=maybe(one_of(State.values)),
    prompt=maybe(TEXT),
    billed=maybe(DOLLARS),
    held=DOLLARS,
    pictures={"type": "array", "items": WHOLE},
)
LEFT = shape(**LIMIT["properties"], counted=DOLLARS, raised=DOLLARS, subject=TEXT)
ASKED = shape(
    id=WHOLE,
    state=one_of(RequestState.values),
    scope=one_of(Scope.values),
    period=one_of(Period.values),
    amount=DOLLARS,
    until=MOMENT,
    message=TEXT,
    granted=maybe(DOLLARS),
    granted_until=maybe(MOMENT),
    note=TEXT,
    created_at=MOMENT,
    answered_at=maybe(MOMENT),
)
COST_SCHEMAS: dict[str, Schema] = {
    "CostSum": SUM,
    "Costs": REVIEW,
    "Spent": SPENT,
    "SpentPage": shape(currency=CURRENCY, requests=listed("Spent"), before=maybe(TEXT)),
    "LimitLeft": LEFT,
    "Budgets": shape(currency=CURRENCY, limits=listed("LimitLeft"), ask_url=TEXT),
    "Ask": ASK_SCHEMA,
    "Asked": ASKED,
    "AllAsked": shape(currency=CURRENCY, requests=listed("Asked")),
}
