"""The texts about a limit, by its period. No query."""

from dataclasses import dataclass
from decimal import Decimal

from django import template
from django.utils.translation import gettext

from omixa_studio.catalogue.records import N_
from omixa_studio.models import Period

from .studio import left

register = template.Library()


@dataclass(frozen=True)
class Words:
    """What a request would leave of a limit; `short` if it exceeds what is left."""

    short: str
    leaves: str
    label: str


WORDS = {
    Period.MONTH: Words(
        short=N_("more than the %(left)s left this month"),
        leaves=N_("leaves %(amount)s this month"),
        label=N_("Left this month after it"),
    ),
}


@register.filter
def short_of(amount: Decimal, period: str) -> str:
    """Return the text for a request that costs more than the dollars left."""
    return gettext(WORDS[Period(period)].short) % {"left": left(amount)}


@register.filter
def leaves_of(amount: Decimal, period: str) -> str:
    """Return the text for the dollars that a request leaves."""
    return gettext(WORDS[Period(period)].leaves) % {"amount": left(amount)}


@register.filter
def leaves_label(period: str) -> str:
    """Return the label for what a request leaves, in a list of figures."""
    return gettext(WORDS[Period(period)].label)
