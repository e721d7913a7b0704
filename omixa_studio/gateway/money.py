"""Amounts, from the text on the wire to a Decimal without floats."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from omixa_studio.gateway.redaction import clean

_MONEY = re.compile(r"(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,6})?")
BILLION = 10**9


def parse_money(value: object) -> Decimal | None:
    """Return dollars from a string or a JSON number kept as text; None if unclear.

    Unclear means more than six places, a sign, an exponent, a thousands mark, NaN, empty, a
    billion or more. A float is refused as well: it is no longer what was received.
    """
    if type(value) is int and 0 <= value < BILLION:
        value = str(value)
    if not isinstance(value, str) or not _MONEY.fullmatch(value):
        return None
    return Decimal(value)


def billed_in(document: Mapping[str, object]) -> str:
    """Return the text of usage.billed_amount as received, "" if there is none."""
    usage = document.get("usage")
    amount = usage.get("billed_amount") if isinstance(usage, dict) else None
    return clean(amount, most=64) if isinstance(amount, str) else ""
