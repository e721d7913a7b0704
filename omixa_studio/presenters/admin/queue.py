"""Waiting requests, as an admin sees them beside the costs: of everyone, of a person, per click."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from omixa_studio.models import Brake, Person
from omixa_studio.queries.brakes import Waiting, brakes_by_person, waiting_by_person
from omixa_studio.queries.past_limits import Past, of_person, of_studio, past_limits
from omixa_studio.queries.waiting import WaitingClick, waiting_clicks

MOST_CLICKS = 30
LONGEST_TITLE = 80


@dataclass(frozen=True)
class Request:
    """A waiting run or request: what it is, and how the form that cancels it names it."""

    person: Person | None
    title: str
    whose: str
    value: str
    waiting: Waiting


@dataclass(frozen=True, kw_only=True)
class Queue:
    """What an admin may stop here; `person` is the one to whom the page is narrowed."""

    waiting: Waiting
    brake: Brake | None
    past: Past | None
    person: Person | None
    persons_waiting: Waiting
    persons_brake: Brake | None
    persons_past: Past | None
    requests: Sequence[Request]
    more: int


def queue_of(person_id: int | None) -> Queue:
    """Read the waiting requests of everyone, and of one person if given."""
    target = settings.GATEWAY_TARGET
    waiting = waiting_by_person(target)
    past = past_limits(target) if waiting else {}
    brakes = brakes_by_person(target)
    clicks, more = waiting_clicks(target, person_id, MOST_CLICKS) if waiting else ([], 0)
    return Queue(
        waiting=sum(waiting.values(), Waiting()),
        brake=brakes.get(None),
        past=of_studio(past),
        person=Person.objects.filter(pk=person_id).first() if person_id else None,
        persons_waiting=waiting.get(person_id, Waiting()),
        persons_brake=brakes.get(person_id),
        persons_past=of_person(past, person_id),
        requests=[_request(click) for click in clicks],
        more=more,
    )


def _request(click: WaitingClick) -> Request:
    whose, value = ("run", str(click.run)) if click.run else ("generation", str(click.first))
    prompt = click.prompt
    title = prompt if len(prompt) <= LONGEST_TITLE else f"{prompt[:LONGEST_TITLE].rstrip()}…"
    return Request(click.person, title or f"G-{click.first}", whose, value, click.waiting)
