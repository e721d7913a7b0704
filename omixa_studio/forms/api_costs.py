"""What programs ask of costs and budgets: the forms of the screens, whose faults are refusals."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django import forms
from django.http import QueryDict

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.models import Period
from omixa_studio.models.budget_requests import LONGEST_MESSAGE

from .api_images import FieldRefused, wrong
from .api_numbers import QueryNumber, QueryPart, QueryText
from .budget_requests import DATE, MoneyForm
from .costs import GROUPINGS, LARGEST_ID, MOST_PAGES, ListForm, SpanForm

DAY = {"type": "string", "format": "date"}
SPAN: Mapping[str, QueryPart] = {
    "from": QueryText("The first day; this month's if absent.", DAY),
    "to": QueryText("The last day; today or the month's last if absent.", DAY),
    "model": QueryText("The slug of an image model."),
    "operation": QueryText("What was asked for: generate, edit, merge and so on."),
    "person": QueryNumber(0, LARGEST_ID, "The id of a person, 0 for nobody."),
    "project": QueryNumber(0, LARGEST_ID, "The id of a project, 0 for none."),
    "collection": QueryNumber(1, LARGEST_ID, "The id of a collection."),
    "tag": QueryNumber(1, LARGEST_ID, "The id of a tag."),
}
GROUPED: Mapping[str, QueryPart] = {
    "by": QueryText("What the groups are, model if absent.", {"enum": list(GROUPINGS)}),
    "then": QueryText("What each group is divided by.", {"enum": list(GROUPINGS)}),
    "page": QueryNumber(1, MOST_PAGES, "The page of groups."),
    "beside": QueryNumber(1, MOST_PAGES, "The page of what they are divided by."),
}
ROWS: Mapping[str, QueryPart] = {
    "state": QueryText("Only these.", {"enum": ["open", "failed", "unknown"]}),
    "before": QueryText("What follows this place, as the last page told it."),
}
ASKED = {"dollars", "until", "date", "message"}
ASK_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "dollars": {"type": "string", "pattern": r"^[0-9]{1,6}(\.[0-9]{1,2})?$"},
        "until": {"type": "string", "enum": [Period.DAY, Period.WEEK, Period.MONTH, DATE]},
        "date": DAY,
        "message": {"type": "string", "maxLength": LONGEST_MESSAGE},
    },
    "required": ["dollars", "until"],
    "additionalProperties": False,
}
CONFLICTING = N_("%(name)s cannot stand beside the other grouping.")
Read = TypeVar("Read", bound=forms.Form)


def read_costs(data: QueryDict) -> SpanForm:
    """Read the query of a review of costs. Raises FieldRefused."""
    form = _valid(SpanForm(data), data)
    if form.cleaned_data["then"] and form.is_ungrouped:
        raise FieldRefused(Fault("then", CONFLICTING, {"name": "then"}))
    return form


def read_requests(data: QueryDict) -> ListForm:
    """Read the query of a list of requests. Raises FieldRefused."""
    return _valid(ListForm(data), data)


def read_ask(data: Mapping[str, Any]) -> MoneyForm:
    """Read the body that asks for more money. Raises FieldRefused."""
    for name, value in data.items():
        if name not in ASKED:
            unknown = N_("This address knows no %(name)s.")
            raise FieldRefused(Fault(name[:40], unknown, {"name": name[:40]}), "unknown_parameter")
        if not isinstance(value, str):
            raise wrong(name, value)
    return _valid(MoneyForm(data), data)


def _valid(form: Read, data: Mapping[str, Any]) -> Read:
    if form.is_valid():
        return form
    name = next(iter(form.errors))
    if name != "__all__" and data.get(name):
        raise wrong(name, data.get(name))
    # Already in the reader's language; a percent sign would be taken for a parameter.
    said = " ".join(map(str, form.errors[name])).replace("%", "%%")
    raise FieldRefused(Fault("" if name == "__all__" else name, said, {}))
