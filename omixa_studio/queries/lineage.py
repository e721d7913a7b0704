"""How a picture came to be: the requests on the way to it, what they were made from and cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from omixa_studio.models import Generation, GenerationInput, Picture, State

MOST_STEPS = 12
MOST_REQUESTS = 60
MOST_ATTEMPTS = 2000
# What was never sent is no attempt.
UNSENT = (State.QUEUED, State.RUNNING, State.CANCELLED)
# A generation may be on several ways to a picture: its step is the longest one.
WAY = """
WITH RECURSIVE way (id, step) AS (
    SELECT CAST(%s AS bigint), 0
    UNION
    SELECT image.origin_id, way.step + 1
    FROM way
    JOIN omixa_studio_generationinput sent ON sent.generation_id = way.id
    JOIN omixa_studio_inputimage image ON image.id = sent.image_id
    WHERE image.origin_id IS NOT NULL AND way.step < %s
)
SELECT id, MAX(step) FROM way GROUP BY id ORDER BY MAX(step), id LIMIT %s
"""


@dataclass(frozen=True)
class Attempts:
    """The requests on the way to a picture, tries that led nowhere included, and their bills.

    `unknown` is how many have a cost that nobody knows; with `more` there were too many to count.
    """

    count: int
    billed_micros: int
    unknown: int
    more: bool


def way_to(generation_id: int) -> dict[int, int]:
    """Return the requests on the way to one, itself included, with their steps back, 0 first."""
    with connection.cursor() as cursor:
        cursor.execute(WAY, [generation_id, MOST_STEPS, MOST_REQUESTS])
        return dict(cursor.fetchall())


def sent_on(way: Sequence[int]) -> list[GenerationInput]:
    """Return what the requests of a way were sent, with its pictures and what made those."""
    sent = GenerationInput.objects.filter(generation__in=way, is_mask=False)
    return list(
        sent.select_related("image__picture__generation", "image__origin").order_by("position")
    )


def steps_back(way: Mapping[int, int], sent: Sequence[GenerationInput]) -> dict[int, int]:
    """Return how many steps back each image was sent, by its id: each once, farthest back."""
    back: dict[int, int] = {}
    for one in sent:
        steps = max(way[one.generation_id] + 1, way.get(one.image.origin_id or 0, 0))
        back[one.image_id] = max(back.get(one.image_id, 0), steps)
    return back


def attempts_on(way: Sequence[int], sent: Sequence[GenerationInput], last: int) -> Attempts:
    """Sum what a picture cost with every attempt on its way, of the target of its request `last`.

    Those are the requests of the way, and until `last` those of the same person that belong to the
    same run, have the same prompt, were tried again as one of them, or edit the same picture.
    """
    rows = list(Generation.objects.filter(pk__in=way))
    edited = {one.image_id for one in sent if one.position == 0 and one.image.origin_id}
    people = {row.person_id for row in rows}
    tries = Generation.objects.filter(pk__lte=last, person__in=people).exclude(state__in=UNSENT)
    first = GenerationInput.objects.filter(image__in=edited, position=0, is_mask=False)
    prompts = {row.used_prompt_id for row in rows if row.used_prompt_id}
    sources = [
        Generation.objects.filter(pk__in=way),
        tries.filter(used_prompt__in=prompts),
        tries.filter(group__in={row.group for row in rows}),
        tries.filter(pk__in={row.retry_of_id for row in rows if row.retry_of_id}),
        tries.filter(pk__in=first.values("generation")),
    ]
    target = next((row.target for row in rows if row.pk == last), "")
    return _summed([source.filter(target=target) for source in sources])


def seen_among(pictures: Sequence[Picture], person_id: int) -> set[int]:
    """Return the ids of those pictures that a person may see."""
    return {
        one.pk
        for one in pictures
        if one.trashed_at is None and (one.shared or one.person_id == person_id)
    }


def _summed(sources: Sequence[QuerySet[Generation]]) -> Attempts:
    found: dict[int, tuple[str, int | None]] = {}
    more = False
    for rows in sources:
        read = rows.order_by("-pk").values_list("pk", "charged", "billed_micros")
        part = list(read[: MOST_ATTEMPTS + 1])
        more = more or len(part) > MOST_ATTEMPTS
        found |= {pk: (charged, billed) for pk, charged, billed in part[:MOST_ATTEMPTS]}
    costs = list(found.values())
    return Attempts(
        count=len(costs),
        billed_micros=sum(billed or 0 for _charged, billed in costs),
        unknown=sum(charged == "unknown" for charged, _billed in costs),
        more=more,
    )
