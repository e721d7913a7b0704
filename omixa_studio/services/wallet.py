"""Money put into the wallet at the gateway, and warnings before it is empty."""

from datetime import date

from django.db import IntegrityError, transaction
from django.urls import reverse

from omixa_studio.models import (
    ENVIRONMENT,
    ActKind,
    Notice,
    Pause,
    StudioSettings,
    TopUp,
    WalletWarning,
    dollars,
)
from omixa_studio.models.pauses import Reason
from omixa_studio.queries.pauses import names_of_keys
from omixa_studio.queries.people import admins
from omixa_studio.queries.studio_settings import studio_settings
from omixa_studio.queries.wallet import wallet_of

from . import audit, notices
from .audit import Actor

EMPTY, EMPTY_OF_KEY, LOW = "wallet_empty", "wallet_empty_of_key", "wallet_low"


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
    """Tell admins once that the gateway finds a wallet empty; no longer once that is over."""
    found = Pause.objects.filter(target=target, reason=Reason.BALANCE).order_by("pk")
    pauses = {_empty_key(target, pause): pause for pause in found}
    for old in set(_unread_about_empty(target)) - pauses.keys():
        notices.settle(old)
    told = set(Notice.objects.filter(key__in=list(pauses)).values_list("key", flat=True))
    names = names_of_keys([pause.gateway_key for pause in found])
    for key in pauses.keys() - told:
        name = names.get(pauses[key].gateway_key or ENVIRONMENT, "")
        facts, kind = ({"key": name}, EMPTY_OF_KEY) if name else ({}, EMPTY)
        notices.tell(admins(), kind, facts, path=reverse("wallet"), key=key)


def _empty_key(target: str, pause: Pause) -> str:
    whose = f" {pause.gateway_key}" if pause.gateway_key else ""
    return f"{EMPTY} {target} {pause.since.isoformat()}{whose}"


def _unread_about_empty(target: str) -> list[str]:
    rows = Notice.objects.filter(key__startswith=f"{EMPTY} {target} ", read_at=None)
    return list(rows.values_list("key", flat=True).distinct())


def _low_key(warning: WalletWarning) -> str:
    return f"{LOW} {warning.pk}"


def _plain(amount_micros: int) -> str:
    return f"{dollars(amount_micros):.6f}"
