"""The keys of a catalogue file: one reader per key; other keys are errors.

A reader takes a value as tomllib gives it (numbers with a point as Decimal) and returns the value
of the record. It raises Mistaken with a sentence for people.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from .records import N_, Mistaken, Sentence

Reader = Callable[[object], Any]
Mistake = tuple[str, Sentence]

# Form fields of the studio, and options that the image endpoint does not have.
RESERVED = frozenset({"model", "click", "input_pictures", "csrfmiddlewaretoken", "stream"})
OPERATIONS = ("generate", "edit", "upscale", "remove_background")
LARGEST = Decimal(10) ** 15


def clean(
    table: Mapping[str, object], readers: Mapping[str, Reader]
) -> tuple[dict[str, Any], list[Mistake]]:
    """Read every key of a table; return the valid values, and (key, sentence) for the others."""
    values: dict[str, Any] = {}
    mistakes: list[Mistake] = []
    for key, value in table.items():
        reader = readers.get(key)
        if reader is None:
            mistakes.append((key, _no_such_key(key, readers)))
            continue
        try:
            values[key] = reader(value)
        except Mistaken as wrong:
            mistakes.append((key, wrong.said))
    return values, mistakes


def keyed(key: str, why: Sentence) -> Sentence:
    """Prefix a sentence with its key."""
    return Sentence("%(key)s: %(why)s", {"key": key, "why": why})


def shown(value: object) -> str | Sentence:
    """Format a value of a file for a sentence, cut to a readable length."""
    if isinstance(value, dict | list):
        return Sentence(N_("a table") if isinstance(value, dict) else N_("a list"))
    if isinstance(value, int) and abs(value) > LARGEST:
        return Sentence(N_("so large a number"))
    text = str(value)
    text = "".join(letter if letter.isprintable() else "?" for letter in text[:200])
    return f'"{text[:39]}…"' if len(text) > 40 else f'"{text}"'


def money(value: object) -> Decimal:
    """Read dollars with at most six places. A TOML float has already lost the exact amount."""
    if isinstance(value, Decimal):
        raise Mistaken(N_('Money must be written as text, such as "0.04", so that it stays exact.'))
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Mistaken(N_('Money must be text such as "0.04" or a whole number of dollars.'))
    written = value if isinstance(value, str) else str(shown(value)).strip('"')
    if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", written):
        raise Mistaken(
            N_(
                "%(value)s is not an amount in dollars: use digits, a point and at most six "
                'decimals, such as "0.04".'
            ),
            value=shown(value),
        )
    return Decimal(written)


def price(value: object) -> Decimal | None:
    """Read dollars, or None for the word "unknown"."""
    return None if value == "unknown" else money(value)


def number(value: object) -> Decimal:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", value):
        return Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Mistaken(N_("This must be a number."))
    exact = Decimal(value)
    if not exact.is_finite() or abs(exact) > LARGEST or int(exact.as_tuple().exponent) < -15:
        raise Mistaken(N_("This number is not finite, too large or has too many decimals."))
    return exact


def whole(low: int, high: int) -> Reader:
    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise Mistaken(
                N_("This must be a whole number from %(low)s to %(high)s."), low=low, high=high
            )
        return value

    return read


def yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise Mistaken(N_("This must be true or false, without quotes."))
    return value


def text(value: object) -> str:
    if not isinstance(value, str):
        raise Mistaken(N_("This must be text in quotes."))
    if len(value) > 500 or not all(letter.isprintable() for letter in value):
        raise Mistaken(N_("This must be one line of at most 500 characters."))
    return value


def some_text(value: object) -> str:
    if not text(value).strip():
        raise Mistaken(N_("This must not be empty."))
    return text(value)


def one_of(*words: str) -> Reader:
    def read(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise Mistaken(
                N_("%(value)s is not one of %(words)s."),
                value=shown(value),
                words=", ".join(words),
            )
        return value

    return read


def texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > 200:
        raise Mistaken(N_('This must be a list of texts, such as ["1K", "2K"].'))
    listed = tuple(some_text(one) for one in value)
    if len(set(listed)) != len(listed):
        raise Mistaken(N_("This list says something twice."))
    return listed


def operations(value: object) -> tuple[str, ...]:
    listed = texts(value)
    if not listed or not set(listed) <= set(OPERATIONS):
        raise Mistaken(
            N_("This must be a list with some of %(words)s."), words=", ".join(OPERATIONS)
        )
    return listed


def words_by_name(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise Mistaken(N_('This must be a table, such as { png = "PNG" }.'))
    return {some_text(key): some_text(word) for key, word in value.items()}


def default(value: object) -> str:
    """Read a field's default as the text that a form would send."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return text(value)
    return f"{number(value):f}"


def anything(value: object) -> object:
    return value


FIELD: Mapping[str, Reader] = {
    "type": one_of("string", "integer", "number", "boolean", "images", "image"),
    "required": yes_or_no,
    "accepted": texts,
    "accepted_is_complete": yes_or_no,
    "minimum": number,
    "maximum": number,
    "min_length": whole(0, 10**9),
    "max_length": whole(1, 10**9),
    "min_items": whole(0, 100),
    "max_items": whole(1, 100),
    "default": default,
    "label": some_text,
    "help": text,
    "names": words_by_name,
    "advanced": yes_or_no,
    "hint": text,
}

MODEL: Mapping[str, Reader] = {
    "like": some_text,
    "without": texts,
    "name": some_text,
    "summary": text,
    "provider": some_text,
    "family": one_of("google", "openai", "stability"),
    "operations": operations,
    "image_price": price,
    "prices": anything,
    "minimum_hold": price,
    "input_token_price": price,
    "output_token_price": price,
    "max_images": whole(1, 100),
    "max_count": whole(1, 100),
    "mask_encoding": one_of("image_part", "data_url"),
    "mask_confirmed": yes_or_no,
    "enabled": yes_or_no,
    "retiring": yes_or_no,
    "fields": anything,
}

# Only the built-in files may state the origin of a fact.
BUILT_IN_FIELD: Mapping[str, Reader] = {
    **FIELD,
    "source": one_of("inferred"),
    "basis": some_text,
}
BUILT_IN_MODEL: Mapping[str, Reader] = {
    **MODEL,
    "page": some_text,
    "inferred": words_by_name,
}

DOCUMENT: Mapping[str, Reader] = {
    "unknown_price_hold": money,
    "ask_above": money,
    "default_model": some_text,
    "aliases": anything,
    "models": anything,
}


def _no_such_key(key: str, readers: Mapping[str, Reader]) -> Sentence:
    params = {"key": shown(key), "keys": ", ".join(readers)}
    return Sentence(N_("There is no key %(key)s here; known are %(keys)s."), params)
