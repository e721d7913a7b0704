"""The generations behind a figure of costs, newest first, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from omixa_studio.models import OPEN_STATES, Charge, Generation, Kind, Person, Picture, State
from omixa_studio.models.generations import Charged
from omixa_studio.models.spans import Span

from .costs import generations
from .pictures import visible_to
from .prepared import AMONG, Prepared

SIZE = 50
STATES = {
    "open": Q(state__in=OPEN_STATES) | Q(charged=Charged.UNKNOWN),
    "failed": Q(state=State.FAILED),
    "unknown": Q(charged=Charged.UNKNOWN),
}
FEW = ("open", "unknown")
# The kind stands in the text: SQLite matches no partial index against a bound parameter.
HOLDS = """
    SELECT day, generation_id FROM {charges}
    WHERE kind = 'hold' AND target = %s AND day BETWEEN %s AND %s {narrowed} {before}
    ORDER BY day DESC, generation_id DESC LIMIT {limit}
"""
FILES = ("thumb", "width", "height", "format", "index", "generation_id", "transparent")

# A page begins after the generation of this day and id.
Place = tuple[date, int]


@dataclass(frozen=True)
class Spent:
    """A generation with what the ledger says of it, in micro-dollars, and who may see what.

    `billed` is None as long as the cost is open or unknown. `generation` is None if it is gone,
    `pictures` are those that may be seen, `is_private` is whether its prompt may not.
    """

    pk: int
    day: date
    generation: Generation | None
    person_id: int
    person_name: str
    model: str
    operation: str
    billed: int | None
    held: int
    pictures: Sequence[Picture]
    is_private: bool


@dataclass(frozen=True)
class SpentPage:
    """One page, and the place where the next one begins, if there is one."""

    rows: Sequence[Spent]
    following: Place | None


def spent_page(
    target: str, span: Span, person: Person, *, state: str = "", before: Place | None = None
) -> SpentPage:
    """Return the generations of a span, of a state ("open", "failed", "unknown") if given.

    They are shown to `person`, who sees pictures and prompts of their own and shared ones alone.
    """
    if state or span.of_pictures:
        places = _by_generation(target, span, state, before)
    else:
        places = _by_hold(target, span, before)
    more = len(places) > SIZE
    shown = places[:SIZE]
    return SpentPage(_rows(shown, person), shown[-1] if more else None)


def _by_hold(target: str, span: Span, before: Place | None) -> list[Place]:
    """Read the places of a page from the indexes of holds alone."""
    last = min(before[0], span.last) if before else span.last
    values: list[Any] = [target, f"{span.first}", f"{last}", *span.of_ledger.values()]
    after = ""
    if before:
        after = "AND (day < %s OR generation_id < %s)"
        values += [f"{before[0]}", before[1]]
    sql = HOLDS.format(
        charges=Charge._meta.db_table,
        narrowed=" ".join(f"AND {column} = %s" for column in span.of_ledger),
        before=after,
        limit=SIZE + 1,
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows = cursor.fetchall()
    return [(date.fromisoformat(day) if isinstance(day, str) else day, pk) for day, pk in rows]


def _by_generation(target: str, span: Span, state: str, before: Place | None) -> list[Place]:
    """Read the places of a page from generations: there are few of a state or in a collection."""
    rows = generations(target, span, few=state in FEW or span.of_pictures)
    if state:
        rows = rows.filter(STATES[state])
    if before:
        rows = rows.filter(_older_than(before[1]))
    zone = timezone.get_default_timezone()
    plain = rows.values_list("created_at", "pk")
    if state in FEW:  # sorted here: SQLite would rather read every generation in order
        found = sorted(plain.order_by(), reverse=True)[: SIZE + 1]
    else:
        found = list(plain.order_by("-created_at", "-pk")[: SIZE + 1])
    return [(timezone.localtime(at, zone).date(), pk) for at, pk in found]


def _older_than(pk: int) -> Q:
    """Return the condition for what follows a generation, by time and then by id.

    Ids alone do not do: of two at once the one that came first may have the higher id.
    """
    at = Generation.objects.filter(pk=pk).values_list("created_at", flat=True).first()
    if at is None:
        return Q(pk__lt=pk)
    return Q(created_at__lte=at) & (Q(created_at__lt=at) | Q(pk__lt=pk))


def _rows(places: Sequence[Place], person: Person) -> list[Spent]:
    """Read what is shown of some generations: a fixed number of statements."""
    ids = [pk for _, pk in places]
    made = {row.pk: row for row in _GENERATIONS.rows(None, among=ids)}
    pictures: dict[int, list[Picture]] = {}
    for one in _PICTURES.rows(person, among=ids):
        pictures.setdefault(one.generation_id, []).append(one)
    holds = {row.generation_id: row for row in _HOLDS.rows(None, among=ids)}
    sums: dict[int, dict[str, int]] = {}
    for pk, kind, amount in _SUMS.rows(None, among=ids):
        sums.setdefault(pk, {})[kind] = amount
    return [
        _spent(day, holds[pk], made.get(pk), sums[pk], pictures.get(pk, []), person)
        for day, pk in places
        if pk in holds
    ]


def _generations(_nobody: None) -> QuerySet[Generation]:
    rows = Generation.objects.filter(pk__in=AMONG)
    return rows.defer("body", "options", "template", "error", "error_detail", "prompt_search")


def _pictures(person: Person) -> QuerySet[Picture]:
    return visible_to(person).filter(generation__in=AMONG).only(*FILES).order_by("index")


def _holds(_nobody: None) -> QuerySet[Charge]:
    return Charge.objects.filter(generation_id__in=AMONG, kind=Kind.HOLD)


def _sums(_nobody: None) -> QuerySet[Charge, Any]:
    booked = Charge.objects.filter(generation_id__in=AMONG).order_by()
    return booked.values_list("generation_id", "kind").annotate(Sum("amount_micros"))


_GENERATIONS, _PICTURES = Prepared(_generations), Prepared(_pictures)
_HOLDS, _SUMS = Prepared(_holds), Prepared(_sums)


def _spent(
    day: date,
    hold: Charge,
    generation: Generation | None,
    sums: dict[str, int],
    pictures: Sequence[Picture],
    person: Person,
) -> Spent:
    final = {Kind.RELEASE, Kind.CAPTURE, Kind.ADJUSTMENT} & sums.keys()
    billed = sum(sums.get(kind, 0) for kind in (Kind.CAPTURE, Kind.ADJUSTMENT))
    mine = generation is not None and generation.person_id == person.pk
    return Spent(
        pk=hold.generation_id,
        day=day,
        generation=generation,
        person_id=hold.person_id,
        person_name=hold.person_name,
        model=hold.model,
        operation=hold.operation,
        billed=billed if final else None,
        held=sum(sums.values()) - billed,
        pictures=pictures,
        is_private=not mine and not pictures,
    )
