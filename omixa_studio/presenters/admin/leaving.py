"""The page on which a person is removed: what would happen, or what was decided."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from django.utils import timezone

from omixa_studio.forms.leaving import ERASE, HAND_OVER
from omixa_studio.models import Leaving, Person
from omixa_studio.queries.leaving import MOST_COUNTED, Left, leaving_of, left_by


@dataclass(frozen=True)
class LeavingSheet:
    """A person with what they would leave behind, and how they are removed, if they are.

    `is_begun` is whether the day has come, and `waits` whether the heir can no longer log in.
    """

    person: Person
    left: Left
    leaving: Leaving | None
    most: int = MOST_COUNTED

    @property
    def is_begun(self) -> bool:
        return self.leaving is not None and self.leaving.due_at <= timezone.now()

    @property
    def waits(self) -> bool:
        leaving = self.leaving
        return bool(leaving and leaving.heir and not leaving.heir.is_active and not leaving.done_at)


def leaving_sheet(person: Person) -> LeavingSheet:
    """Return what the page shows of a person."""
    return LeavingSheet(person, left_by(person), leaving_of(person))


def decided_terms(person: Person) -> dict[str, str | int]:
    """Return what the form begins with where something was decided, so that no press turns it."""
    leaving = leaving_of(person)
    if leaving is None:
        return {}
    days = ceil((leaving.due_at - timezone.now()) / timedelta(days=1))
    return {
        "fate": HAND_OVER if leaving.heir else ERASE,
        "heir": leaving.heir.username if leaving.heir else "",
        "days": max(days, 1),
    }
