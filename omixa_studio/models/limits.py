"""Limits as rows, and the balances that are checked against them.

To add a kind of limit, add a row to KEPT and a migration that computes its past balances.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .ledger import Charge
from .periods import Period, first_day, next_start


class Scope(models.TextChoices):
    PERSON = "person", _("Person")
    ROLE = "role", _("Role")
    PROJECT = "project", _("Project")
    MODEL = "model", _("Model")
    STUDIO = "studio", _("Studio")


class Limit(models.Model):
    """What may be spent in a period, in micro-dollars; without a row there is no limit.

    The subject is a person's id, a role, a project's id, a model's slug, or "" for the studio. A
    hard limit refuses requests that do not fit; a soft limit only warns.
    """

    scope = models.CharField(max_length=10, choices=Scope.choices)
    subject = models.CharField(max_length=120, blank=True, default="")
    period = models.CharField(max_length=10, choices=Period.choices, default=Period.MONTH)
    hard = models.BooleanField(default=True)
    amount_micros = models.BigIntegerField()

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


@dataclass(frozen=True)
class BalanceKind:
    """A kind of balance; `column` of a charge holds its subject, "" counts all charges."""

    scope: Scope
    period: Period
    column: str

    def subject_of(self, charge: Charge) -> str:
        return str(getattr(charge, self.column)) if self.column else ""

    def key_of(self, charge: Charge) -> BalanceKey:
        # The row's own month decides: rows older than the day column have a different day.
        day = date.fromisoformat(f"{charge.month}-01")
        if self.period != Period.MONTH:
            day = charge.day
        starts_on = first_day(self.period, day)
        return BalanceKey(
            charge.target, self.scope, self.subject_of(charge), self.period, starts_on
        )

    def counts_in(self, key: BalanceKey) -> Q:
        """Return the condition under which a charge counts in a balance of this kind."""
        of_subject = Q(**{self.column: key.subject}) if self.column else Q()
        if self.period == Period.MONTH:
            return of_subject & Q(target=key.target, month=f"{key.starts_on:%Y-%m}")
        until = next_start(self.period, key.starts_on).date()
        return of_subject & Q(target=key.target, day__gte=key.starts_on, day__lt=until)


KEPT = (
    BalanceKind(Scope.PERSON, Period.MONTH, "person_id"),
    BalanceKind(Scope.STUDIO, Period.MONTH, ""),
)


def keys_of(charge: Charge) -> list[BalanceKey]:
    """Return every balance that a charge, saved or not, counts in."""
    return [kept.key_of(charge) for kept in KEPT]


def counts_in(key: BalanceKey) -> Q:
    """Return the condition under which a charge counts in a balance: `keys_of` as SQL."""
    kinds = {(kept.scope, kept.period): kept for kept in KEPT}
    return kinds[Scope(key.scope), Period(key.period)].counts_in(key)


def moves_of(charges: Iterable[Charge]) -> Counter[BalanceKey]:
    """Return the total change of each balance by some charges, in micro-dollars."""
    moves: Counter[BalanceKey] = Counter()
    for charge in charges:
        for key in keys_of(charge):
            moves[key] += charge.amount_micros
    return moves
