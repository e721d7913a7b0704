"""Find prompts in the index: the few generations that a search means, or those near a moment.

A search of few hits becomes a list of generations. A common word has too many for a list, so a
page asks for those near it: the hits on from its moment, in the order of the index, until there
are certainly enough pictures. Each row of the index tells which time it stands for.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from django.db import connection
from django.db.models import Max, QuerySet

from omixa_studio.filters import SearchTerms
from omixa_studio.models import IndexedPrompt, Picture
from omixa_studio.prompt_index.rows import DISORDER_SECONDS, PROMPTS

from . import postgres_hits, sqlite_hits
from .index_questions import IndexQuestion
from .known_ids import is_among

# How many hits are asked for, and how many if these are not enough.
STEPS = (400, 2000)
# With more strays than this, as after an import of old pictures, the index has no order to use.
MOST_STRAYS = 500
# Twice, since a row may not have seen the newest before it, whose transaction was still open.
MARGIN = timedelta(seconds=2 * DISORDER_SECONDS)
LARGEST_ID = 2**63 - 1
# A block of ids is read at least, so that the spare ones cost nothing.
SECONDS_TO_REMEMBER, ROOM_FOR_NEW_ROWS = 5, 2**13
NEVER = datetime(9999, 12, 30, tzinfo=UTC)
# The pictures to search, either to be read along an index or, `listed`, by a list of requests.
Base = Callable[..., QuerySet[Picture]]
_BOUNDS = f"""
SELECT (SELECT id FROM {PROMPTS} WHERE latest >= %s ORDER BY latest, id LIMIT 1),
    (SELECT max(id) FROM {PROMPTS})
"""
_STRAYS = f"SELECT generation_id, '', text FROM {PROMPTS} WHERE stray LIMIT {MOST_STRAYS + 1}"


@dataclass(frozen=True)
class PageStart:
    """Where a page begins: `at` a moment, going to `newer` pictures or to older ones."""

    at: datetime = NEVER
    newer: bool = False


@dataclass(frozen=True)
class Hits:
    """Generations whose prompts fit: all of them, or certainly all up to the moment `until`."""

    generations: Sequence[int]
    until: datetime | None = None


@dataclass(frozen=True)
class Attempt:
    """Pictures that fit a search: `rows` are certain in their order, the first at least.

    `among` are all pictures looked at, None for all there are; `complete` tells whether the rows
    are everything.
    """

    rows: QuerySet[Picture]
    among: QuerySet[Picture] | None
    complete: bool


def holding(base: Base, terms: SearchTerms, *, person: int | None) -> QuerySet[Picture]:
    """Return the pictures that fit a search: those of few hits, or all of them, read one by one.

    `person` is whose pictures they all are, None for several people's.
    """
    if terms.terms and (found := _hits(terms, person, PageStart(), STEPS[-1])).until is None:
        return base(listed=True).filter(is_among("generation_id", found.generations))
    return base(listed=False).filter(terms.where)


def attempts(
    base: Base, terms: SearchTerms, start: PageStart, *, person: int | None
) -> Iterator[Attempt]:
    """Yield pictures that fit a search, on from a start, more of them each time.

    Take the first attempt that has enough pictures beyond the start, or is complete.
    """
    for most in STEPS if terms.terms else ():
        found = _hits(terms, person, start, most)
        among = base(listed=True).filter(is_among("generation_id", found.generations))
        if found.until is None:
            yield Attempt(among, among, complete=True)
            return
        side = "created_at__lt" if start.newer else "created_at__gt"
        yield Attempt(among.filter(**{side: found.until}), among, complete=False)
    rows = base(listed=False).filter(terms.where)
    yield Attempt(rows, rows, complete=True)


def _hits(terms: SearchTerms, person: int | None, start: PageStart, most: int) -> Hits:
    """Return up to `most` generations on from a start, and those that have no place."""
    first, last = _ids_beyond(start)
    question = IndexQuestion(
        terms, person, first=first, last=last, newer=start.newer, most=most + 1
    )
    ask = postgres_hits if connection.vendor == "postgresql" else sqlite_hits
    sql, params = ask.statement(question)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT *, '' FROM ({sql}) hits UNION ALL SELECT * FROM ({_STRAYS}) strays",
            params,
        )
        rows = cursor.fetchall()
    return _told(rows, terms, start, most)


def _told(
    rows: Sequence[tuple[int, str, str]], terms: SearchTerms, start: PageStart, most: int
) -> Hits:
    hits = [row for row in rows if not row[2]]
    strays = [row for row in rows if row[2]]
    complete = len(hits) <= most and (start.at == NEVER or len(strays) <= MOST_STRAYS)
    generations = [row[0] for row in hits]
    generations += [row[0] for row in strays if terms.fits(row[2])]
    if complete:
        return Hits(generations)
    if len(strays) > MOST_STRAYS:
        return Hits([], until=start.at)
    edge = moment_told(hits[-1][1])
    return Hits(generations, until=edge - MARGIN if start.newer else edge + MARGIN)


def _ids_beyond(start: PageStart) -> tuple[int, int]:
    """Return the ids of the index's rows beyond a start: the lowest and the highest."""
    if start.at == NEVER:
        return 1, LARGEST_ID if connection.vendor == "sqlite" else _last_block()
    edge = start.at if start.at == NEVER else start.at + (-MARGIN if start.newer else MARGIN)
    with connection.cursor() as cursor:
        cursor.execute(_BOUNDS, [connection.ops.adapt_datetimefield_value(edge)])
        found, end = cursor.fetchone()
    if start.newer:
        return (end or 0) + 1 if found is None else found, end or 0
    return 1, (end or 0) if found is None else found


def _last_block() -> int:
    """Return an id above all rows, as of a few seconds ago, with room for those made since."""
    return _last_id(int(time.monotonic() / SECONDS_TO_REMEMBER)) + ROOM_FOR_NEW_ROWS


@lru_cache(maxsize=1)
def _last_id(_turn: int) -> int:
    """Return the index's highest id; remembered, since a page has few statements to spare."""
    return IndexedPrompt.objects.aggregate(last=Max("pk"))["last"] or 0


def moment_told(told: str) -> datetime:
    """Return the moment of a time as a database writes it; SQLite writes no zone."""
    found = datetime.fromisoformat(told)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
