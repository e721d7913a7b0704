"""Known devices: a signed cookie tells where an account has logged in before."""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

DEVICE_SALT = "omixa_studio.known_device"
# Browsers keep no cookie for longer than 400 days.
DEVICE_SECONDS = 400 * 24 * 3600
MOST_ACCOUNTS_OF_A_DEVICE = 8


def known_device(request: HttpRequest, account: int) -> str:
    """Return the device's id, "" unless this account has logged in on it before."""
    device, accounts = _device(request)
    return device if account in accounts else ""


def remember_device(request: HttpRequest, response: HttpResponse, account: int) -> None:
    """Remember the device for this account, in a cookie sent to the login page only."""
    device, accounts = _device(request)
    latest = [account, *(one for one in accounts if one != account)]
    told = {"device": device, "accounts": latest[:MOST_ACCOUNTS_OF_A_DEVICE]}
    response.set_cookie(
        settings.KNOWN_DEVICE_COOKIE_NAME,
        signing.dumps(told, salt=DEVICE_SALT),
        max_age=DEVICE_SECONDS,
        path=reverse("account_login"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _device(request: HttpRequest) -> tuple[str, list[int]]:
    signed = request.COOKIES.get(settings.KNOWN_DEVICE_COOKIE_NAME, "")
    try:
        told = signing.loads(signed, salt=DEVICE_SALT, max_age=DEVICE_SECONDS)
    except signing.BadSignature:
        return secrets.token_urlsafe(12), []
    return told["device"], told["accounts"]
