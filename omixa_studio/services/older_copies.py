"""Detect that the database is older than the requests sent: it was restored from a backup.

The journal of a worker's folder (sent.py) is compared with the rows. Whatever was sent is never
sent again, whatever the rows say, and the queue waits for an admin, who may still have a newer
backup. Rows only get newer, so the journal is always read before them.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Min, Q
from django.db.models.functions import Now

from omixa_studio.gateway.errors import Told, told
from omixa_studio.models import ActKind, Charge, Generation, LostCall, Pause, Person, State
from omixa_studio.models.generations import Charged
from omixa_studio.models.pauses import Reason
from omixa_studio.sent import Journal, Sent

from . import audit, endings, pauses
from .ledger import in_batches
from .numbers import go_on_after

log = logging.getLogger(__name__)

MAY_BE_UNSENT = (State.QUEUED, State.RUNNING)
KNOWN, WAITING, LOST = "known", "waiting", "lost"


@dataclass(frozen=True)
class Row:
    """The progress of a generation in this database."""

    pk: int
    created_at: datetime
    attempt: UUID | None
    tries: int
    state: str
    sent_at: datetime | None


@dataclass(frozen=True)
class Found:
    """What the journal knows and the database does not: rows still waiting, calls without a row.

    `lacks_what_was_seen` is true if a ledger row that was seen earlier is missing.
    """

    waiting: Sequence[Sent]
    lost: Sequence[Sent]
    lacks_what_was_seen: bool

    def __bool__(self) -> bool:
        return bool(self.waiting or self.lost or self.lacks_what_was_seen)


def compare(journal: Journal, target: str) -> list[UUID]:
    """Compare the database with all requests sent from a folder; pause the queue if it is older.

    Returns the attempts whose rows were waiting and are now unknown. Raises OSError if the journal
    cannot be read.
    """
    sent = journal.read()
    journal.database, journal.doubted = made_at(), False
    found = _look(sent, journal)
    taken: list[UUID] = []
    if found:
        log.warning("The database is older than the journal of sent requests: %s", found)
        oldest = sent[0].at if sent and journal.is_cut else None
        taken = _pause(found, target, reaches_back_to=oldest)
    journal.last = None
    _note_what_is_seen(journal, older=bool(found))
    return taken


def declare(target: str) -> int:
    """Treat the database as an older copy on an admin's word, when the journal is lost, too.

    All queued requests may have been sent: they become unknown. Returns their number.
    """
    with transaction.atomic():
        number = _make_older_unknown(target)
        _pause_target(target, number)
    go_on_after({}, older=True)
    return number


def is_same(journal: Journal) -> bool:
    """Return whether the last call sent and row seen are still there; two lookups by key."""
    journal.doubted = False
    last = journal.last
    if last and _judged(last, _rows([last]).get(last.generation), journal.database) != KNOWN:
        return False
    if _lacks_what_was_seen(journal):
        return False
    _note_what_is_seen(journal)
    return True


def made_at() -> str:
    """Return when this database was created, which identifies it and its copies."""
    first = MigrationRecorder.Migration.objects.aggregate(first=Min("applied"))["first"]
    return first.isoformat() if first else ""


def _look(sent: Sequence[Sent], journal: Journal) -> Found:
    rows = _rows(sent)
    judged = [(one, _judged(one, rows.get(one.generation), journal.database)) for one in sent]
    # Of several calls of one row, the last one tells its progress.
    waiting = {one.generation: one for one, what in judged if what == WAITING}
    lost = {one.attempt: one for one, what in judged if what == LOST}
    paused = Pause.objects.filter(reason=Reason.OLDER).values("target")
    said = LostCall.objects.filter(~Q(accepted_by="") | Q(target__in=paused))
    for some in in_batches(list(lost)):
        there = said.filter(attempt__in=some).values_list("attempt", "click")
        for attempt, click in there:
            # A row created from its answer alone does not know its click yet.
            if click or not lost[str(attempt)].click:
                del lost[str(attempt)]
    return Found(list(waiting.values()), list(lost.values()), _lacks_what_was_seen(journal))


def _judged(one: Sent, row: Row | None, database: str) -> str:
    if row is None or row.created_at.isoformat() != one.created:
        # A row of another database may have had that id.
        return LOST if one.database == database else KNOWN
    unsent = row.state in MAY_BE_UNSENT and row.sent_at is None
    came_back = row.tries > one.nth  # the gateway refused it free of charge, and the row says so
    if came_back or (str(row.attempt) == one.attempt and not unsent):
        return KNOWN
    return WAITING if unsent else LOST


def _rows(sent: Iterable[Sent]) -> dict[int, Row]:
    found = {}
    for some in in_batches(list({one.generation for one in sent})):
        for row in Generation.objects.filter(pk__in=some).values_list(
            "pk", "created_at", "attempt", "tries", "state", "sent_at"
        ):
            found[row[0]] = Row(*row)
    return found


def _lacks_what_was_seen(journal: Journal) -> bool:
    """Return whether a ledger row seen earlier is missing; the ledger never deletes rows."""
    seen = journal.seen()
    if "charge" not in seen or seen.get("database") != journal.database:
        return False
    row = Charge.objects.filter(pk=seen["charge"]).first()
    return row is None or not _as_seen(row, journal).items() <= seen.items()


def _note_what_is_seen(journal: Journal, *, older: bool = False) -> None:
    row = Charge.objects.order_by("-pk").first()
    latest: dict[str, object] = {"database": journal.database}
    seen = journal.seen()
    given = seen.get("numbers", {}) if seen.get("database") == journal.database else {}
    latest |= {"numbers": go_on_after(given, older=older)}
    latest |= _as_seen(row, journal) if row else {}
    if latest == seen:
        return
    try:
        journal.note_seen(latest)
    except OSError as error:  # whatever is sent next reports the same error with its cause
        log.warning("The state of the database could not be recorded: %s", error)


def _as_seen(row: Charge, journal: Journal) -> dict[str, object]:
    at = row.created_at.isoformat()
    return {"database": journal.database, "charge": row.pk, "of": row.generation_id, "at": at}


def _pause(found: Found, target: str, *, reaches_back_to: float | None) -> list[UUID]:
    with transaction.atomic():
        _lock_accounts(found.lost)
        taken = [one for one in found.waiting if _make_unknown(one)]
        _write_down_lost(found.lost)
        _cancel_what_was_pressed_again(found.lost)
        numbers = {target: 0} if found.lacks_what_was_seen else {}
        if reaches_back_to is not None:
            reach = datetime.fromtimestamp(reaches_back_to, UTC)
            older = _make_older_unknown(target, created_at__lt=reach)
            numbers[target] = older
        for one in (*taken, *found.lost):
            numbers[one.target] = numbers.get(one.target, 0) + 1
        for name, number in numbers.items():
            _pause_target(name, number)
    return [UUID(one.attempt) for one in taken]


def _lock_accounts(calls: Sequence[Sent]) -> None:
    """Let nobody queue a lost click meanwhile: it would neither be refused nor be cancelled."""
    for some in in_batches(sorted({one.person for one in calls})):
        there = Person.objects.filter(pk__in=some).order_by("pk")
        list(there.select_for_update(no_key=True).values_list("pk", flat=True))


def _pause_target(target: str, number: int) -> None:
    before = Pause.objects.select_for_update().filter(target=target, reason=Reason.OLDER).first()
    for part in before.error if before else ():
        number += part["values"].get("n", 0)
    said = [told("older_copy")] + ([told("older_calls", n=number)] if number else [])
    pauses.replace(target, Reason.OLDER, error=said)
    audit.write(ActKind.PAUSED, by=audit.STUDIO, thing=target, after=f"older_copy {number}")


def _make_unknown(one: Sent) -> bool:
    """Mark a waiting row as sent: unknown, with its hold kept."""
    row = Generation.objects.filter(pk=one.generation, state__in=MAY_BE_UNSENT, sent_at=None)
    return bool(
        row.update(
            **_unknown(told("older_unknown")),
            attempt=one.attempt,
            tries=one.nth,
            file_token=one.files,
            worker=one.worker,
            sent_at=datetime.fromtimestamp(one.at, UTC),
        )
    )


def _make_older_unknown(target: str, **older: datetime) -> int:
    """Mark rows older than the journal's first line as unknown: they may have been sent."""
    unsent = Generation.objects.filter(target=target, state__in=MAY_BE_UNSENT, sent_at=None)
    return unsent.filter(**older).update(**_unknown(told("older_perhaps")))


def _unknown(said: Told) -> dict[str, object]:
    return {
        "state": State.UNKNOWN,
        "charged": Charged.UNKNOWN,
        "error_kind": "ours",
        "error": [said, told("cost_possible")],
        "lease": None,
        "finished_at": Now(),
    }


def _write_down_lost(calls: Sequence[Sent]) -> None:
    """Create a row for each lost call; one created from its answer alone gets person and click."""
    LostCall.objects.bulk_create(
        map(_lost, calls),
        update_conflicts=True,
        unique_fields=["attempt"],
        update_fields=["person_id", "click", "gateway_key"],
    )


def _cancel_what_was_pressed_again(calls: Sequence[Sent]) -> None:
    """Cancel requests from a form that was submitted again before its lost call was noticed."""
    pressed = {one.click: one.person for one in calls if one.click}
    waiting = Generation.objects.filter(state=State.QUEUED, sent_at=None)
    for some in in_batches(list(pressed)):
        rows = waiting.filter(click__in=some).values_list("pk", "person_id", "click")
        again = [pk for pk, person, click in rows if click and pressed[click] == (person or 0)]
        endings.cancel_waiting(waiting.filter(pk__in=again), told("older_pressed_again"))


def _lost(one: Sent) -> LostCall:
    return LostCall(
        attempt=one.attempt,
        generation_id=one.generation,
        target=one.target,
        worker=one.worker,
        person_id=one.person,
        click=one.click,
        gateway_key=one.key,
        sent_at=datetime.fromtimestamp(one.at, UTC),
    )
