"""The filters of the galleries as programs ask for them: what cannot be read is refused."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.http import QueryDict

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_

from .api_images import FieldRefused, wrong
from .api_numbers import QueryNumber, QueryPart, QueryText
from .gallery import LARGEST_ID, PARTS, Sought, SoughtForm, read_sought

MOST_ON_A_PAGE = 50
GALLERIES = ("mine", "team", "trash")
AMOUNT = {"type": "string", "pattern": r"^[0-9]{1,6}(\.[0-9]{1,6})?$"}
# In English, as everything in the schema.
ABOUT = {
    "q": 'Words of the prompt, "phrases", -without.',
    "model": "The slug of an image model.",
    "since": "Made on this day or later, in the studio's time zone.",
    "until": "Made on this day or before.",
    "prompt": "The number of a prompt.",
    "star": "1: with a star.",
    "operation": "By what the picture was made.",
    "references": "Whether images were sent along.",
    "shape": "The shape.",
    "size": "Under 1, 1 to 2, 2 to 6, over 6 megapixels.",
    "verdict": "What its owner or the team said of it.",
    "shared": "Own pictures: whether the team sees them.",
    "cost_min": "Cost at least this, in dollars.",
    "cost_max": "Cost at most this, in dollars.",
    "tag": "The name of a tag.",
    "collection": "The id of a collection.",
    "project": "The id of a project.",
    "person": "The team's pictures: the id of who made them.",
}


def _choices(field: forms.ChoiceField) -> Sequence[tuple[str, str]]:
    return cast("Sequence[tuple[str, str]]", field.choices)


def _schema_of(field: forms.Field) -> Mapping[str, Any]:
    if isinstance(field, forms.ChoiceField):
        return {"type": "string", "enum": [str(value) for value, _label in _choices(field)]}
    if isinstance(field, forms.DecimalField):
        return AMOUNT
    if isinstance(field, forms.IntegerField):
        return {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}
    if isinstance(field, forms.DateField):
        return {"type": "string", "format": "date"}
    return {
        "type": "string",
        "minLength": 1,
        "maxLength": getattr(field, "max_length", None) or 500,
    }


FILTERED: Mapping[str, QueryPart] = {
    name: QueryText(ABOUT[name], _schema_of(part.read)) for name, part in PARTS.items()
}
PAGED: Mapping[str, QueryPart] = {
    "before": QueryNumber(1, LARGEST_ID, "What follows the picture with this id."),
    "limit": QueryNumber(1, MOST_ON_A_PAGE, f"How many, {MOST_ON_A_PAGE} if absent."),
    "count": QueryNumber(0, 1, "1: say how many there are; a filter is counted to 2000."),
}


def read_gallery(data: QueryDict, *, team: bool) -> Sought:
    """Read the filter of an address.

    Raises FieldRefused for a value that cannot be read and for a filter this gallery has not.
    """
    sought = read_sought(data, team=team)
    errors = SoughtForm(data).errors
    for name in data:
        if name in errors:
            raise wrong(name, data.get(name, ""))
        if name in PARTS and data.get(name) and name not in sought.values:
            unknown = N_("This address knows no %(name)s.")
            raise FieldRefused(Fault(name, unknown, {"name": name}), "unknown_parameter")
    return sought
