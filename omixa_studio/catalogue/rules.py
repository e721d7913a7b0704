"""Check whether choices fit an image model: one sentence for people per fault.

Pure functions, shared by the form, the sandbox and the worker.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal

from .records import N_, Fault, Field, ImageModel, Value

INTEGER = re.compile(r"-?[0-9]{1,15}")
NUMBER = re.compile(r"-?([0-9]{1,15}(\.[0-9]{0,15})?|\.[0-9]{1,15})")


# Limit in characters for texts without a documented one: far above any real prompt.
LONGEST_TEXT = 20_000


def parse_choice(
    model: ImageModel, texts: Mapping[str, str]
) -> tuple[dict[str, Value], tuple[Fault, ...]]:
    """Convert form text to JSON values. Empty text is omitted: the model's own default applies.

    Faults are texts that are no value of their field's type; check_choice does the rest.
    """
    choice: dict[str, Value] = {}
    faults: list[Fault] = []
    for name, text in texts.items():
        if not text.strip():
            # Empty means the model's default, but only for a field that the model has.
            faults += [] if model.field(name) else [_unknown(model, name)]
            continue
        parsed = _parse(model, name, text)
        if isinstance(parsed, Fault):
            faults.append(parsed)
        else:
            choice[name] = parsed
    return choice, tuple(faults)


def check_choice(
    model: ImageModel, choice: Mapping[str, object], *, images: int = 0, mask: bool = False
) -> tuple[Fault, ...]:
    """Return the faults of a typed choice; empty when it fits the model.

    `images` is the number of input images, `mask` whether a mask is sent with them.
    """
    faults = [fault for field in model.fields for fault in _missing(field, choice)]
    for name, value in choice.items():
        field = model.field(name)
        fault = _unknown(model, name) if field is None else check_value(field, value)
        faults += [fault] if fault else []
    return (*faults, *_check_images(model, images), *_check_mask(model, images, mask))


def choice_texts(choice: Mapping[str, Value]) -> dict[str, str]:
    """Convert JSON values back to form text that parse_choice reads as the same values."""
    return {name: _as_text(value) for name, value in choice.items()}


def check_value(field: Field, value: object) -> Fault | None:
    """Return the fault of one typed value, None when it fits its field."""
    if field.type in ("images", "image"):
        return _fault(field, N_("%(label)s: upload a file here, not text."))
    if field.type == "boolean":
        return None if isinstance(value, bool) else _not_yes_or_no(field, value)
    if field.type == "string":
        return _check_text(field, value)
    return _check_number(field, value)


def parse_value(field: Field, text: str) -> Value | Fault:
    """Convert one text to the JSON value of its field, or return the fault."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if field.type == "string" and not field.accepted:
        return text
    text = text.strip()
    if field.type == "string":
        return text
    if field.type == "boolean":
        return text == "true" if text in ("true", "false") else _not_yes_or_no(field, text)
    if field.type == "integer":
        return int(text) if INTEGER.fullmatch(text) else _no_integer(field, text)
    if field.type == "number":
        return _json_number(text) if NUMBER.fullmatch(text) else _not_number(field, text)
    return _fault(field, N_("%(label)s: upload a file here, not text."))


def _parse(model: ImageModel, name: str, text: str) -> Value | Fault:
    field = model.field(name)
    return _unknown(model, name) if field is None else parse_value(field, text)


def _json_number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def _as_text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{Decimal(repr(value)):f}"
    return str(value)


def _missing(field: Field, choice: Mapping[str, object]) -> Iterator[Fault]:
    if not field.required or field.name in choice or field.type in ("images", "image"):
        return
    if field.name == "prompt":
        yield _fault(field, N_("%(label)s: describe what you would like to see."))
    else:
        yield _fault(field, N_("%(label)s is required."))


def _check_text(field: Field, value: object) -> Fault | None:
    if not isinstance(value, str):
        return _fault(field, N_("%(label)s must be text."))
    if field.accepted and field.accepted_is_complete:
        return None if value in field.accepted else _not_accepted(field, value)
    if not value.strip():
        return _fault(field, N_("%(label)s is empty."))
    if any(_cannot_be_sent(letter) for letter in value):
        return _fault(field, N_("%(label)s contains a character that cannot be sent."))
    return _check_length(field, len(value))


def _check_length(field: Field, length: int) -> Fault | None:
    if field.min_length is not None and length < field.min_length:
        short = N_("%(label)s is too short: %(length)s characters, at least %(limit)s are needed.")
        return _fault(field, short, length=length, limit=field.min_length)
    most = LONGEST_TEXT if field.max_length is None else field.max_length
    if length > most:
        long = N_("%(label)s is too long: %(length)s characters, at most %(limit)s are allowed.")
        return _fault(field, long, length=length, limit=most)
    return None


def _check_number(field: Field, value: object) -> Fault | None:
    if field.type == "integer" and (isinstance(value, bool) or not isinstance(value, int)):
        return _not_whole(field, value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return _not_number(field, value)
    # Compare by a float's shortest text, as typed: 0.1 is not below a minimum of 0.1.
    exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not exact.is_finite():
        return _not_number(field, value)
    below = field.minimum is not None and exact < field.minimum
    above = field.maximum is not None and exact > field.maximum
    return _out_of_range(field, value) if below or above else None


def _check_images(model: ImageModel, images: int) -> Iterator[Fault]:
    low, high = model.min_images, model.max_images
    field = model.field("input_images")
    if low <= images <= high:
        return
    params = {"model": model.name, "low": low, "high": high, "count": images}
    if field is None:
        yield Fault("input_images", N_("%(model)s takes no images."), params)
    elif low == high == 1:
        one = N_("%(label)s: %(model)s works on exactly one, and %(count)s were given.")
        yield _fault(field, one, **params)
    elif low:
        between = N_("%(label)s: %(model)s takes %(low)s to %(high)s, and %(count)s were given.")
        yield _fault(field, between, **params)
    else:
        most = N_("%(label)s: %(model)s takes at most %(high)s, and %(count)s were given.")
        yield _fault(field, most, **params)


def _check_mask(model: ImageModel, images: int, mask: bool) -> Iterator[Fault]:
    field = model.field("mask")
    if mask and field is None:
        yield Fault("mask", N_("%(model)s takes no mask."), {"model": model.name})
    elif mask and not images and field:
        yield _fault(field, N_("%(label)s: a mask needs an input image."))
    elif field and field.required and not mask:
        yield _fault(field, N_("%(label)s is required."))


def _out_of_range(field: Field, value: object) -> Fault:
    params = {"low": _plain(field.minimum), "high": _plain(field.maximum), "value": _shown(value)}
    if field.maximum is None:
        return _fault(field, N_("%(label)s must be at least %(low)s, not %(value)s."), **params)
    if field.minimum is None:
        return _fault(field, N_("%(label)s must be at most %(high)s, not %(value)s."), **params)
    between = N_("%(label)s must be from %(low)s to %(high)s, not %(value)s.")
    return _fault(field, between, **params)


def _unknown(model: ImageModel, name: str) -> Fault:
    template = N_("%(model)s has no option called %(name)s.")
    return Fault(name, template, {"model": model.name, "name": _shown(name)})


def _not_accepted(field: Field, value: str) -> Fault:
    template = N_("%(label)s: %(value)s is not one of %(accepted)s.")
    return _fault(field, template, value=_shown(value), accepted=", ".join(field.accepted))


def _no_integer(field: Field, text: str) -> Fault:
    """Why a text is not read as an integer: a number of too many digits is whole all the same."""
    is_whole = text.isascii() and text.lstrip("+-").isdecimal()
    return _out_of_range(field, text) if is_whole and field.maximum else _not_whole(field, text)


def _not_whole(field: Field, value: object) -> Fault:
    return _fault(field, N_("%(label)s: %(value)s is not a whole number."), value=_shown(value))


def _not_number(field: Field, value: object) -> Fault:
    template = N_("%(label)s: %(value)s is not a number such as 0.3.")
    return _fault(field, template, value=_shown(value))


def _not_yes_or_no(field: Field, value: object) -> Fault:
    return _fault(field, N_("%(label)s: %(value)s is neither true nor false."), value=_shown(value))


def _fault(field: Field, template: str, **params: object) -> Fault:
    return Fault(field.name, template, {"label": field.label, **params})


def _cannot_be_sent(letter: str) -> bool:
    """Return the characters that cannot be sent: control characters and lone surrogates."""
    return letter not in "\n\r\t" and unicodedata.category(letter) in ("Cc", "Cs")


def _plain(limit: Decimal | None) -> str:
    return "" if limit is None else f"{limit:f}"


def _shown(value: object) -> str:
    """Format a value for a sentence: one short line, whatever it was."""
    if isinstance(value, str):
        text = "".join(letter if letter.isprintable() else " " for letter in value[:41]).strip()
        return f"{text[:40]}…" if len(text) > 40 else text or "…"
    if isinstance(value, float) or (isinstance(value, int) and abs(value) <= 10**15):
        return str(value)
    return "…"
