"""What the wallet at the gateway should hold: what was put in, less what was billed since then.

The gateway offers no way to ask for the balance.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Min, Sum

from omixa_studio.models import TopUp, WalletWarning
from omixa_studio.models.ledger import today
from omixa_studio.models.spans import FAR_AWAY, Span

from .cost_sums import LedgerSum, cost_sums
from .studio_settings import studio_settings

PACE_DAYS = 30
SHOWN_TOP_UPS = 100


@dataclass(frozen=True)
class Wallet:
    """Micro-dollars put in and billed since the first day, the bills of the last 30 days, and the
    least that should be left.
    """

    since: date
    put_in: int
    billed: int
    lately: int
    least: int

    @property
    def left(self) -> int:
        return self.put_in - self.billed

    @property
    def is_low(self) -> bool:
        return self.left <= 0 or self.left < self.least

    @property
    def days_left(self) -> int | None:
        """Return how many days it lasts at the pace of the last 30 days; None without any bill."""
        if self.lately <= 0:
            return None
        return max(self.left, 0) * PACE_DAYS // self.lately


def wallet_of(target: str) -> Wallet | None:
    """Return what a target's wallet should hold; None as long as no top-up was entered."""
    rows = TopUp.objects.filter(target=target)
    first = rows.filter(corrects=None, correction=None).aggregate(day=Min("day"))["day"]
    if first is None:
        return None
    return Wallet(
        since=first,
        put_in=rows.aggregate(sum=Sum("amount_micros"))["sum"] or 0,
        billed=_billed(target, first),
        lately=_billed(target, today() - timedelta(days=PACE_DAYS - 1)),
        least=studio_settings().wallet_warn_micros,
    )


def top_ups(target: str) -> list[TopUp]:
    """Return what was put in and taken back, newest first."""
    rows = TopUp.objects.filter(target=target).select_related("correction", "corrects")
    return list(rows.order_by("-pk")[:SHOWN_TOP_UPS])


def low_wallet(target: str) -> WalletWarning | None:
    return WalletWarning.objects.filter(target=target).first()


def _billed(target: str, first: date) -> int:
    """Return the bills of a target since a day."""
    return cost_sums(target, Span(first, FAR_AWAY)).get((), LedgerSum()).billed
