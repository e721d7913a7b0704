"""The texts about a limit, by its period. No query."""

from dataclasses import dataclass
from decimal import Decimal

from django import template
from django.utils.translation import gettext

from omixa_studio.catalogue.records import N_
from omixa_studio.models import Period

from .studio import estimate, left

register = template.Library()


@dataclass(frozen=True)
class Words:
    """What a request would leave of a limit; `short` if it exceeds what is left."""

    short: str
    leaves: str
    label: str


WORDS = {
    Period.DAY: Words(
        short=N_("reserves %(held)s, more than the %(left)s left today"),
        leaves=N_("leaves %(amount)s today"),
        label=N_("Left today after it"),
    ),
    Period.WEEK: Words(
        short=N_("reserves %(held)s, more than the %(left)s left this week"),
        leaves=N_("leaves %(amount)s this week"),
        label=N_("Left this week after it"),
    ),
    Period.MONTH: Words(
        short=N_("reserves %(held)s, more than the %(left)s left this month"),
        leaves=N_("leaves %(amount)s this month"),
        label=N_("Left this month after it"),
    ),
}


@register.simple_tag
def short_of(amount: Decimal, period: str, held: Decimal) -> str:
    """Return the text for a request that reserves more dollars than are left."""
    amounts = {"left": left(amount), "held": estimate(held)}
    return gettext(WORDS[Period(period)].short) % amounts


@register.filter
def leaves_of(amount: Decimal, period: str) -> str:
    """Return the text for the dollars that a request leaves."""
    return gettext(WORDS[Period(period)].leaves) % {"amount": left(amount)}


@register.filter
def leaves_label(period: str) -> str:
    """Return the label for what a request leaves, in a list of figures."""
    return gettext(WORDS[Period(period)].label)
