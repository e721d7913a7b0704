"""Dollars as people type them: one way to read them, and the exact reason for a refusal."""

import re
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

TYPED = re.compile(r"\$?\s*([0-9]+)(?:\.([0-9]+))?")
MOST_DIGITS = 9
# Longer texts are rejected unread; nobody types that much by hand.
LONGEST = 60


def read_dollars(text: str, *, places: int) -> Decimal | None:
    """Return the dollars of a text with at most `places` decimals, None if it is no amount.

    Raises ValidationError for an amount that could be misread, or is too large.
    """
    # "1,000" is a thousand to one reader and one dollar to another.
    if "," in text:
        raise ValidationError(_("Use a point before the cents and no comma: 1000.50."), "comma")
    found = TYPED.fullmatch(text)
    if not found or len(found[2] or "") > places:
        return None
    if len(found[1].lstrip("0")) > MOST_DIGITS:
        raise ValidationError(_("This is too much: at most $999999999.99 can be written."), "large")
    return Decimal(f"{found[1]}.{found[2] or 0}")
