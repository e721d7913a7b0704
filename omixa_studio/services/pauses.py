"""Pauses of the queue, for every worker of a target at once."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from omixa_studio.gateway.errors import Told
from omixa_studio.models import ENVIRONMENT, Pause
from omixa_studio.models.pauses import Reason
from omixa_studio.queries.pauses import holding_pauses

# What the gateway refuses to one key alone.
OF_A_KEY = (Reason.KEY, Reason.BALANCE, Reason.RATE, Reason.SEALED)
# What another secret may mend.
OF_A_SECRET = (Reason.KEY, Reason.BALANCE, Reason.SEALED)


def pause(
    target: str,
    reason: str,
    *,
    error: Sequence[Told],
    seconds: float | None = None,
    key: str = "",
    gateway_key: int | None = None,
) -> None:
    """Stop claiming for some seconds; without, until a person resumes or the key changes.

    Only requests with the key of id `gateway_key` wait, all if there is none. A timed pause never
    shortens one that is longer or open-ended.
    """
    until = None if seconds is None else Now() + timedelta(seconds=seconds)
    told = {"reason": reason, "error": list(error), "until": until, "key_digest": digest(key)}
    row, made = Pause.objects.get_or_create(target=target, gateway_key=gateway_key, defaults=told)
    if made:
        return
    # One conditional statement: of two concurrent pauses the longer one stays.
    weaker = Pause.objects.filter(pk=row.pk, until__isnull=False)
    if until is not None:
        weaker = weaker.filter(until__lt=until)
    weaker.update(**told, since=Now())


def key_paused_for(reason: str, gateway_key: int | None) -> int | None:
    """Return which requests a refusal of one with this key holds back; None for all."""
    return (gateway_key or ENVIRONMENT) if reason in OF_A_KEY else None


def replace(target: str, reason: str, *, error: Sequence[Told]) -> None:
    """Stop claiming until a person resumes, replacing any other pause of all requests."""
    told = {"reason": reason, "error": list(error), "until": None, "since": Now()}
    Pause.objects.update_or_create(
        target=target, gateway_key=None, defaults={**told, "key_digest": ""}
    )


def resume(target: str, *, reason: str = "", pk: int | None = None) -> int:
    """End pauses of a target: all, those with this reason, or the one of an id; return how many."""
    rows = Pause.objects.filter(target=target)
    rows = rows.filter(pk=pk) if pk else rows
    return (rows.filter(reason=reason) if reason else rows).delete()[0]


def end_outdated(target: str, key: str, others: Mapping[int, str] | None = None) -> None:
    """Delete pauses that have expired or whose secret is no longer in use.

    `key` is that of the environment; `others` are the digests of the other keys by their ids.
    """
    rows = Pause.objects.filter(target=target)
    over = ~Q(pk__in=holding_pauses(target).values("pk"))
    rows.filter(over).delete()
    now: dict[int | None, str] = {None: digest(key), ENVIRONMENT: digest(key)}
    for pk, digest_now in (others or {}).items():
        now[pk] = digest_now
    of_secrets = rows.filter(until=None, reason__in=OF_A_SECRET)
    for pk, whose, of in of_secrets.values_list("pk", "gateway_key", "key_digest"):
        if now.get(whose, of) != of:
            rows.filter(pk=pk, key_digest=of).delete()


def digest(key: str) -> str:
    """Return a hash that distinguishes keys without revealing them."""
    return hashlib.sha256(f"omixa-studio pause {key}".encode()).hexdigest()
