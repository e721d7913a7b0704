"""Read limits for the page that lists them all: in pages of a scope, with what is held."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import BigIntegerField, Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Cast

from omixa_studio.models import (
    BalanceKey,
    Charge,
    Generation,
    Kind,
    Limit,
    Person,
    Project,
    Scope,
    State,
    Token,
)
from omixa_studio.models.generations import Charged
from omixa_studio.models.ledger import today
from omixa_studio.models.limits import COUNTED_BY, keys_of
from omixa_studio.models.periods import first_day


def counts_by_scope() -> Mapping[str, int]:
    """Return how many limits there are of each scope."""
    counted = Limit.objects.order_by().values_list("scope").annotate(Count("id"))
    return dict(counted)


def limits_of(scope: str) -> QuerySet[Limit]:
    """Return the limits of a scope; those of people by name, others by subject."""
    rows = Limit.objects.filter(scope=scope)
    if scope != Scope.PERSON:
        return rows.order_by("subject", "period", "-hard")
    named = Person.objects.filter(pk=Cast(OuterRef("subject"), BigIntegerField()))
    return rows.alias(name=Subquery(named.values("search"))).order_by("name", "period", "-hard")


def key_now(limit: Limit, target: str) -> BalanceKey:
    """Return the balance that counts against a limit now."""
    starts_on = first_day(limit.period, today())
    return BalanceKey(target, limit.scope, limit.subject, limit.period, starts_on)


def held_now(target: str) -> Mapping[BalanceKey, int]:
    """Return the micro-dollars that are reserved for requests without a final cost, by balance.

    Reads only such requests, which are few.
    """
    not_final = Q(state__in=(State.QUEUED, State.RUNNING, State.UNKNOWN)) | Q(
        charged=Charged.UNKNOWN
    )
    rows = Generation.objects.filter(not_final, target=target).order_by()
    holds = Charge.objects.filter(
        kind__in=(Kind.HOLD, Kind.RAISE), generation_id__in=rows.values("pk")
    )
    held: Counter[BalanceKey] = Counter()
    for facts in holds.order_by().values(*COUNTED_BY).annotate(micros=Sum("amount_micros")):
        micros = facts.pop("micros")
        for key in keys_of(Charge(**facts)):
            held[key] += micros
    return held


def names_of(limits: Iterable[Limit]) -> Mapping[tuple[str, str], str]:
    """Return the names of the people, projects and tokens of limits, by scope and subject."""
    pks: dict[str, list[int]] = {Scope.PERSON: [], Scope.PROJECT: [], Scope.TOKEN: []}
    for one in limits:
        if one.scope in pks:
            pks[one.scope].append(int(one.subject))
    people: Sequence[Person | Project] = list(Person.objects.filter(pk__in=pks[Scope.PERSON]))
    projects: Sequence[Person | Project] = list(Project.objects.filter(pk__in=pks[Scope.PROJECT]))
    named: dict[tuple[str, str], str] = {
        (scope, str(row.pk)): row.name
        for scope, rows in ((Scope.PERSON, people), (Scope.PROJECT, projects))
        for row in rows
    }
    tokens = Token.objects.select_related("person").filter(pk__in=pks[Scope.TOKEN])
    return named | {(Scope.TOKEN, str(row.pk)): f"{row.person.name}: {row.name}" for row in tokens}
