"""Make request fields from the tables of a catalogue file."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from . import schema
from .records import N_, Fault, Field, Sentence
from .rules import check_value, parse_value

NUMBERS = ("integer", "number")
SUITS: Mapping[str, tuple[str, ...]] = {
    "accepted": ("string",),
    "min_length": ("string",),
    "max_length": ("string",),
    "minimum": NUMBERS,
    "maximum": NUMBERS,
    "min_items": ("images",),
    "max_items": ("images",),
    "default": ("string", "boolean", *NUMBERS),
}
FIXED_TYPES = {"prompt": "string", "n": "integer", "input_images": "images", "mask": "image"}
MOST_PICTURES = 100


def lay_fields(
    base: tuple[Field, ...], tables: object, *, built_in: bool
) -> tuple[tuple[Field, ...], list[schema.Mistake]]:
    """Merge field tables into existing fields; an error names the field and the key."""
    if not isinstance(tables, dict):
        return base, [("fields", Sentence(N_("This must be a table of tables, one per field.")))]
    fields = {field.name: field for field in base}
    mistakes: list[schema.Mistake] = []
    for name, table in tables.items():
        field, wrong = _lay_field(fields.get(name), name, table, built_in=built_in)
        mistakes += [(name, said) for said in wrong]
        if field is not None:
            fields[name] = field
    return tuple(fields.values()), mistakes


def _lay_field(
    base: Field | None, name: str, table: object, *, built_in: bool
) -> tuple[Field | None, list[Sentence]]:
    if not isinstance(table, dict):
        return base, [Sentence(N_('This must be a table, such as { default = "1K" }.'))]
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name) or name in schema.RESERVED:
        no_name = N_("%(name)s cannot be the name of a field.")
        return base, [Sentence(no_name, {"name": schema.shown(name)})]
    readers = schema.BUILT_IN_FIELD if built_in else schema.FIELD
    values, mistakes = schema.clean(table, readers)
    wrong = [schema.keyed(key, said) for key, said in mistakes]
    if base is None and "type" not in values:
        return None, wrong or [_about("type", N_("A new field must have this."))]
    field = _with_values(base, name, values, built_in=built_in)
    misfits = list(_wrong_type(field)) or list(_misfits(field))
    return (base, wrong + misfits) if misfits else (field, wrong)


def _with_values(
    base: Field | None, name: str, values: Mapping[str, Any], *, built_in: bool
) -> Field:
    if base is None:
        base = Field(
            name=name,
            type=values["type"],
            label=name.replace("_", " ").capitalize(),
            source="documented" if built_in else "configured",
        )
    own = () if built_in else tuple(values)
    return replace(base, **values, changed=tuple(dict.fromkeys((*base.changed, *own))))


def _wrong_type(field: Field) -> Iterator[Sentence]:
    wanted = FIXED_TYPES.get(field.name)
    if wanted not in (None, field.type):
        always = N_("%(field)s is always of type %(type)s.")
        yield _about("type", always, field=field.name, type=wanted)
    elif field.type in ("images", "image") and wanted != field.type:
        yield _about("type", N_("Only input_images and mask carry images."))


def _misfits(field: Field) -> Iterator[Sentence]:
    for key, types in SUITS.items():
        if getattr(field, key) not in (None, (), "") and field.type not in types:
            yield _about(key, N_("A field of type %(type)s has no such limit."), type=field.type)
    yield from _crossed_limits(field)
    if field.name == "n":
        yield from _odd_count(field)
    if field.default:
        yield from _odd_default(field)


def _crossed_limits(field: Field) -> Iterator[Sentence]:
    pairs = (("minimum", "maximum"), ("min_length", "max_length"), ("min_items", "max_items"))
    for low_key, high_key in pairs:
        low, high = getattr(field, low_key), getattr(field, high_key)
        if low is not None and high is not None and low > high:
            crossed = N_("%(low)s is above %(key)s, %(high)s.")
            yield _about(low_key, crossed, low=low, key=high_key, high=high)


def _odd_count(field: Field) -> Iterator[Sentence]:
    low, high = field.minimum, field.maximum
    if low is None or high is None or low < 1 or high > MOST_PICTURES or high % 1:
        odd = N_("n needs a minimum of at least 1 and a maximum of up to %(most)s.")
        yield _about("maximum", odd, most=MOST_PICTURES)


def _odd_default(field: Field) -> Iterator[Sentence]:
    value = parse_value(field, field.default)
    fault = value if isinstance(value, Fault) else check_value(field, value)
    if fault:
        yield _about("default", fault.template, **fault.params)


def _about(about: str, template: str, /, **params: object) -> Sentence:
    return schema.keyed(about, Sentence(template, params))
