"""Find queued requests that exceed a limit which was lowered or used up by higher bills."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef

from omixa_studio.models import BalanceKey, Charge, Generation, Kind, Limit, Scope, State
from omixa_studio.models.limits import COUNTED_BY, counts_in, keys_of

from .budget import Room, rooms


@dataclass
class Past:
    """The latest queued requests that exceed a limit: by id, the micro-dollars held for each."""

    held: dict[int, int] = field(default_factory=dict)

    @property
    def pks(self) -> list[int]:
        return list(self.held)

    @property
    def held_micros(self) -> int:
        return sum(self.held.values())

    @property
    def count(self) -> int:
        return len(self.held)


def past_limits(target: str) -> dict[tuple[str, str], Past]:
    """Return queued requests beyond hard limits, of any period, by scope and subject."""
    found: defaultdict[tuple[str, str], Past] = defaultdict(Past)
    if not Limit.objects.filter(hard=True).exists():
        return {}
    for key, excess in _overdrawn(_counted_in(target)).items():
        _add_last(found[key.scope, key.subject], _queued_in(key), excess)
    return {whose: past for whose, past in found.items() if past.held}


def past_of(key: BalanceKey, room: Room) -> Past:
    """Return queued requests beyond one limit in its period; a soft limit stops none."""
    past = Past()
    if room.hard:
        _add_last(past, _queued_in(key), room.missing_for(0))
    return past


def of_person(past: Mapping[tuple[str, str], Past], pk: int | None) -> Past | None:
    """Return what is beyond a person's own limits."""
    return past.get((Scope.PERSON, str(pk)))


def of_studio(past: Mapping[tuple[str, str], Past]) -> Past | None:
    """Return what is beyond the limits of the whole studio."""
    return past.get((Scope.STUDIO, ""))


def _counted_in(target: str) -> set[BalanceKey]:
    """Return the balances in which queued requests count."""
    queued = Generation.objects.filter(target=target, state=State.QUEUED, sent_at=None)
    holds = Charge.objects.filter(kind=Kind.HOLD, generation_id__in=queued.order_by().values("pk"))
    facts = holds.order_by().values(*COUNTED_BY).distinct()
    return {key for one in facts for key in keys_of(Charge(**one))}


def _overdrawn(keys: Iterable[BalanceKey]) -> dict[BalanceKey, int]:
    """Return by how many micro-dollars balances exceed their hard limits."""
    by_place = {key[1:]: key for key in keys}
    return {
        by_place[room.key]: room.missing_for(0)
        for room in rooms(by_place.values())
        if room.hard and not room.fits(0)
    }


def _queued_in(key: BalanceKey) -> Iterable[tuple[int, int]]:
    """Return what is queued and counts in a balance, newest first: ids and held micro-dollars."""
    holds = Charge.objects.filter(counts_in(key), generation_id=OuterRef("pk"), kind=Kind.HOLD)
    rows = Generation.objects.filter(
        Exists(holds), target=key.target, state=State.QUEUED, sent_at=None
    )
    return rows.order_by("-pk").values_list("pk", "held_micros").iterator()


def _add_last(past: Past, rows: Iterable[tuple[int, int]], excess_micros: int) -> None:
    """Add as many of the newest requests as needed to free so many micro-dollars."""
    if excess_micros <= 0:
        return
    for pk, held_micros in rows:
        past.held[pk] = held_micros
        excess_micros -= held_micros
        if excess_micros <= 0:
            return
