"""Read the prompts that a person used: search them, with their pictures and costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import (
    Count,
    DateTimeField,
    Exists,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, StrIndex

from omixa_studio.models import Generation, Person, Picture, UsedPrompt
from omixa_studio.models.generations import Charged
from omixa_studio.models.search import unaccented

from .prepared import AMONG, Prepared

PAGE_LENGTH = 24
MOST_WORDS = 12
# A search reads at most this many prompts, which bounds its time.
LOOKED_THROUGH = 5_000
# The best picture of a prompt is chosen from this many of its latest generations.
GENERATIONS_LOOKED_AT = 50
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class PromptUse:
    """The use of a prompt: number of generations, newest of them, micro-dollars billed.

    `unknown` is the number of generations of unknown cost.
    """

    count: int
    newest: int
    billed_micros: int
    unknown: int


@dataclass(frozen=True)
class PromptPage:
    """Some prompts, last used first.

    The next page continues with prompts used before the one with the id `older_than`;
    `searched_all` is false if older prompts were not searched.
    """

    prompts: Sequence[UsedPrompt]
    older_than: int | None = None
    searched_all: bool = True


def used_by(person: Person) -> QuerySet[UsedPrompt]:
    """Return the prompts of a person, last used first."""
    return UsedPrompt.objects.filter(person=person).order_by("-last_used_at", "-id")


def page_of(
    person: Person, text: str = "", *, before: int | None = None, most: int = PAGE_LENGTH
) -> PromptPage:
    """Return the newest prompts with all words of a text, used before the prompt `before`."""
    rows = used_by(person) if before is None else _used_before(person, before)
    words = unaccented(text).split()[:MOST_WORDS]
    if not words:
        return _cut(list(rows[: most + 1]), most)
    last = rows[LOOKED_THROUGH - 1 : LOOKED_THROUGH]
    since = Coalesce(
        Subquery(last.values("last_used_at")), Value(LONG_AGO), output_field=DateTimeField()
    )
    holding = rows.filter(last_used_at__gte=since)
    for number, word in enumerate(words):
        at = f"at{number}"
        holding = holding.alias(**{at: StrIndex("prompt_search", Value(word))}).filter(
            **{f"{at}__gt": 0}
        )
    page = _cut(list(holding[: most + 1]), most)
    if page.older_than is not None:
        return page
    last_two = rows[LOOKED_THROUGH - 1 : LOOKED_THROUGH + 1].values_list("pk", flat=True)
    last_searched, *older = [*last_two, None]
    return PromptPage(page.prompts, last_searched if older[:-1] else None, not older[:-1])


def uses_of(prompts: Sequence[UsedPrompt]) -> dict[int, PromptUse]:
    """Return the use of each prompt, by its id."""
    told = _USES.rows(None, among=[one.pk for one in prompts])
    return {pk: PromptUse(*facts) for pk, *facts in told}


def _uses(_nobody: None) -> QuerySet[Generation, Any]:
    rows = Generation.objects.filter(used_prompt__in=AMONG).order_by()
    return rows.values_list("used_prompt").annotate(
        count=Count("id"),
        newest=Max("id"),
        billed=Sum("billed_micros", default=0),
        unknown=Count("id", filter=Q(charged=Charged.UNKNOWN)),
    )


_USES = Prepared(_uses)


def used_among(prompts: Sequence[UsedPrompt]) -> set[int]:
    """Return the ids of the prompts that have a generation."""
    made = Generation.objects.filter(used_prompt=OuterRef("pk"))
    rows = UsedPrompt.objects.filter(Exists(made), pk__in=[one.pk for one in prompts])
    return set(rows.values_list("pk", flat=True))


def best_pictures(prompts: Sequence[UsedPrompt]) -> dict[int, Picture]:
    """Return the picture to show for each prompt, by the prompt's id: a winner, or the newest."""
    chosen = dict(_BEST.rows(None, among=[one.pk for one in prompts]))
    found = Picture.objects.in_bulk([pk for pk in chosen.values() if pk])
    return {prompt: found[pk] for prompt, pk in chosen.items() if pk in found}


def _best(_nobody: None) -> QuerySet[UsedPrompt, Any]:
    last = Generation.objects.filter(used_prompt=OuterRef(OuterRef("pk"))).order_by("-id")
    pictures = Picture.objects.filter(
        generation__in=Subquery(last.values("pk")[:GENERATIONS_LOOKED_AT]), trashed_at=None
    )
    best = pictures.exclude(thumb="").order_by("-winner", "-id").values("pk")[:1]
    return UsedPrompt.objects.filter(pk__in=AMONG).values_list("pk", Subquery(best))


_BEST = Prepared(_best)


def _used_before(person: Person, pk: int) -> QuerySet[UsedPrompt]:
    """Return the prompts used before one of the person's; all if the id is not one of them."""
    rows, this = used_by(person), UsedPrompt.objects.filter(pk=pk, person=person)
    if not this.exists():
        return rows
    moment = Subquery(this.values("last_used_at"))
    return rows.filter(last_used_at__lte=moment).exclude(id__gte=pk, last_used_at=moment)


def _cut(rows: list[UsedPrompt], most: int) -> PromptPage:
    return PromptPage(rows[:most], rows[most - 1].pk if len(rows) > most else None)
