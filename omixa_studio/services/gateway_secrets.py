"""The secrets of the gateway's keys: sealed in rows, opened only to send a request or to mask them.

Whatever opens one tells gateway/redaction.py first, so that no log, answer or error keeps it.
"""

from collections.abc import Sequence
from contextlib import suppress

from omixa_studio.gateway import redaction
from omixa_studio.models import GatewayKey, GatewaySecret

from . import pauses
from .sealing import NotReadable, seal, unseal

PURPOSE = "gateway keys"

# Sealed texts whose secrets this process has told to redaction, so that each is opened once.
_learned: set[str] = set()


class KeyPaused(Exception):
    """An admin paused the key: its requests wait."""


def sealed(secret: str) -> str:
    """Return a secret as a row keeps it, and mask it from now on."""
    redaction.hide(secret)
    return seal(secret, purpose=PURPOSE)


def secret_of(key_id: int, target: str) -> str:
    """Return the secret with which a request to a target is to be sent at this moment.

    Raises KeyPaused, or NotReadable if there is no secret for that gateway, or if it was sealed
    with another secret of the studio.
    """
    key = GatewayKey.objects.filter(pk=key_id, target=target, ended_at=None).first()
    if key is None:
        raise NotReadable
    if key.paused_at:
        raise KeyPaused
    return _opened(_current([key.pk]).get(key.pk, ""))


def digests(target: str) -> dict[int, str]:
    """Return by key of a target what pauses compare; that of "" for one that cannot be read."""
    rows = GatewayKey.objects.filter(target=target, ended_at=None)
    keys = list(rows.values_list("pk", flat=True))
    if not keys:
        return {}
    now = _current(keys)
    return {pk: pauses.digest(_opened_if_readable(now.get(pk, ""))) for pk in keys}


def readable(keys: Sequence[GatewayKey]) -> set[int]:
    """Return the ids of those of some keys whose secrets can be opened."""
    now = _current([key.pk for key in keys])
    return {pk for pk, text in now.items() if _opened_if_readable(text)}


def owner_of(secret: str) -> GatewayKey | None:
    """Return the key that has a secret now, whatever its gateway; None if none has."""
    rows = GatewaySecret.objects.filter(replaced_at=None, key__ended_at=None)
    found = (row.key for row in rows.select_related("key") if _same(row.sealed, secret))
    return next(found, None)


def learn() -> None:
    """Let this process mask every secret, also replaced ones: answers to them may still come."""
    for text in GatewaySecret.objects.values_list("sealed", flat=True):
        if text not in _learned and _opened_if_readable(text):
            _learned.add(text)


def _current(keys: Sequence[int]) -> dict[int, str]:
    rows = GatewaySecret.objects.filter(key__in=keys, replaced_at=None)
    return dict(rows.values_list("key", "sealed"))


def _same(text: str, secret: str) -> bool:
    return _opened_if_readable(text) == secret


def _opened_if_readable(text: str) -> str:
    with suppress(NotReadable):
        return _opened(text)
    return ""


def _opened(text: str) -> str:
    secret = unseal(text, purpose=PURPOSE)
    redaction.hide(secret)
    return secret
