"""Pauses of the queue, for every worker of a target at once."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from omixa_studio.gateway.errors import Told
from omixa_studio.models import Pause
from omixa_studio.queries.pauses import holding_pauses


def pause(
    target: str,
    reason: str,
    *,
    error: Sequence[Told],
    seconds: float | None = None,
    key: str = "",
) -> None:
    """Stop claiming for some seconds; without, until a person resumes or the key changes.

    A timed pause never shortens one that is longer or open-ended.
    """
    until = None if seconds is None else Now() + timedelta(seconds=seconds)
    told = {"reason": reason, "error": list(error), "until": until, "key_digest": digest(key)}
    row, made = Pause.objects.get_or_create(target=target, defaults=told)
    if made:
        return
    # One conditional statement: of two concurrent pauses the longer one stays.
    weaker = Pause.objects.filter(pk=row.pk, until__isnull=False)
    if until is not None:
        weaker = weaker.filter(until__lt=until)
    weaker.update(**told, since=Now())


def replace(target: str, reason: str, *, error: Sequence[Told]) -> None:
    """Stop claiming until a person resumes, replacing any other pause."""
    told = {"reason": reason, "error": list(error), "until": None, "since": Now()}
    Pause.objects.update_or_create(target=target, defaults={**told, "key_digest": ""})


def resume(target: str, *, reason: str = "") -> int:
    """End the pause of a target, optionally only one with this reason; return how many ended."""
    rows = Pause.objects.filter(target=target)
    return (rows.filter(reason=reason) if reason else rows).delete()[0]


def end_outdated(target: str, key: str) -> None:
    """Delete pauses that have expired or whose key is no longer in use."""
    other_key = Q(until=None, reason__in=("key", "balance")) & ~Q(key_digest=digest(key))
    rows = Pause.objects.filter(target=target)
    over = ~Q(pk__in=holding_pauses(target).values("pk"))
    rows.filter(over | other_key).delete()


def digest(key: str) -> str:
    """Return a hash that distinguishes keys without revealing them."""
    return hashlib.sha256(f"omixa-studio pause {key}".encode()).hexdigest()
