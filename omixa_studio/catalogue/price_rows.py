"""Read the prices by quality and size of a catalogue file, one row each.

Applied completely or not at all: holds based on a half-understood list would be wrong.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeGuard

from . import schema
from .records import N_, Field, Mistaken, PriceRow, Sentence

MOST_ROWS = 200
MOST_TIMES = 1_000
BY = ("quality", "size")


def read_price_rows(
    value: object, fields: Mapping[str, Field], image_price: Decimal | None
) -> tuple[tuple[PriceRow, ...], list[schema.Mistake]]:
    """Return the rows of a list, or none and the errors, each with its row number."""
    if not _is_list_of_tables(value):
        told = N_(
            "This must be a list of up to %(most)s tables, "
            'such as [{ quality = "high", price = "0.25" }].'
        )
        return (), [("prices", Sentence(told, {"most": MOST_ROWS}))]
    rows: list[PriceRow] = []
    mistakes: list[schema.Mistake] = []
    for number, table in enumerate(value, start=1):
        values, wrong = schema.clean(table, ROW)
        said = [schema.keyed(key, why) for key, why in wrong]
        row = PriceRow(**values)
        said = said or list(_misfits(row, values, fields, image_price))
        if not said and any((row.quality, row.size) == (one.quality, one.size) for one in rows):
            said = [Sentence(N_("There is a row for this quality and size already."))]
        rows.append(row)
        mistakes += [("prices", _in_row(number, why)) for why in said]
    return ((), mistakes) if mistakes else (tuple(rows), [])


def _is_list_of_tables(value: object) -> TypeGuard[list[dict[str, object]]]:
    if not isinstance(value, list) or len(value) > MOST_ROWS:
        return False
    return all(isinstance(table, dict) for table in value)


def _misfits(
    row: PriceRow, values: Mapping[str, Any], fields: Mapping[str, Field], base: Decimal | None
) -> Iterator[Sentence]:
    if not any(name in values for name in BY):
        yield Sentence(N_("A row names a quality, a size or both."))
    if ("price" in values) == ("times" in values):
        yield Sentence(N_("A row gives either a price or times."))
    elif "times" in values and base is None:
        yield Sentence(N_("times multiplies image_price, which this model does not have."))
    for name in BY:
        if name in values:
            yield from _unknown_value(name, values[name], fields.get(name))


def _unknown_value(name: str, value: str, field: Field | None) -> Iterator[Sentence]:
    if field is None:
        yield Sentence(N_("This model has no field %(name)s."), {"name": name})
    elif field.accepted and field.accepted_is_complete and value not in field.accepted:
        words = {"value": schema.shown(value), "words": ", ".join(field.accepted)}
        yield schema.keyed(name, Sentence(N_("%(value)s is not one of %(words)s."), words))


def _in_row(number: int, why: Sentence) -> Sentence:
    return Sentence(N_("Row %(row)s: %(why)s"), {"row": number, "why": why})


def _times(value: object) -> Decimal:
    factor = schema.number(value)
    if not 0 < factor <= MOST_TIMES:
        raise Mistaken(N_("This must be above 0 and at most %(most)s."), most=MOST_TIMES)
    return factor


ROW: Mapping[str, schema.Reader] = {
    "quality": schema.some_text,
    "size": schema.some_text,
    "price": schema.money,
    "times": _times,
}
