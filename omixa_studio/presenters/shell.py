"""What every page shows around its own content: the person, the queue, the money left."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from omixa_studio.models import Period, Person, dollars
from omixa_studio.queries import budget, generations
from omixa_studio.queries.unknown import to_decide_count

from .lines import Lines, lines_of


@dataclass(frozen=True)
class Shell:
    """The frame of a page: the person, the open requests, the money left, the warnings.

    `left`, `limit` and `period` are those of the limit with the least left.
    """

    person: Person | None
    queue: generations.QueueCounts
    unknown: int
    left: Decimal | None
    limit: Decimal | None
    period: str
    sandbox: bool
    lines: Lines
    theme: str

    @property
    def waiting(self) -> Mapping[str, int]:
        """Return the number of items that wait at a place, by its route."""
        return {"unknown": self.unknown}


def shell_of(person: Person | None) -> Shell:
    """Read the frame of a page for a person, or for a visitor who is not logged in."""
    if person is None:
        return Shell(
            None,
            generations.QueueCounts(),
            0,
            None,
            None,
            Period.MONTH,
            settings.SANDBOX_MODE,
            Lines(),
            "auto",
        )
    target = settings.GATEWAY_TARGET
    rooms = budget.rooms(budget.keys_now(target, person_id=person.pk))
    room = budget.tightest(rooms)
    return Shell(
        person=person,
        queue=generations.queue_counts(target, person),
        unknown=to_decide_count(target) if person.is_admin else 0,
        left=dollars(room.left_micros) if room else None,
        limit=dollars(room.limit_micros) if room else None,
        period=room.period if room else Period.MONTH,
        sandbox=settings.SANDBOX_MODE,
        lines=lines_of(person),
        theme=person.theme,
    )
