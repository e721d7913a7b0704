"""What every page shows around its own content: the person, the queue, the money left."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypedDict

from django.conf import settings

from omixa_studio.models import Period, Person, Scope, dollars
from omixa_studio.presenters.budgets import per, whose_limit
from omixa_studio.queries import budget
from omixa_studio.queries.frame import frame_of
from omixa_studio.queries.generations import QueueCounts
from omixa_studio.queries.projects import usable_among
from omixa_studio.templatetags.studio import money

from .background.cards import JobMenu, menu_of
from .lines import Lines, lines_of

# Limits on what a form chooses; they say nothing about requests in general.
CHOSEN = (Scope.MODEL, Scope.PROJECT)


class MoneyLeft(TypedDict):
    """The limit with the least left, as the fields of a frame."""

    left: Decimal | None
    limit: Decimal | None
    period: str
    whose: str


@dataclass(frozen=True)
class Shell:
    """The frame of a page: the person, the open requests, the money left, the warnings.

    `left`, `limit`, `period` and `whose` are those of the limit with the least left.
    """

    person: Person | None
    queue: QueueCounts
    unknown: int
    asked: int
    left: Decimal | None
    limit: Decimal | None
    period: str
    whose: str
    sandbox: bool
    lines: Lines
    jobs: JobMenu
    theme: str

    @property
    def waiting(self) -> Mapping[str, int]:
        """Return the number of items that wait at a place, by its route."""
        return {"unknown": self.unknown, "budget_requests": self.asked}


def shell_of(person: Person | None) -> Shell:
    """Read the frame of a page for a person, or for a visitor who is not logged in."""
    if person is None:
        return Shell(
            None,
            QueueCounts(),
            0,
            0,
            None,
            None,
            Period.MONTH,
            "",
            settings.SANDBOX_MODE,
            Lines(),
            JobMenu(),
            "auto",
        )
    return _shell(person, budget.rooms(budget.keys_now(settings.GATEWAY_TARGET, person)))


def shells_of(person: Person, model: str, project_id: int | None) -> tuple[Shell, Shell]:
    """Read a person's frame: with the money left for any request, and for a model in a project.

    The limits are read once for both. A project that the person may not spend on is left out: its
    name and its money are not theirs to know.
    """
    project = usable_among(person, [project_id]) if project_id else 0
    keys = budget.keys_now(settings.GATEWAY_TARGET, person, model=model, project_id=project or 0)
    rooms = budget.rooms(keys)
    shell = _shell(person, [room for room in rooms if room.scope not in CHOSEN])
    return shell, replace(shell, **_money(rooms))


def _shell(person: Person, rooms: Collection[budget.Room]) -> Shell:
    frame = frame_of(settings.GATEWAY_TARGET, person)
    return Shell(
        person=person,
        queue=frame.queue,
        unknown=frame.unknown,
        asked=frame.asked,
        **_money(rooms),
        sandbox=settings.SANDBOX_MODE,
        lines=lines_of(person, paused=frame.paused, braked=frame.braked, low=frame.low),
        jobs=menu_of(person),
        theme=person.theme,
    )


def _money(rooms: Collection[budget.Room]) -> MoneyLeft:
    """Return the fields of a frame that tell of the limit with the least left."""
    room = budget.tightest(rooms)
    if room is None:
        return {"left": None, "limit": None, "period": Period.MONTH, "whose": ""}
    return {
        "left": dollars(room.left_micros),
        "limit": dollars(room.limit_micros),
        "period": room.period,
        "whose": _whose(room),
    }


def _whose(room: budget.Room) -> str:
    limit = money(dollars(room.limit_micros))
    return f"{whose_limit(room.scope, room.subject)}: {limit} {per(room.period)}"
