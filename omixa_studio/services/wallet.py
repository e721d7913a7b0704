"""Money put into the wallet at the gateway, and warnings before it is empty."""

from datetime import date

from django.db import IntegrityError, transaction
from django.urls import reverse

from omixa_studio.models import (
    ActKind,
    Notice,
    Pause,
    StudioSettings,
    TopUp,
    WalletWarning,
    dollars,
)
from omixa_studio.models.pauses import Reason
from omixa_studio.queries.people import admins
from omixa_studio.queries.studio_settings import studio_settings
from omixa_studio.queries.wallet import wallet_of

from . import audit, notices
from .audit import Actor

EMPTY, LOW = "wallet_empty", "wallet_low"


def top_up(target: str, amount_micros: int, *, day: date, note: str, by: Actor) -> TopUp:
    """Record money put into a target's wallet."""
    with transaction.atomic():
        row = TopUp.objects.create(
            target=target, amount_micros=amount_micros, day=day, note=note, by_name=by.shown
        )
        audit.write(ActKind.TOPPED_UP, by=by, thing=day.isoformat(), after=_plain(amount_micros))
    check(target)
    return row


def take_back(row: TopUp, *, by: Actor) -> bool:
    """Record that money was not put in after all; False if that was recorded before."""
    if row.amount_micros < 0:
        return False
    try:
        with transaction.atomic():
            TopUp.objects.create(
                target=row.target,
                amount_micros=-row.amount_micros,
                day=row.day,
                corrects=row,
                by_name=by.shown,
            )
            amount = _plain(row.amount_micros)
            audit.write(ActKind.TOP_UP_CORRECTED, by=by, thing=row.day.isoformat(), before=amount)
    except IntegrityError:
        return False
    check(row.target)
    return True


def set_least(target: str, amount_micros: int, *, by: Actor) -> None:
    """Set below which amount admins are warned."""
    with transaction.atomic():
        before = studio_settings().wallet_warn_micros
        if before == amount_micros:
            return
        StudioSettings.objects.update_or_create(
            pk=1, defaults={"wallet_warn_micros": amount_micros}
        )
        audit.write(
            ActKind.WALLET_WARNING, by=by, before=_plain(before), after=_plain(amount_micros)
        )
    check(target)


def check(target: str) -> None:
    """Warn admins once when less should be left than they want, until there is more again."""
    wallet = wallet_of(target)
    known = WalletWarning.objects.filter(target=target).first()
    if wallet is None or not wallet.is_low:
        if known:
            notices.settle(_low_key(known))
            WalletWarning.objects.filter(target=target).delete()
        return
    if known is None:
        known, _ = WalletWarning.objects.get_or_create(
            target=target, defaults={"left_micros": wallet.left}
        )
        facts = {"left_micros": wallet.left}
        notices.tell(admins(), LOW, facts, path=reverse("wallet"), key=_low_key(known))
    elif known.left_micros != wallet.left:
        WalletWarning.objects.filter(pk=known.pk).update(left_micros=wallet.left)


def tell_of_empty(target: str) -> None:
    """Tell admins once that the gateway finds the wallet empty; no longer once that is over."""
    pause = Pause.objects.filter(target=target, reason=Reason.BALANCE).first()
    key = f"{EMPTY} {target} {pause.since.isoformat()}" if pause else ""
    for old in set(_unread_about_empty(target)) - {key}:
        notices.settle(old)
    if key and not Notice.objects.filter(key=key).exists():
        notices.tell(admins(), EMPTY, {}, path=reverse("wallet"), key=key)


def _unread_about_empty(target: str) -> list[str]:
    rows = Notice.objects.filter(key__startswith=f"{EMPTY} {target} ", read_at=None)
    return list(rows.values_list("key", flat=True).distinct())


def _low_key(warning: WalletWarning) -> str:
    return f"{LOW} {warning.pk}"


def _plain(amount_micros: int) -> str:
    return f"{dollars(amount_micros):.6f}"
