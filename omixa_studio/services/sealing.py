"""Secrets in rows, sealed with the secret of the studio: a copy of the database opens none."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


class NotReadable(Exception):
    """A secret was sealed with another STUDIO_SECRET_KEY, or is damaged."""


def seal(text: str, *, purpose: str) -> str:
    """Return a text encrypted; what is sealed for one purpose opens for no other."""
    return _box(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """Return a sealed text. Raises NotReadable."""
    try:
        return _box(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise NotReadable from None


def _box(purpose: str) -> Fernet:
    key = hashlib.sha256(f"sealed for {purpose} by {settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
