"""How screens name what a row is booked on."""

from django.conf import settings
from django.utils.translation import gettext as _

from omixa_studio.gateway.address import SANDBOX
from omixa_studio.models import Generation


def target_name(target: str) -> str:
    """A gateway's host, or the word for practice."""
    return _("practice") if target == SANDBOX else target


def elsewhere(row: Generation) -> str:
    """The name of what a row is booked on, "" where the studio works for that now."""
    return "" if row.target == settings.GATEWAY_TARGET else target_name(row.target)


def is_practice(row: Generation) -> bool:
    """Whether a row is practice among money; what an older gateway billed is money, too."""
    return row.target == SANDBOX != settings.GATEWAY_TARGET
