"""What a request tells of who sits there: from which address, when they last proved it, and
where they want to go."""

import time
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils.http import url_has_allowed_host_and_scheme

from omixa_studio.env import read_address

PROVED_AT = "proved_at"
# How long a typed password allows an admin's acts, in seconds: long enough for several changes,
# too short for somebody else at a screen that was left.
PROOF_LASTS = 30 * 60


def address_of(request: HttpRequest) -> str:
    """Return the visitor's address as the trusted proxies (STUDIO_PROXIES) tell it; "" if none.

    Each trusted proxy adds one entry at the end, so no more than that many are believed;
    where there are fewer, the visitor came by a shorter way. What is no address is not kept.
    """
    told = request.headers.get("x-forwarded-for", "") if settings.PROXIES else ""
    entries = [entry.strip() for entry in told.split(",") if entry.strip()]
    believed = entries[-settings.PROXIES :][:1] or [request.META.get("REMOTE_ADDR") or ""]
    return _as_address(believed[0])


def is_path_here(text: str) -> bool:
    """Say whether a text out of a form (`next`) is a path of the studio, and leads nowhere else."""
    return text.startswith("/") and url_has_allowed_host_and_scheme(text, allowed_hosts=None)


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


def _as_address(written: str) -> str:
    """Return an address without its port, "" where it is none."""
    host, _port = split_domain_port(written)
    for text in (written, host.strip("[]")):
        with suppress(ValueError):
            return str(read_address(text))
    return ""
