"""Facts about the visitor of a request: IP address, time of the last password check, and the
path to return to."""

import time
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.utils.http import url_has_allowed_host_and_scheme

from omixa_studio.hosts import is_loopback, read_address
from omixa_studio.sessions import BEGAN

PROVED_AT = "proved_at"
# Whether the login of a session was by single sign-on.
BY_PROVIDER = "by_provider"
# Seconds for which a typed password allows admin acts: long enough for several changes, too
# short for somebody else at an unattended screen.
PROOF_LASTS = 30 * 60


def address_of(request: HttpRequest) -> str:
    """Return the visitor's IP address as the trusted proxies (STUDIO_PROXIES) tell it, "" if none.

    Each trusted proxy adds one entry at the end, so only that many are believed; with fewer
    entries the visitor came through fewer proxies. Invalid addresses are dropped.
    """
    told = request.headers.get("x-forwarded-for", "") if settings.PROXIES else ""
    entries = [entry.strip() for entry in told.split(",") if entry.strip()]
    believed = entries[-settings.PROXIES :][:1] or [request.META.get("REMOTE_ADDR") or ""]
    return _as_address(believed[0])


def origin_of(request: HttpRequest) -> str:
    """Return by which address the studio is known: the public one, or this machine's own to it."""
    host, _port = split_domain_port(request.get_host())
    return f"{request.scheme}://{request.get_host()}" if is_loopback(host) else settings.STUDIO_URL


def is_path_here(text: str) -> bool:
    """Return whether a form's `next` is a path within the studio."""
    return text.startswith("/") and url_has_allowed_host_and_scheme(text, allowed_hosts=None)


def prove(request: HttpRequest) -> None:
    """Record that the person of this session has just given their password."""
    request.session[PROVED_AT] = time.time()


def proved_lately(request: HttpRequest) -> bool:
    """Return whether the password was given recently; a time in the future does not count."""
    age = time.time() - float(request.session.get(PROVED_AT, 0))
    return 0 <= age < PROOF_LASTS


@receiver(user_logged_in)
def _begin_session(request: HttpRequest, **_signal: Any) -> None:
    request.session[BEGAN] = int(time.time())
    prove(request)


def _as_address(written: str) -> str:
    """Return an address without its port, "" if it is invalid."""
    host, _port = split_domain_port(written)
    for text in (written, host.strip("[]")):
        with suppress(ValueError):
            return str(read_address(text))
    return ""
