"""Count what the frame of every page shows, in one statement."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Count, QuerySet, Value

from omixa_studio.models import Brake, Person, WalletWarning

from .budget_requests import waiting_for
from .generations import QueueCounts, open_by_state, queue_of
from .lost import listed_calls
from .pauses import holding_pauses
from .prepared import Prepared
from .unknown import few_unknown

# What waits for an admin is counted up to here: a page shows that there are more.
MOST_COUNTED = 100


@dataclass(frozen=True)
class Frame:
    """What every page counts.

    The open requests, the calls that an admin has to decide (up to MOST_COUNTED), the requests for
    money to answer, and what there is to read more of: whether the queue is paused, and whether
    anybody has a brake, and whether the wallet is low.
    """

    queue: QueueCounts
    unknown: int
    asked: int
    paused: bool
    braked: bool
    low: bool


def frame_of(target: str, person: Person) -> Frame:
    """Count for a person's pages; the calls to decide only for an admin's."""
    found = {name: (mine, all_) for name, mine, all_ in _COUNTS.rows(person, target)}
    return Frame(
        queue=queue_of(found),
        unknown=sum(found[name][1] for name in ("unknown_cost", "lost") if name in found),
        asked=found["asked"][1] if "asked" in found else 0,
        paused=found["pause"][1] > 0,
        braked=found["brake"][1] > 0,
        low="low" in found and found["low"][1] > 0,
    )


def _statement(person: Person, target: str) -> QuerySet[Any, Any]:
    by_state, *others = _counted(person, target)
    return by_state.union(*others, all=True)


def _counted(person: Person, target: str) -> Iterator[QuerySet[Any, Any]]:
    """Yield the parts of the statement: names, with numbers of one person and of everybody."""
    yield open_by_state(person, target)
    yield _count("pause", holding_pauses(target))
    yield _count("brake", Brake.objects.filter(target=target))
    if person.sees_costs:
        yield _count("asked", waiting_for(target, person))
    if person.is_admin:
        yield _count("unknown_cost", few_unknown(target, MOST_COUNTED))
        yield _count("lost", listed_calls())
        yield _count("low", WalletWarning.objects.filter(target=target))


def _count(name: str, rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    named = rows.order_by().annotate(counted_as=Value(name, CharField()), nobodys=Value(0))
    counted = named.values("counted_as", "nobodys").annotate(everybodys=Count("pk"))
    found: QuerySet[Any, Any] = counted.values_list("counted_as", "nobodys", "everybodys")
    return found


_COUNTS = Prepared(_statement)
