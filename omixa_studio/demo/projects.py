"""The projects of the demonstration, and who is in which."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from omixa_studio.models import Person, Project, ProjectMember
from omixa_studio.models.search import searchable

# The last ones are closed.
NAMES = (
    "Harbour lights",
    "Spring catalogue",
    "Linen and clay",
    "Яблочный сад",
    "Night bus",
    "North ferry",
    "Bakery on the corner",
    "Annual report",
    "Café Martin",
    "Paper birds",
    "Snow line",
    "Museum posters",
    "Grüner Markt",
    "Wool and wood",
    "Letters to Lisbon",
    "Glass house",
    "Summer theatre",
    "Городской парк",
    "Small orchestra",
    "Tea from Assam",
    "Bicycle week",
    "Salt",
    "Old harbour book",
    "Moon calendar",
    "Children's atlas",
    "River festival",
    "Winter windows",
    "First edition",
    "Garden of stones",
    "Farewell tour",
)
CLOSED = 4
DAYS_CLOSED = 20
NOTES = ("For the autumn campaign.", "Client work; ask before sharing.", "")
# The share of requests that belong to a project, and how many each person is in.
SHARE_IN_PROJECT = 0.85
MOST_JOINED = 7


@dataclass(frozen=True)
class Projects:
    """The ids of the projects that people are in, by id, the most used first; when some closed."""

    joined: Mapping[int, Sequence[int]] = field(default_factory=dict)
    closed_at: Mapping[int, datetime] = field(default_factory=dict)

    def draw(self, person: Person, at: datetime, rng: random.Random) -> int | None:
        """Return the project of a request at a moment; None for none."""
        known = self.joined.get(person.pk, ())
        if not known or rng.random() >= SHARE_IN_PROJECT:
            return None
        chosen = known[min(int(rng.expovariate(0.9)), len(known) - 1)]
        closed_at = self.closed_at.get(chosen)
        return None if closed_at and at >= closed_at else chosen


def ensure_projects(people: Sequence[Person], seed: int, now: datetime) -> Projects:
    """Return the demonstration's projects; existing ones and their people stay unchanged."""
    rng = random.Random(f"{seed} projects")
    names = [searchable(name) for name in NAMES]
    known = {one.name_search: one for one in Project.objects.filter(name_search__in=names)}
    missing = [_project(number, now) for number, name in enumerate(names) if name not in known]
    known |= {one.name_search: one for one in Project.objects.bulk_create(missing)}
    pks = [known[name].pk for name in names]
    weights = [1 / (place + 1) ** 0.5 for place in range(len(pks))]
    joined = {}
    for person in people:
        drawn = rng.choices(pks, weights, k=rng.randint(3, MOST_JOINED))
        joined[person.pk] = list(dict.fromkeys(drawn))
    ProjectMember.objects.bulk_create(
        (ProjectMember(project_id=pk, person_id=who) for who, pks in joined.items() for pk in pks),
        ignore_conflicts=True,
    )
    return Projects(joined, {one.pk: one.closed_at for one in known.values() if one.closed_at})


def _project(number: int, now: datetime) -> Project:
    is_closed = number >= len(NAMES) - CLOSED
    return Project(
        name=NAMES[number],
        note=NOTES[number % len(NOTES)],
        created_at=now - timedelta(days=400 - number),
        closed_at=now - timedelta(days=DAYS_CLOSED + number) if is_closed else None,
    )
