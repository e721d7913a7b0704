"""Read generations."""

import heapq
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from omixa_studio.models import (
    OPEN_STATES,
    AnswerFile,
    Brake,
    Generation,
    Person,
    Picture,
    Run,
    State,
)

from .pauses import with_held_key
from .prepared import AMONG, Prepared

BOARD_LENGTH = 20
PLACES_TOLD = 20
# Of so many last requests, the form remembers which model and options were used.
MODELS_REMEMBERED = 500


@dataclass(frozen=True)
class QueueCounts:
    """The numbers of running and queued generations: of one person, and of everybody."""

    running: int = 0
    queued: int = 0
    all_running: int = 0
    all_queued: int = 0

    @property
    def stamp(self) -> str:
        """Return the displayed counts as a short string, to detect changes."""
        return f"{self.running}.{self.queued}.{self.all_running}.{self.all_queued}"


def queue_counts(target: str, person: Person) -> QueueCounts:
    """Count running and queued generations in one statement."""
    return queue_of({state: counts for state, *counts in _OPEN.rows(person, target)})


def open_by_state(person: Person, target: str) -> QuerySet[Generation, tuple[str, int, int]]:
    """Return the states of open generations, with the numbers of one person and of everybody."""
    rows = Generation.objects.filter(target=target, state__in=OPEN_STATES)
    mine = Count("id", filter=Q(person=person))
    counted = rows.order_by().values("state").annotate(mine=mine, all=Count("id"))
    return counted.values_list("state", "mine", "all")


_OPEN = Prepared(open_by_state)


def queue_of(by_state: Mapping[str, Sequence[int]]) -> QueueCounts:
    """Return the counts of the states in `open_by_state`; a state without any is missing."""
    running, all_running = by_state.get(State.RUNNING, (0, 0))
    queued, all_queued = by_state.get(State.QUEUED, (0, 0))
    return QueueCounts(running, queued, all_running, all_queued)


def board(person: Person) -> list[Generation]:
    """Return every open generation of a person and the last BOARD_LENGTH, newest first."""
    return with_pictures(_BOARD.rows(person))


def _board(person: Person) -> QuerySet[Generation]:
    mine = Generation.objects.filter(person=person)
    newest = mine.order_by("-id").values("id")[:BOARD_LENGTH]
    # Ids first: of "newer or open", both databases would read a person's whole history. A list of
    # known length, or PostgreSQL expects a third of that history and reads the whole table; and by
    # its ids alone, or a plan for anybody compares it with all that a person made.
    latest = Generation.objects.filter(id__in=newest).order_by().values("id")
    still_open = mine.filter(id__in=_open_ids()).order_by().values("id")
    return Generation.objects.filter(id__in=latest.union(still_open)).order_by("-id")


_BOARD = Prepared(_board)


def _open_ids() -> QuerySet[Generation, Any]:
    """Return the ids of everybody's open generations, which are few."""
    return Generation.objects.filter(state__in=OPEN_STATES).order_by().values("id")


def came_with(pks: Sequence[int]) -> list[AnswerFile]:
    """Return the files of some generations that are not pictures, in the order of the answer."""
    if not pks:
        return []
    return list(AnswerFile.objects.filter(generation__in=pks).order_by("index"))


def open_of(person: Person) -> QuerySet[Generation]:
    """Return the open generations of a person, newest first, without their pictures."""
    return Generation.objects.filter(person=person, id__in=_open_ids()).order_by("-id")


def page_of(person: Person, *, before: int | None, is_open: bool, most: int) -> list[Generation]:
    """Return up to `most` generations of a person below an id, newest first; or the open ones."""
    rows = open_of(person) if is_open else Generation.objects.filter(person=person).order_by("-id")
    return list((rows if before is None else rows.filter(id__lt=before))[:most])


def pictures_of(rows: Sequence[Generation]) -> list[Picture]:
    """Return the pictures of some generations that are not in the trash, in their order."""
    kept = Picture.objects.filter(trashed_at=None, generation__in=[row.pk for row in rows])
    return list(kept.order_by("generation_id", "index"))


def reusable(person: Person) -> QuerySet[Generation]:
    """Return the generations whose settings a person may reuse: own ones and shared ones."""
    shared = Picture.objects.filter(shared=True, trashed_at=None).values("generation_id")
    return Generation.objects.filter(Q(person=person) | Q(id__in=shared))


def of_click(person: Person, click: str) -> Generation | None:
    """Return the generation that a click of this person has already made."""
    return Generation.objects.filter(person=person, click=click).first()


def of_group(person: Person, group: uuid.UUID) -> QuerySet[Generation]:
    """Return a person's generations of one click, in the order in which they were requested."""
    return Generation.objects.filter(person=person, group=group).order_by("id")


def changed_cards(person: Person, ids: Sequence[int]) -> list[Generation]:
    """Return the generations of a person among some ids, newest first."""
    if not ids:
        return []
    return with_pictures(Generation.objects.filter(person=person, id__in=ids).order_by("-id"))


def newer_than(person: Person, pk: int) -> list[Generation]:
    """Return the generations on a person's board newer than one, newest first.

    All generations of a run are newer than any generation before the run.
    """
    return [row for row in board(person) if row.pk > pk]


def has_newer(person: Person, pk: int) -> bool:
    """Return whether a person made a newer generation, on any device."""
    return Generation.objects.filter(person=person, id__gt=pk).exists()


def kept_of(person: Person, pks: list[int]) -> list[tuple[int, str, int]]:
    """Return id, state and number of kept pictures of a person's finished ones among `pks`."""
    kept = Count("pictures", filter=Q(pictures__trashed_at=None))
    rows = Generation.objects.filter(person=person, id__in=pks).exclude(state__in=OPEN_STATES)
    return list(rows.order_by().annotate(kept=kept).values_list("pk", "state", "kept"))


def progress_of(person: Person, pks: list[int]) -> list[Generation]:
    """Return a person's generations among some ids, with only the columns for their progress."""
    rows = Generation.objects.filter(person=person, id__in=pks)
    told = (
        "state",
        "target",
        "sent_at",
        "not_before",
        "person",
        "group",
        "held_micros",
        "gateway_key",
    )
    return list(rows.only(*told))


def places_in_queue(target: str, *, most: int = PLACES_TOLD) -> dict[int, int]:
    """Return the places of the first queued generations, in the order in which they are claimed.

    The claim takes the person with the fewest running generations, then the oldest: people take
    turns, and within a person the oldest goes first. Generations of paused runs, or stopped by an
    admin, have no place.
    """
    rows = Generation.objects.filter(target=target, state__in=OPEN_STATES)
    rows = rows.exclude(_stopped(target), state=State.QUEUED).order_by("id")
    open_rows = list(rows.values_list("id", "person_id", "state"))
    rounds = Counter(person for _, person, state in open_rows if state == State.RUNNING)
    turns = []
    for pk, person, state in open_rows:
        if state == State.QUEUED:
            turns.append((rounds[person], pk))
            rounds[person] += 1
    # A place farther back says little, and showing it would redraw every card at every claim.
    return {pk: place for place, (_, pk) in enumerate(heapq.nsmallest(most, turns), start=1)}


def _stopped(target: str) -> Q:
    """Return the condition for generations of a paused run, of a run or person under a brake, or
    with a key that is paused."""
    brakes = Brake.objects.filter(target=target)
    return (
        Q(group__in=Run.objects.filter(paused=True).values("pk"))
        | Q(group__in=brakes.exclude(run=None).values("run"))
        | Q(person__in=brakes.exclude(person=None).values("person"))
        | with_held_key(target)
    )


def last_of_models(person: Person, slugs: Collection[str]) -> Generation | None:
    """Return the person's newest generation with one of some models, None if that is long ago."""
    found: Generation | None = _LAST_OF_MODELS.first(person, tuple(slugs))
    return found


def _last_of_models(person: Person, slugs: Sequence[str]) -> QuerySet[Generation]:
    newest = Generation.objects.filter(person=person).order_by("-id").values("id")
    rows = Generation.objects.filter(id__in=newest[:MODELS_REMEMBERED], model__in=slugs)
    return rows.order_by("-id")[:1]


_LAST_OF_MODELS = Prepared(_last_of_models)


def with_pictures(rows: Iterable[Generation]) -> list[Generation]:
    """Return the rows, each with its pictures that are not in the trash in `kept_pictures`."""
    found = {row.pk: row for row in rows}
    for row in found.values():
        row.kept_pictures = []
    for picture in _KEPT.rows(None, among=list(found)):
        picture.generation = found[picture.generation_id]
        picture.generation.kept_pictures.append(picture)
    return list(found.values())


def _kept(_nobody: None) -> QuerySet[Picture]:
    return Picture.objects.filter(trashed_at=None, generation__in=AMONG).order_by("index")


_KEPT = Prepared(_kept)
