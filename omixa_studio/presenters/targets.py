"""The names of targets on screens."""

from django.conf import settings
from django.utils.translation import gettext as _

from omixa_studio.gateway.address import SANDBOX
from omixa_studio.models import Generation


def target_name(target: str) -> str:
    """Return a gateway's host, or the word for practice."""
    return _("practice") if target == SANDBOX else target


def elsewhere(row: Generation) -> str:
    """Return the name of a row's target; "" if it is the studio's current one."""
    return "" if row.target == settings.GATEWAY_TARGET else target_name(row.target)


def is_practice(row: Generation) -> bool:
    """Return whether a row is practice among money; a former gateway's bills are money too."""
    return row.target == SANDBOX != settings.GATEWAY_TARGET
