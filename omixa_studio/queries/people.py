"""Reads about people."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery, Sum

from omixa_studio.models import Charge, Generation, Limit, Person


@dataclass(frozen=True)
class PersonMonth:
    """A person with the money of one month, in micro-dollars; no limit is None.

    `spent_micros` is what counts against the limit: billed and still held.
    """

    person: Person
    spent_micros: int
    limit_micros: int | None
    last_seen: datetime | None

    @property
    def left_micros(self) -> int | None:
        if self.limit_micros is None:
            return None
        return max(self.limit_micros - self.spent_micros, 0)


def there_is_an_account() -> bool:
    return Person.objects.exists()


def everyone() -> QuerySet[Person]:
    """All people, active ones first, then by name."""
    return Person.objects.order_by("-is_active", "username")


def people_of_month(
    target: str, month: str, people: QuerySet[Person] | None = None
) -> list[PersonMonth]:
    """Return people, all of them by default, with their month; three statements in all."""
    clicks = Generation.objects.filter(person=OuterRef("pk")).order_by("-id")
    last_click = Subquery(clicks.values("created_at")[:1])
    asked = everyone() if people is None else people
    rows = list(asked.annotate(last_click=last_click))
    ids = [person.pk for person in rows]
    charges = Charge.objects.filter(target=target, month=month).order_by()
    spent = dict(charges.values_list("person_id").annotate(Sum("amount_micros")))
    limits = dict(Limit.objects.filter(person_id__in=ids).values_list("person_id", "amount_micros"))
    return [
        PersonMonth(
            person=person,
            spent_micros=spent.get(person.pk, 0),
            limit_micros=limits.get(person.pk),
            last_seen=_later(person.last_login, person.last_click),
        )
        for person in rows
    ]


def studio_limit() -> int | None:
    """Return the monthly limit of the whole studio in micro-dollars, None without one."""
    return Limit.objects.filter(person_id=None).values_list("amount_micros", flat=True).first()


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max(one, other) if one and other else one or other
