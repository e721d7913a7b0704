"""What is left of each limit that stops a person."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from omixa_studio.models import Person
from omixa_studio.presenters.budgets import per, reset_rule, whose_limit
from omixa_studio.queries.budget import keys_now, rooms


@dataclass(frozen=True)
class LimitLeft:
    """A limit in words, in micro-dollars, and how much of it is used in percent."""

    whose: str
    per: str
    limit_micros: int
    left_micros: int
    used: int
    resets: str
    is_hard: bool


def limits_left(person: Person) -> Sequence[LimitLeft]:
    """Return the limits on any request of a person, the one with the least left first."""
    found = rooms(keys_now(settings.GATEWAY_TARGET, person))
    return [
        LimitLeft(
            whose=whose_limit(room.scope, room.subject),
            per=per(room.period),
            limit_micros=room.limit_micros,
            left_micros=room.left_micros,
            used=min(room.counted_micros * 100 // max(room.limit_micros, 1), 100),
            resets=reset_rule(room.period),
            is_hard=room.hard,
        )
        for room in sorted(found, key=lambda room: room.left_micros)
    ]
