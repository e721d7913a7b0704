"""The page of accounts: each with its month, what waits of it, and what an admin stopped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from omixa_studio.models import Brake
from omixa_studio.presenters.targets import target_name
from omixa_studio.queries import budget
from omixa_studio.queries.brakes import Waiting, brakes_by_person, waiting_by_person
from omixa_studio.queries.elsewhere import Elsewhere, waiting_elsewhere
from omixa_studio.queries.past_limits import Past, past_limits
from omixa_studio.queries.people import PersonMonth, studio_month


@dataclass(frozen=True, kw_only=True)
class PeoplePage:
    """The accounts, and beside them the whole studio; `ceiling` and `spent` in micro-dollars.

    `elsewhere` is what waits for other gateways, by their names.
    """

    rows: Sequence[tuple[PersonMonth, Waiting, Brake | None, Past | None]]
    waiting: Waiting
    brake: Brake | None
    past: Past | None
    elsewhere: Sequence[tuple[str, Elsewhere]]
    ceiling: int | None
    spent: int
    resets: datetime


def people_page(target: str) -> PeoplePage:
    """Draw this month of every account, and of the studio, for what is booked on a target."""
    month = budget.current_month()
    brakes = brakes_by_person(target)
    waiting = waiting_by_person(target)
    past = past_limits(target) if waiting else {}
    studio = studio_month(target, month)
    return PeoplePage(
        rows=[
            (
                row,
                waiting.get(row.person.pk, Waiting()),
                brakes.get(row.person.pk),
                past.get(str(row.person.pk)),
            )
            for row in studio.people
        ],
        waiting=sum(waiting.values(), Waiting()),
        brake=brakes.get(None),
        past=past.get(""),
        elsewhere=[(target_name(one.target), one) for one in waiting_elsewhere(target)],
        ceiling=studio.limit_micros,
        spent=studio.spent_micros,
        resets=budget.next_month_starts(month),
    )
