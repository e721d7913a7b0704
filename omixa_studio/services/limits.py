"""Limits as an admin changes them, each change with its row in the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.models import (
    ActKind,
    Limit,
    LimitRaise,
    Period,
    Person,
    Project,
    Scope,
    StudioSettings,
    Token,
    dollars,
)
from omixa_studio.queries.studio_settings import studio_settings

from . import audit
from .audit import Actor
from .refusals import Refused


class LimitTaken(Refused):
    """There is a limit of this kind already."""

    reason = "limit_taken"

    def __init__(self) -> None:
        there = N_("There is a limit of this kind already. Change that one.")
        super().__init__(Fault("amount", there, {}))


@dataclass(frozen=True)
class LimitKind:
    """What a limit is of, for how long it counts, and whether it refuses or only warns."""

    scope: str
    subject: str
    period: str = Period.MONTH
    hard: bool = True


def add_limit(kind: LimitKind, amount_micros: int, *, by: Actor) -> Limit:
    """Set a limit where there is none of its kind. Raises LimitTaken."""
    with transaction.atomic():
        limit, made = Limit.objects.get_or_create(
            **vars(kind), defaults={"amount_micros": amount_micros}
        )
        if not made:
            raise LimitTaken
        _log(limit, by, after=_plain(amount_micros))
    return limit


def change_amount(limit: Limit, amount_micros: int, *, by: Actor) -> None:
    """Give a limit another amount, in micro-dollars."""
    with transaction.atomic():
        before = _locked(limit)
        if before in (None, amount_micros):
            return
        Limit.objects.filter(pk=limit.pk).update(amount_micros=amount_micros)
        _log(limit, by, before=_plain(before or 0), after=_plain(amount_micros))


def remove_limit(limit: Limit, *, by: Actor) -> Mapping[str, object]:
    """Remove a limit with its raises; return what `restore_limit` takes, as JSON."""
    with transaction.atomic():
        amount = _locked(limit)
        if amount is not None:  # what an admin read may be older
            limit.amount_micros = amount
        raises = [
            [one.extra_micros, one.until.isoformat(), one.granted_by_name, one.reason]
            for one in limit.raises.order_by("pk")
        ]
        Limit.objects.filter(pk=limit.pk).delete()
        _log(limit, by, before=_plain(limit.amount_micros))
    return {
        "kind": [limit.scope, limit.subject, limit.period, limit.hard],
        "amount": limit.amount_micros,
        "raises": raises,
    }


def restore_limit(removed: Mapping[str, Any], *, by: Actor) -> None:
    """Set a removed limit again, with its raises. Raises LimitTaken."""
    with transaction.atomic():
        limit = add_limit(LimitKind(*removed["kind"]), removed["amount"], by=by)
        LimitRaise.objects.bulk_create(
            LimitRaise(
                limit=limit,
                extra_micros=extra,
                until=datetime.fromisoformat(until),
                granted_by_name=name,
                reason=reason,
            )
            for extra, until, name, reason in removed["raises"]
        )


def raise_limit(
    limit: Limit, extra_micros: int, until: datetime, *, by: Actor, reason: str = ""
) -> LimitRaise:
    """Give a limit so many micro-dollars more until a moment; then they are gone by themselves."""
    with transaction.atomic():
        granted = LimitRaise.objects.create(
            limit=limit,
            extra_micros=extra_micros,
            until=until,
            granted_by_name=by.shown,
            reason=reason,
        )
        _log(limit, by, ActKind.LIMIT_RAISED, after=f"{_plain(extra_micros)} {until.isoformat()}")
    return granted


def end_raise(granted: LimitRaise, *, by: Actor) -> None:
    """Take back a raise before its time."""
    with transaction.atomic():
        if LimitRaise.objects.filter(pk=granted.pk).delete()[0]:
            before = _plain(granted.extra_micros)
            _log(granted.limit, by, ActKind.LIMIT_RAISED, before=before)


def set_default(amount_micros: int | None, period: str, *, by: Actor) -> None:
    """Choose the limit that accounts made from now on get; None for no limit."""
    with transaction.atomic():
        before = studio_settings().default_limit_micros
        StudioSettings.objects.update_or_create(
            pk=1,
            defaults={"default_limit_micros": amount_micros, "default_limit_period": period},
        )
        audit.write(
            ActKind.LIMIT,
            by=by,
            thing=f"limit_{period} default",
            before="" if before is None else _plain(before),
            after="" if amount_micros is None else _plain(amount_micros),
        )


def _locked(limit: Limit) -> int | None:
    rows = Limit.objects.filter(pk=limit.pk).select_for_update()
    return rows.values_list("amount_micros", flat=True).first()


def _log(
    limit: Limit, by: Actor, kind: ActKind = ActKind.LIMIT, *, before: str = "", after: str = ""
) -> None:
    whom, named = None, f"{limit.scope} {limit.subject}" if limit.subject else "studio"
    if limit.scope == Scope.PERSON:
        whom, named = Person.objects.filter(pk=int(limit.subject)).first(), ""
    elif limit.scope == Scope.PROJECT:
        project = Project.objects.filter(pk=int(limit.subject)).first()
        named = f"project {project or limit.subject}"
    elif limit.scope == Scope.TOKEN:
        token = Token.objects.select_related("person").get(pk=int(limit.subject))
        whom, named = token.person, f"token {token.name}"
    # The oldest kind of limit keeps the form in which it was always logged.
    usual = limit.period == Period.MONTH and limit.hard and kind == ActKind.LIMIT
    if not (usual and limit.scope in (Scope.PERSON, Scope.STUDIO)):
        strength = "limit" if limit.hard else "notice"
        named = f"{strength}_{limit.period} {named}"
    audit.write(kind, by=by, whom=whom, thing=named, before=before, after=after)


def _plain(amount_micros: int) -> str:
    return f"{dollars(amount_micros):.6f}"
