"""Moments in the studio's time zone; days and months in the order of the language.

Callers write them in the English order.
"""

from datetime import date, datetime

from django.utils import formats, timezone
from django.utils.translation import get_language

# The longer come first: what one has replaced, no later one finds.
ORDERS = {
    "zh-hans": (
        ("D j E Y", "Y年n月j日 D"),
        ("D j E", "n月j日 D"),
        ("l, j E", "n月j日 l"),
        ("j E Y", "Y年n月j日"),
        ("j M Y", "Y年n月j日"),
        ("j E", "n月j日"),
        ("j M", "n月j日"),
        ("F Y", "Y年n月"),
        (", H:i", " H:i"),
    )
}


def local(moment: datetime) -> datetime:
    """Return a moment in the studio's time zone, whichever is active."""
    return timezone.localtime(moment, timezone.get_default_timezone())


def date_format(moment: date, form: str) -> str:
    """Return a day or a moment as Django's date_format does, in the order of the language."""
    return formats.date_format(moment, in_order(form))  # noqa: TID251 (this is its one place)


def in_order(form: str) -> str:
    """Return a format in the order of the active language: "j E Y" as "Y年n月j日"."""
    for english, other in ORDERS.get(get_language() or "", ()):
        form = form.replace(english, other)
    return form
