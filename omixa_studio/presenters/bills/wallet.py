"""The wallet at the gateway: what should be left, and how long it lasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings

from omixa_studio.models import TopUp
from omixa_studio.models.ledger import today
from omixa_studio.queries.wallet import Wallet, top_ups, wallet_of

LONGEST_DAYS = 3650


@dataclass(frozen=True)
class WalletSheet:
    """The page; `wallet` is None as long as no top-up was entered.

    `until` is the day on which it should be empty, None if that is not foreseen.
    """

    wallet: Wallet | None
    rows: Sequence[TopUp]
    until: date | None

    @property
    def each_day(self) -> int:
        """Return the bills of a day at the pace of the last 30 days, in micro-dollars."""
        return round(self.wallet.lately / 30) if self.wallet else 0


def wallet_sheet() -> WalletSheet:
    """Read the wallet of the gateway in use."""
    target = settings.GATEWAY_TARGET
    wallet = wallet_of(target)
    days = wallet.days_left if wallet else None
    foreseen = days is not None and days <= LONGEST_DAYS
    until = today() + timedelta(days=days or 0) if foreseen else None
    return WalletSheet(wallet, top_ups(target), until)
