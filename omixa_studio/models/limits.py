"""Limits as rows, and the balances that are checked against them."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .ledger import Charge
from .periods import Period, first_day, next_start


class Scope(models.TextChoices):
    PERSON = "person", _("Person")
    ROLE = "role", _("Role")
    PROJECT = "project", _("Project")
    MODEL = "model", _("Model")
    TOKEN = "token", _("Access token")
    STUDIO = "studio", _("Studio")


class Limit(models.Model):
    """What may be spent in a period, in micro-dollars; without a row there is no limit.

    The subject is a person's id, a role, a project's id, a model's slug, a token's id, or "" for
    the studio. A hard limit refuses requests that do not fit; a soft limit only warns.
    """

    scope = models.CharField(max_length=10, choices=Scope.choices)
    subject = models.CharField(max_length=120, blank=True, default="")
    period = models.CharField(max_length=10, choices=Period.choices, default=Period.MONTH)
    hard = models.BooleanField(default=True)
    amount_micros = models.BigIntegerField()
    # Of a soft limit: the first day of the period in which it was told that so much was reached.
    told_on = models.DateField(null=True)
    told_micros = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "subject", "period", "hard"], name="one_limit_of_a_kind"
            ),
            models.CheckConstraint(condition=Q(amount_micros__gte=0), name="limit_is_not_negative"),
            models.CheckConstraint(
                condition=Q(scope="studio", subject="") | (~Q(scope="studio") & ~Q(subject="")),
                name="limit_names_its_subject",
            ),
        ]


class LimitRaise(models.Model):
    """Micro-dollars that a limit has more until a moment; past it, the row is only history.

    Whoever granted it is stored by name, so that the row outlives the account.
    """

    limit = models.ForeignKey(Limit, models.CASCADE, related_name="raises")
    extra_micros = models.BigIntegerField()
    until = models.DateTimeField()
    granted_by_name = models.CharField(max_length=150, blank=True, default="")
    reason = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(extra_micros__gt=0), name="raise_is_positive"),
        ]
        indexes = [models.Index(fields=["limit", "until"], name="raise_by_limit")]


class BalanceKey(NamedTuple):
    """The columns that identify a balance, in the order of its index."""

    target: str
    scope: str
    subject: str
    period: str
    starts_on: date


class Balance(models.Model):
    """The sum of holds and bills on the ledger of one target for a subject in a period.

    It is updated in the transaction of every ledger row, so that no page sums rows. Locking its row
    serializes competing requests.
    """

    target = models.CharField(max_length=200)
    scope = models.CharField(max_length=10, choices=Scope.choices)
    subject = models.CharField(max_length=120, blank=True, default="")
    period = models.CharField(max_length=10, choices=Period.choices)
    starts_on = models.DateField()
    counted_micros = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["target", "scope", "subject", "period", "starts_on"],
                name="one_balance_of_a_period",
            ),
        ]

    @property
    def key(self) -> BalanceKey:
        return BalanceKey(self.target, self.scope, self.subject, self.period, self.starts_on)


# The column of a charge that holds the subject of a scope.
COLUMNS = {
    Scope.PERSON: "person_id",
    Scope.ROLE: "role",
    Scope.PROJECT: "project_id",
    Scope.MODEL: "model",
    Scope.TOKEN: "token_id",
    Scope.STUDIO: "",
}
# Charges without a project or a token, or from before roles were recorded, have no balance there.
NO_SUBJECT = {(Scope.ROLE, ""), (Scope.PROJECT, "0"), (Scope.MODEL, ""), (Scope.TOKEN, "0")}
KEPT = tuple(product(COLUMNS, Period))
# All that can decide in which balances a charge counts.
COUNTED_BY = ("target", "month", "day", "person_id", "role", "project_id", "model", "token_id")


def keys_of(charge: Charge) -> tuple[BalanceKey, ...]:
    """Return every balance that a charge, saved or not, counts in."""
    return _keys(*(getattr(charge, name) for name in COUNTED_BY))


@lru_cache(maxsize=1_000)
def _keys(
    target: str,
    month: str,
    day: date,
    person_id: int,
    role: str,
    project_id: int,
    model: str,
    token_id: int,
) -> tuple[BalanceKey, ...]:
    # The row's own month decides: rows older than the day column have a different day.
    starts = {period: first_day(period, day) for period in Period}
    starts[Period.MONTH] = date.fromisoformat(f"{month}-01")
    subjects = {
        Scope.PERSON: str(person_id),
        Scope.ROLE: role,
        Scope.PROJECT: str(project_id),
        Scope.MODEL: model,
        Scope.TOKEN: str(token_id),
        Scope.STUDIO: "",
    }
    return tuple(
        BalanceKey(target, scope, subjects[scope], period, starts[period])
        for scope, period in KEPT
        if (scope, subjects[scope]) not in NO_SUBJECT
    )


def counts_in(key: BalanceKey) -> Q:
    """Return the condition under which a charge counts in a balance: `keys_of` as SQL."""
    column = COLUMNS[Scope(key.scope)]
    of_subject = Q(**{column: key.subject}) if column else Q()
    if key.period == Period.MONTH:
        return of_subject & Q(target=key.target, month=f"{key.starts_on:%Y-%m}")
    until = next_start(key.period, key.starts_on).date()
    return of_subject & Q(target=key.target, day__gte=key.starts_on, day__lt=until)


def moves_of(charges: Iterable[Charge]) -> Counter[BalanceKey]:
    """Return the total change of each balance by some charges, in micro-dollars."""
    moves: Counter[BalanceKey] = Counter()
    for charge in charges:
        for key in keys_of(charge):
            moves[key] += charge.amount_micros
    return moves
