"""What a request tells of who sits there: from which address, and when they last proved it."""

import time
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.dispatch import receiver
from django.http import HttpRequest

PROVED_AT = "proved_at"
# How long a password that was typed counts for what only admins may do, in seconds.
PROOF_LASTS = 30 * 60


def address_of(request: HttpRequest) -> str:
    """Return the visitor's address, behind as many proxies as the settings trust; "" if none.

    What a header claims and is no address is not kept.
    """
    with suppress(PermissionDenied, ImproperlyConfigured, ValueError):
        return str(ip_address(get_adapter(request).get_client_ip(request).strip()))
    return ""


def prove(request: HttpRequest) -> None:
    """Remember that the person of this session has just given their password."""
    request.session[PROVED_AT] = time.time()


def proved_lately(request: HttpRequest) -> bool:
    """Say whether the password was given a short while ago; a clock set back is no proof."""
    age = time.time() - float(request.session.get(PROVED_AT, 0))
    return 0 <= age < PROOF_LASTS


@receiver(user_logged_in)
def _prove_by_login(request: HttpRequest, **_signal: Any) -> None:
    prove(request)
