"""The dearest finals of some days: what they cost with every attempt on their way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from omixa_studio.models import Person, Picture
from omixa_studio.models.spans import Span
from omixa_studio.queries import lineage
from omixa_studio.queries.kept_lists import pictures_behind

from .addresses import query_of
from .days import days_named
from .labels import labels_of

# Each takes eight statements.
MOST_LOOKED_AT, MOST_SHOWN = 24, 12
IS_FINAL = Q(winner=True) | Q(approval="approved")


@dataclass(frozen=True)
class FinalPicture:
    """A picture with its own and its full cost in micro-dollars, and how many requests that is.

    `picture` is None if the viewer may not see it.
    """

    at: datetime
    person: str
    model: str
    own: int | None
    full: int
    attempts: int
    picture: Picture | None


@dataclass(frozen=True)
class DearFinals:
    """The finals with the highest full cost among the newest ones, and the way back."""

    days: str
    rows: Sequence[FinalPicture]
    looked_at: int
    back: str


def dearest_finals(span: Span, viewer: Person) -> DearFinals:
    """Read the full cost of the newest pictures with a star or an approval; dearest first."""
    target = settings.GATEWAY_TARGET
    found = list(pictures_behind("kept", target, span).filter(IS_FINAL)[:MOST_LOOKED_AT])
    models = labels_of("model", {row.model for row in found}, target, viewer)
    rows = [_final(row, viewer, models[row.model]) for row in found]
    rows.sort(key=lambda row: -row.full)
    days = days_named(span.first, span.last)
    return DearFinals(days, rows[:MOST_SHOWN], len(found), query_of(span))


def _final(row: Picture, viewer: Person, model: str) -> FinalPicture:
    way = list(lineage.way_to(row.generation_id))
    attempts = lineage.attempts_on(way, lineage.sent_on(way), row.generation_id)
    seen = lineage.seen_among([row], viewer.pk)
    return FinalPicture(
        at=row.created_at,
        person=row.person.name if row.person else _("Nobody"),
        model=model,
        own=row.cost_micros,
        full=attempts.billed_micros,
        attempts=attempts.count,
        picture=row if seen else None,
    )
