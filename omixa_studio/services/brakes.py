"""Stop, resume and cancel requests as an admin: of everybody, of a person, of a run.

Running requests finish and are recorded. Each act has a row in the audit log.
"""

from collections.abc import Callable, Iterable

from django.db import transaction
from django.db.models import QuerySet

from omixa_studio.gateway.errors import told
from omixa_studio.models import ActKind, Brake, Generation, Person, Run
from omixa_studio.queries.past_limits import of_person, of_studio, past_limits

from . import audit
from .audit import Actor
from .endings import cancel_waiting, waiting_in_batches
from .ledger import in_batches
from .submission import wake_quietly

LONGEST_REASON = LONGEST_NAME = 200


def stop(
    target: str,
    *,
    by: Actor,
    person: Person | None = None,
    run: Run | None = None,
    why: str = "",
) -> bool:
    """Stop a person, a run or, without either, everybody; return False if already stopped."""
    who = {"by": by.shown[:LONGEST_NAME], "why": why[:LONGEST_REASON]}
    with transaction.atomic():
        _brake, made = Brake.objects.get_or_create(
            target=target, person=person, run=run, defaults=who
        )
        if made:
            _write(ActKind.PAUSED, by, target, person, run, after=why)
    return made


def let_go(
    target: str,
    *,
    by: Actor,
    wake: Callable[[], None],
    person: Person | None = None,
    run: Run | None = None,
) -> bool:
    """Resume a person, a run or everybody; return False if there was no brake."""
    with transaction.atomic():
        brake = Brake.objects.filter(target=target, person=person, run=run)
        if not brake.delete()[0]:
            return False
        _write(ActKind.RESUMED, by, target, person, run)
        transaction.on_commit(lambda: wake_quietly(wake), robust=True)
    return True


def cancel(
    target: str,
    *,
    by: Actor,
    person: Person | None = None,
    run: Run | None = None,
    one: Generation | None = None,
) -> list[Generation]:
    """Cancel queued requests of a person, of a run, a single one, or all; return them.

    Large numbers are cancelled in batches, each with its row in the audit log.
    """
    rows = Generation.objects.filter(target=target)
    if person is not None:
        rows = rows.filter(person=person)
    if run is not None:
        rows = rows.filter(group=run.pk)
    if one is not None:
        rows = rows.filter(pk=one.pk)
    thing = f"G-{one.pk}" if one else target
    whom = person or (one.person if one else None)
    return _cancel_each(waiting_in_batches(rows), by, thing, whom, run)


def cancel_past(target: str, *, by: Actor, person: Person | None = None) -> list[Generation]:
    """Cancel the newest queued requests that exceed the limit of a person or the studio.

    Returns them.
    """
    beyond = past_limits(target)
    past = of_person(beyond, person.pk) if person else of_studio(beyond)
    batches = in_batches(past.pks if past else [])
    rows = (Generation.objects.filter(pk__in=batch) for batch in batches)
    return _cancel_each(rows, by, "limit", person, None)


def _cancel_each(
    batches: Iterable[QuerySet[Generation]],
    by: Actor,
    thing: str,
    whom: Person | None,
    run: Run | None,
) -> list[Generation]:
    ended = []
    for batch in batches:
        with transaction.atomic():
            cancelled = cancel_waiting(batch, told("cancelled_by", name=by.shown))
            if cancelled:
                _write(ActKind.CANCELLED, by, thing, whom, run, after=str(len(cancelled)))
        ended += cancelled
    return ended


def _write(
    kind: ActKind,
    by: Actor,
    thing: str,
    person: Person | None,
    run: Run | None,
    after: str = "",
) -> None:
    whom = person or (run.person if run else None)
    audit.write(kind, by=by, whom=whom, thing=f"run {run.pk}" if run else thing, after=after)
