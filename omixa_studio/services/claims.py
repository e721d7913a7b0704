"""Claims: claim, send guard, lease, expiry and return to the queue.

At most once: every step is one conditional update whose count of changed rows decides. A row goes
back to queued only while it is certain that nothing was bought.
"""

import secrets
import uuid
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, DurationField, Exists, F, Min, Q, QuerySet
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

from omixa_studio.gateway.errors import Told, told
from omixa_studio.gateway.refusal import LONGEST_WAIT
from omixa_studio.models import Brake, Generation, Person, Run, State, Token
from omixa_studio.models.generations import Charged
from omixa_studio.queries.pauses import pauses_of_all, with_held_key

from . import endings, ledger, pricing, withholding
from .budget import BudgetRefused
from .statements import Slot, Statement, compiled, compiled_update, slot

LEASE_SECONDS = 15.0
# No lease ends later than this: one that does was written by a clock that was set differently.
LONGEST_LEASE_SECONDS = 120.0
MOST_LOST_CLAIMS = 3

_UNCLAIMED = {"state": State.QUEUED, "attempt": None, "lease": None, "worker": ""}


def claim_next(
    target: str, worker: str, *, lease_seconds: float = LEASE_SECONDS
) -> Generation | None:
    """Claim the next queued generation: the oldest of the person with the fewest running."""
    while (chosen := _next_in_line(target)) is not None:
        attempt = uuid.uuid4()
        if not _claim(target, chosen, worker, attempt=attempt, lease_seconds=lease_seconds):
            continue
        # A process suspended after its claim may have lost the row to another attempt.
        taken = _taken(connection.vendor).records(Generation, id=chosen, attempt=attempt)
        if taken:
            return taken[0]
    return None


def pass_send_guard(generation: Generation, *, lease_seconds: float = LEASE_SECONDS) -> bool:
    """Record durably that the call is about to be sent; return False if it must not be sent."""
    return bool(
        _passing(connection.vendor).change(
            id=generation.pk,
            attempt=generation.attempt,
            lease=timedelta(seconds=lease_seconds),
        )
    )


def renew(generations: Sequence[Generation], *, lease_seconds: float = LEASE_SECONDS) -> int:
    """Extend the leases of running calls in one statement; return the number extended."""
    return Generation.objects.filter(
        state=State.RUNNING, attempt__in=[generation.attempt for generation in generations]
    ).update(lease=Now() + timedelta(seconds=lease_seconds))


def hand_back(
    generation: Generation, *, tries: int = 0, not_before_seconds: float | None = None
) -> bool:
    """Return a generation to the queue; only for the holder who knows that nothing was bought."""
    wait = None if not_before_seconds is None else Now() + timedelta(seconds=not_before_seconds)
    return bool(
        _held(generation).update(
            **_UNCLAIMED, sent_at=None, not_before=wait, tries=F("tries") + tries
        )
    )


def abandon(generation: Generation) -> None:
    """Release a generation when its worker stops: requeue it, or mark it unknown if it was sent."""
    if _held(generation).filter(sent_at=None).update(**_UNCLAIMED):
        return
    _held(generation).update(**_lost("worker_stopped"))


def expire() -> int:
    """Settle expired leases: unsent rows are queued again, sent ones become unknown.

    After a clock was set back, leases end later than any lease can; those have expired, too. Covers
    rows of every target: it does not matter whose worker crashed, and nothing is sent here.
    """
    lost = Generation.objects.filter(_ran_out(), state=State.RUNNING)
    unsent = lost.filter(sent_at=None)
    requeued = unsent.filter(lost_claims__lt=MOST_LOST_CLAIMS).update(
        **_UNCLAIMED, lost_claims=F("lost_claims") + 1
    )
    hopeless = unsent.filter(lost_claims__gte=MOST_LOST_CLAIMS)
    given_up = sum(_give_up(row) for row in hopeless.select_related("person"))
    unknown = lost.filter(sent_at__isnull=False).update(**_lost("worker_lost"))
    return requeued + given_up + unknown


def cancel(generation: Generation, *reason: Told) -> bool:
    """Cancel a queued generation, free of charge; return False if it is too late."""
    queued = Generation.objects.filter(pk=generation.pk, state=State.QUEUED)
    return _end_unsent(generation, queued, State.CANCELLED, reason)


def cancel_of_nobody(target: str) -> int:
    """Cancel queued requests of accounts and tokens that are no more; return their number.

    Deactivating and revoking cancel what is queued then; running requests may have been requeued
    since.
    """
    waiting = Generation.objects.filter(target=target, state=State.QUEUED)
    nobodys = waiting.filter(Q(person=None) | Q(person__is_active=False))
    batches = endings.waiting_in_batches(nobodys)
    ended = sum(len(endings.cancel_waiting(batch, told("account_off"))) for batch in batches)
    for row in waiting.filter(token__in=_revoked()).select_related("token").defer("body"):
        ended += cancel(row, told("token_revoked", name=row.token.name if row.token else ""))
    return ended


def unpaused(target: str) -> Q:
    """Return the condition that neither a pause nor an admin stops all requests of a target."""
    of_all = Brake.objects.filter(target=target, person=None, run=None)
    return ~Exists(pauses_of_all(target)) & ~Exists(of_all)


def _lost(key: str) -> dict[str, object]:
    return {
        "state": State.UNKNOWN,
        "charged": Charged.UNKNOWN,
        "error_kind": "ours",
        "error": [told(key), told("cost_possible")],
        "finished_at": Now(),
    }


def _give_up(generation: Generation) -> bool:
    held = _held(generation).filter(_ran_out())
    return _end_unsent(generation, held, State.FAILED, [told("worker_lost_thrice")])


def _end_unsent(
    generation: Generation, rows: QuerySet[Generation], after: State, reason: Sequence[Told]
) -> bool:
    with transaction.atomic():
        ended = rows.filter(sent_at=None).update(**endings.unsent(after, reason))
        if ended:
            ledger.release(generation)
    return bool(ended)


def _ran_out() -> Q:
    """Return the condition that a lease has expired, or ends later than a lease can."""
    longest = Now() + timedelta(seconds=LONGEST_LEASE_SECONDS)
    return Q(lease__lt=Now()) | Q(lease__gt=longest)


def _held(generation: Generation) -> QuerySet[Generation]:
    """Return the row, if this attempt still holds it."""
    return Generation.objects.filter(
        pk=generation.pk, attempt=generation.attempt, state=State.RUNNING
    )


def _revoked() -> QuerySet[Token, Any]:
    return Token.objects.exclude(revoked_at=None).values("pk")


@cache
def _claimable(target: str) -> QuerySet[Generation]:
    """Return the claimable generations; built once and never evaluated itself."""
    longest = Now() + timedelta(seconds=LONGEST_WAIT)
    due = Q(not_before=None) | Q(not_before__lte=Now()) | Q(not_before__gt=longest)
    waiting = Generation.objects.filter(
        due, unpaused(target), ~with_held_key(target), target=target, state=State.QUEUED
    )
    off = Person.objects.filter(is_active=False)
    brakes = Brake.objects.filter(target=target)
    return (
        waiting.exclude(group__in=Run.objects.filter(paused=True).values("pk"))
        .exclude(person=None)
        .exclude(person__in=off.values("pk"))
        .exclude(token__in=_revoked())
        .exclude(person__in=brakes.exclude(person=None).values("person"))
        .exclude(group__in=brakes.exclude(run=None).values("run"))
    )


def _claim(
    target: str, chosen: int, worker: str, *, attempt: uuid.UUID, lease_seconds: float
) -> bool:
    def take() -> int:
        return _taking(target, connection.vendor).change(
            id=chosen,
            attempt=attempt,
            worker=worker,
            file_token=secrets.token_hex(16),
            lease=timedelta(seconds=lease_seconds),
        )

    capped, limited = withholding.capped_or_limited()
    if not (capped or limited):
        return bool(take())
    pricing.catch_up(chosen)
    try:
        with transaction.atomic():
            if capped and withholding.cap_forbids(chosen, _claimable(target).filter(pk=chosen)):
                return False
            claimed = take()
            # Checked after claiming the row, since balances are always locked last.
            if claimed and limited:
                ledger.ask_again(chosen)
    except BudgetRefused:
        withholding.give_way(chosen, target)
        return False
    return bool(claimed)


@cache
def _taking(target: str, vendor: str) -> Statement:
    """Return the conditional update that claims a row, compiled per database."""
    return compiled_update(
        _claimable(target).filter(pk=slot(Generation, "id")),
        state=State.RUNNING,
        attempt=...,
        worker=...,
        file_token=...,
        lease=_lease(),
        started_at=Now(),
    )


@cache
def _taken(vendor: str) -> Statement:
    """Return the statement that reads the row an attempt has claimed, compiled per database."""
    attempt = slot(Generation, "attempt")
    return compiled(Generation.objects.filter(pk=slot(Generation, "id"), attempt=attempt))


@cache
def _passing(vendor: str) -> Statement:
    """Return the conditional update of the send guard, compiled per database."""
    held = Generation.objects.filter(
        pk=slot(Generation, "id"),
        attempt=slot(Generation, "attempt"),
        state=State.RUNNING,
        lease__gt=Now(),
        sent_at=None,
    )
    return compiled_update(held, sent_at=Now(), lease=_lease())


def _lease() -> CombinedExpression:
    return Now() + Slot("lease", DurationField())


def _next_in_line(target: str) -> int | None:
    waiting, running = _line(target, connection.vendor)
    oldest = dict(waiting.rows())
    # A single waiting person need not be compared with others.
    busy = dict(running.rows()) if len(oldest) > 1 else {}
    return min(((busy.get(person, 0), pk) for person, pk in oldest.items()), default=(0, None))[1]


@cache
def _line(target: str, vendor: str) -> tuple[Statement, Statement]:
    """Return the oldest claimable row of each person, and each person's number of running rows."""
    waiting = _claimable(target).order_by().values_list("person_id")
    running = Generation.objects.filter(target=target, state=State.RUNNING)
    busy = running.order_by().values_list("person_id").annotate(Count("id"))
    return compiled(waiting.annotate(oldest=Min("id"))), compiled(busy)
