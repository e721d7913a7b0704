"""Arguments of the tools by which programs with language models use the studio. Saves nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.filters import Values

from .api_files import files_in
from .api_gallery import FILTERED, GALLERIES, MOST_ON_A_PAGE, read_gallery
from .api_images import (
    ABOUT_THE_ANSWER,
    LONGEST_KEY,
    FieldRefused,
    ImagesBody,
    read_body,
    wrong,
)
from .api_numbers import QueryNumber, read_numbers

LONGEST_WAIT, USUAL_WAIT = 55, 45
LARGEST_ID = 2**53
USUAL_FOUND = 20
SIDES = (128, 2048)
USUAL_SIDE = 1024
WAIT = QueryNumber(0, LONGEST_WAIT, "Seconds to wait for the pictures.")
ID = QueryNumber(1, LARGEST_ID, "")
# What a request for pictures has beside the fields of its model.
ABOUT_THE_ORDER = ("wait", "confirm_cost", "idempotency_key")


@dataclass(frozen=True, kw_only=True)
class OrderArguments:
    """What is asked for, how long to wait for it, up to how many dollars it was confirmed."""

    body: ImagesBody
    wait: int
    key: str
    confirmed: Decimal | None


@dataclass(frozen=True, kw_only=True)
class SearchArguments:
    """A gallery of GALLERIES, the values of its filters, and which of them: `limit`, `before`."""

    gallery: str
    values: Values
    numbers: Mapping[str, int]


def read_wanted(arguments: Mapping[str, Any]) -> ImagesBody:
    """Read what pictures a program wants; inputs make it an edit. Raises FieldRefused."""
    fields, files = files_in(arguments)
    for name in ABOUT_THE_ANSWER:
        if name in fields:
            raise unknown(name)
    return read_body(fields, files, is_edit=None, is_text=False)


def read_order(arguments: Mapping[str, Any]) -> OrderArguments:
    """Read a request for pictures, as `read_wanted`. Raises FieldRefused."""
    given = {name: value for name, value in arguments.items() if value is not None}
    key = given.get("idempotency_key", "")
    if not isinstance(key, str) or len(key) > LONGEST_KEY:
        raise wrong("idempotency_key", key)
    return OrderArguments(
        body=read_wanted({name: given[name] for name in given if name not in ABOUT_THE_ORDER}),
        wait=whole(given, "wait", WAIT, USUAL_WAIT),
        key=key,
        confirmed=_dollars(given.get("confirm_cost")),
    )


def read_search(arguments: Mapping[str, Any]) -> SearchArguments:
    """Read a search; a filter that cannot be honoured is not left out. Raises FieldRefused."""
    given = {name: value for name, value in arguments.items() if value not in (None, "")}
    where = given.pop("gallery", GALLERIES[0])
    if where not in GALLERIES:
        raise wrong("gallery", where)
    numbers = {"limit": whole(given, "limit", QueryNumber(1, MOST_ON_A_PAGE, ""), USUAL_FOUND)}
    if "before" in given:
        numbers["before"] = whole(given, "before", ID, 0)
    filters = {name: str(given[name]) for name in given if name not in ("limit", "before")}
    only(filters, *FILTERED)
    data = QueryDict(mutable=True)
    data.update(filters)
    values = read_gallery(data, team=where == "team").values
    return SearchArguments(gallery=where, values=values, numbers=numbers)


def whole(arguments: Mapping[str, Any], name: str, known: QueryNumber, usual: int) -> int:
    """Return a whole number among arguments, `usual` if it is absent. Raises FieldRefused."""
    if arguments.get(name) is None:
        return usual
    return read_numbers({name: str(arguments[name])}, {name: known})[name]


def only(arguments: Mapping[str, Any], *names: str) -> None:
    """Raise FieldRefused for the first argument that a tool does not know."""
    for name in arguments:
        if name not in names:
            raise unknown(name)


def unknown(name: str) -> FieldRefused:
    """Return the refusal of an argument that a tool does not know."""
    said = N_("This tool knows no %(name)s.")
    return FieldRefused(Fault(name[:40], said, {"name": name[:40]}), "unknown_parameter")


def _dollars(value: object) -> Decimal | None:
    if value is None:
        return None
    try:
        amount = Decimal(str(value).removeprefix("$"))
    except InvalidOperation:
        raise wrong("confirm_cost", value) from None
    if isinstance(value, bool) or not amount.is_finite() or amount < 0:
        raise wrong("confirm_cost", value)
    return amount
