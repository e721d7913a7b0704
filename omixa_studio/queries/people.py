"""Reads about people."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery

from omixa_studio.models import Generation, Limit, Period, Person, Scope

from .budget import of_month


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


@dataclass(frozen=True)
class StudioMonth:
    """Everybody's month, and what counts for all together, in micro-dollars; no limit is None."""

    people: list[PersonMonth]
    spent_micros: int
    limit_micros: int | None


def there_is_an_account() -> bool:
    return Person.objects.exists()


def known_as(text: str) -> Person | None:
    """The person who logs in with a text, a username or an e-mail, however it is spelled."""
    if not text:
        return None
    same = Person.objects.filter(Q(username__iexact=text) | Q(email__iexact=text))
    return same.first() or (None if text.isascii() else _spelled_like(text))


def _spelled_like(text: str) -> Person | None:
    """SQLite takes only letters of ASCII for the same in another case, and no database takes a
    letter and its accent for one: so each account is compared here."""
    rows = Person.objects.order_by("pk").values_list("pk", "username", "email")
    wanted = _folded(text)
    found = [pk for pk, *names in rows if wanted in map(_folded, names)]
    return Person.objects.filter(pk__in=found[:1]).first()


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def everyone() -> QuerySet[Person]:
    """All people, active ones first, then by name."""
    return Person.objects.order_by("-is_active", "username")


def studio_month(target: str, month: str) -> StudioMonth:
    """Return everybody's month and that of the whole studio; three statements in all."""
    return _month_of(target, month, everyone())


def person_month(target: str, month: str, person: Person) -> PersonMonth:
    """Return the month of one person."""
    return _month_of(target, month, Person.objects.filter(pk=person.pk)).people[0]


def _month_of(target: str, month: str, people: QuerySet[Person]) -> StudioMonth:
    clicks = Generation.objects.filter(person=OuterRef("pk")).order_by("-id")
    rows = list(people.annotate(last_click=Subquery(clicks.values("created_at")[:1])))
    # The subject of the studio is "".
    subjects = ["", *(str(person.pk) for person in rows)]
    balances = of_month(target, month, Scope.PERSON, Scope.STUDIO).filter(subject__in=subjects)
    spent = dict(balances.values_list("subject", "counted_micros"))
    limited = _monthly(Scope.PERSON, Scope.STUDIO).filter(subject__in=subjects)
    limits = dict(limited.values_list("subject", "amount_micros"))
    months = [
        PersonMonth(
            person=person,
            spent_micros=spent.get(str(person.pk), 0),
            limit_micros=limits.get(str(person.pk)),
            last_seen=_later(person.last_login, person.last_click),
        )
        for person in rows
    ]
    return StudioMonth(months, spent_micros=spent.get("", 0), limit_micros=limits.get(""))


def studio_limit() -> int | None:
    """Return the monthly limit of the whole studio in micro-dollars, None without one."""
    return monthly_limit(Scope.STUDIO, "")


def monthly_limit(scope: Scope, subject: str) -> int | None:
    """Return the monthly limit of one subject in micro-dollars, None without one."""
    one = _monthly(scope).filter(subject=subject)
    return one.values_list("amount_micros", flat=True).first()


def _monthly(*scopes: Scope) -> QuerySet[Limit]:
    return Limit.objects.filter(scope__in=scopes, period=Period.MONTH, hard=True)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max(one, other) if one and other else one or other
