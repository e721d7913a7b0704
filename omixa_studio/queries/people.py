"""Read people and their monthly balances."""

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast, Coalesce, Greatest

from omixa_studio.models import Balance, Generation, Limit, Period, Person, Role, Scope
from omixa_studio.models.search import unaccented

from .budget import of_month
from .prepared import AMONG, Prepared

MOST_WORDS = 8
NAMES = ("first_name", "last_name")


@dataclass(frozen=True)
class PersonMonth:
    """A person with the money of one month, in micro-dollars; None without a limit.

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

    @property
    def is_stopped(self) -> bool:
        """Return whether the limit leaves nothing to spend."""
        return self.left_micros == 0


@dataclass(frozen=True)
class StudioMonth:
    """The month of some people, and the balance of the whole studio.

    Amounts are micro-dollars; None without a limit.
    """

    people: list[PersonMonth]
    spent_micros: int
    limit_micros: int | None


def there_is_an_account() -> bool:
    return Person.objects.exists()


def known_as(text: str) -> Person | None:
    """Return the person who logs in with a username or e-mail, however it is spelled."""
    if not text:
        return None
    same = Person.objects.filter(Q(username__iexact=text) | Q(email__iexact=text))
    return same.first() or (None if text.isascii() else _spelled_like(text))


def subject_of(pk: str, text: str) -> Person | None:
    """Return the person of an id, or where none is given of a username or e-mail."""
    if not pk:
        return known_as(text)
    return Person.objects.filter(pk=int(pk)).first() if pk.isdecimal() else None


def _spelled_like(text: str) -> Person | None:
    """Return the account that is spelled alike outside ASCII, by comparing each account here.

    SQLite ignores case only for ASCII letters, and no database treats composed and decomposed
    letters as equal.
    """
    rows = Person.objects.order_by("pk").values_list("pk", "username", "email")
    wanted = _folded(text)
    found = [pk for pk, *names in rows if wanted in map(_folded, names)]
    return Person.objects.filter(pk__in=found[:1]).first()


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def everyone() -> QuerySet[Person]:
    """Return all people, active ones first, then by username."""
    return Person.objects.order_by("-is_active", "username")


def admins() -> QuerySet[Person]:
    """Return the active admins, by name."""
    return Person.objects.filter(role=Role.ADMIN, is_active=True).order_by("search", "pk")


def found_people(text: str) -> QuerySet[Person]:
    """Return people whose name or address contains every word of a text, unordered.

    Case and accents are ignored.
    """
    words = unaccented(text).split()[:MOST_WORDS]
    return Person.objects.filter(*(Q(search__contains=word) for word in words))


def names_of(ids: Iterable[int | None]) -> dict[int, str]:
    """Return the displayed names of people by id; None is nobody."""
    known = sorted({pk for pk in ids if pk is not None})
    rows = _NAMES.rows(None, among=known)
    return {pk: f"{first} {last}".strip() or username for pk, username, first, last in rows}


def _names(_nobody: None) -> QuerySet[Person, Any]:
    return Person.objects.filter(pk__in=AMONG).values_list("pk", "username", *NAMES)


_NAMES = Prepared(_names)


def by_name(people: QuerySet[Person]) -> QuerySet[Person]:
    """Return active people first, then by displayed name."""
    return people.order_by("-is_active", "search", "pk")


def by_spending(people: QuerySet[Person], target: str, month: str) -> QuerySet[Person]:
    """Return the people who spent most in a month first."""
    theirs = of_month(target, month, Scope.PERSON).filter(
        subject=Cast(OuterRef("pk"), CharField(max_length=120))
    )
    spent = Coalesce(Subquery(theirs.values("counted_micros")[:1]), 0)
    return people.alias(spent=spent).order_by("-spent", "search", "pk")


def by_last_seen(people: QuerySet[Person]) -> QuerySet[Person]:
    """Return the people who were seen last first, those never seen at the end."""
    seen = Greatest(
        Coalesce(F("last_login"), F("last_click")), Coalesce(F("last_click"), F("last_login"))
    )
    ranked = people.alias(last_click=_last_click()).alias(seen=seen)
    return ranked.order_by(F("seen").desc(nulls_last=True), "search", "pk")


def studio_month(target: str, month: str, pks: Collection[int]) -> StudioMonth:
    """Return the months of some people, in the order of the given ids, and of the whole studio.

    Takes three statements.
    """
    found = _month_of(target, month, list(pks))
    order = {pk: place for place, pk in enumerate(pks)}
    found.people.sort(key=lambda row: order[row.person.pk])
    return found


def person_month(target: str, month: str, person: Person) -> PersonMonth:
    """Return the month of one person."""
    return _month_of(target, month, [person.pk]).people[0]


def _last_click() -> Subquery:
    clicks = Generation.objects.filter(person=OuterRef("pk")).order_by("-id")
    return Subquery(clicks.values("created_at")[:1])


def _people(_nobody: None) -> QuerySet[Person]:
    return Person.objects.filter(pk__in=AMONG).annotate(last_click=_last_click())


def _spent(_nobody: None, target: str, month: str) -> QuerySet[Balance, Any]:
    balances = of_month(target, month, Scope.PERSON, Scope.STUDIO).filter(subject__in=AMONG)
    return balances.values_list("subject", "counted_micros")


def _limits(_nobody: None) -> QuerySet[Limit, Any]:
    limits = _monthly(Scope.PERSON, Scope.STUDIO).filter(subject__in=AMONG)
    return limits.values_list("subject", "amount_micros")


_PEOPLE, _SPENT, _LIMITS = Prepared(_people), Prepared(_spent), Prepared(_limits)


def _month_of(target: str, month: str, pks: Sequence[int]) -> StudioMonth:
    rows = _PEOPLE.rows(None, among=pks)
    # "" is the subject of the studio.
    subjects = ["", *(str(person.pk) for person in rows)]
    spent = dict(_SPENT.rows(None, target, month, among=subjects))
    limits = dict(_LIMITS.rows(None, among=subjects))
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
    found: int | None = _MONTHLY.first(subject, scope)
    return found


def monthly_limits(pks: Collection[int]) -> dict[int, int]:
    """Return the monthly limits of some people, in micro-dollars, by id; no entry for none."""
    some = _monthly(Scope.PERSON).filter(subject__in=[str(pk) for pk in pks])
    return {
        int(subject): micros for subject, micros in some.values_list("subject", "amount_micros")
    }


def _monthly(*scopes: Scope) -> QuerySet[Limit]:
    return Limit.objects.filter(scope__in=scopes, period=Period.MONTH, hard=True)


def _monthly_of(subject: str, scope: Scope) -> QuerySet[Limit, Any]:
    rows = _monthly(scope).filter(subject=subject).order_by("pk")
    return rows.values_list("amount_micros", flat=True)[:1]


_MONTHLY = Prepared(_monthly_of)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max(one, other) if one and other else one or other
