"""Read the queue, by run and by single request, of everybody."""

import uuid
from dataclasses import dataclass

from django.db.models import Count, Min, Sum

from omixa_studio.models import Generation, Person, Run, State

from .brakes import Waiting


@dataclass(frozen=True)
class WaitingClick:
    """The queued requests of one click: of a run, or the single request `first`."""

    person: Person | None
    run: uuid.UUID | None
    first: int
    prompt: str
    waiting: Waiting


def waiting_clicks(target: str, person_id: int | None, most: int) -> tuple[list[WaitingClick], int]:
    """Return the newest clicks with queued requests, of one person or all, and how many more."""
    rows = Generation.objects.filter(target=target, state=State.QUEUED, sent_at=None)
    if person_id is not None:
        rows = rows.filter(person=person_id)
    clicks = rows.order_by().values("group", "person_id")
    counted = clicks.annotate(first=Min("pk"), n=Count("pk"), held=Sum("held_micros"))
    shown = list(counted.order_by("-first")[:most])
    runs = set(
        Run.objects.filter(pk__in=[one["group"] for one in shown]).values_list("pk", flat=True)
    )
    people = Person.objects.in_bulk({one["person_id"] for one in shown} - {None})
    firsts = Generation.objects.filter(pk__in=[one["first"] for one in shown])
    prompts = dict(firsts.values_list("pk", "prompt"))
    found = [
        WaitingClick(
            person=people.get(one["person_id"]),
            run=one["group"] if one["group"] in runs else None,
            first=one["first"],
            prompt=prompts.get(one["first"], ""),
            waiting=Waiting(one["n"], one["held"]),
        )
        for one in shown
    ]
    more = counted.count() - len(found) if len(found) == most else 0
    return found, more
