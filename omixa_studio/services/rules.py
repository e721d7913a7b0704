"""Rules of requests: checked for every way in, and changed by admins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from omixa_studio.catalogue import ImageModel
from omixa_studio.catalogue.ruling import check_ruling
from omixa_studio.models import (
    MICRO,
    ActKind,
    Generation,
    Person,
    RequestRule,
    Run,
    RunKind,
    StudioSettings,
    dollars,
)
from omixa_studio.queries.request_rules import ruling_of

from . import audit
from .audit import Actor
from .refusals import ChoiceRefused

Asked = tuple[Generation, ImageModel, Mapping[str, object]]


@dataclass(frozen=True)
class RuleTerms:
    """What a rule says; the defaults rule nothing out."""

    dearest_micros: int | None = None
    most_pictures: int | None = None
    allowed_models: Sequence[str] = ()
    forbidden: Mapping[str, Sequence[str]] = field(default_factory=dict)


def refuse_unruly(person: Person, asked: Sequence[Asked], run: Run | None) -> None:
    """Refuse requests that the rules do not allow: each row, model and values.

    The calls of one click that had to be split count together. Raises ChoiceRefused.
    """
    ruling = ruling_of(person)
    if ruling.is_empty:
        return
    is_split = run is not None and run.kind == RunKind.SPLIT
    parts = [asked] if is_split else [[one] for one in asked]
    for part in parts:
        _row, model, values = part[0]
        count = sum(row.count for row, *_rest in part)
        held = MICRO * sum(row.held_micros for row, *_rest in part)
        faults = check_ruling(ruling, model, values, count=count, held=held)
        if faults:
            raise ChoiceRefused(*faults)


def set_rule(scope: str, subject: str, terms: RuleTerms, *, by: Actor) -> None:
    """Make, change or, if it rules nothing out, remove a rule."""
    said: dict[str, Any] = {
        "dearest_micros": terms.dearest_micros,
        "most_pictures": terms.most_pictures,
        "allowed_models": list(terms.allowed_models),
        "forbidden": {name: list(values) for name, values in terms.forbidden.items()},
    }
    with transaction.atomic():
        if any(value not in (None, [], {}) for value in said.values()):
            RequestRule.objects.update_or_create(scope=scope, subject=subject, defaults=said)
        else:
            RequestRule.objects.filter(scope=scope, subject=subject).delete()
        whom = Person.objects.filter(pk=int(subject)).first() if scope == "person" else None
        thing = "" if whom else subject or "studio"
        audit.write(ActKind.RULE, by=by, whom=whom, thing=thing, after=_told(terms))


def free_admins(free: bool, *, by: Actor) -> None:
    """Choose whether the rules leave admins free."""
    with transaction.atomic():
        StudioSettings.objects.update_or_create(pk=1, defaults={"admins_unruled": free})
        audit.write(ActKind.RULE, by=by, thing="admin", after="free" if free else "ruled")


def _told(terms: RuleTerms) -> str:
    parts = [
        "" if terms.dearest_micros is None else f"${dollars(terms.dearest_micros):.2f}",
        "" if terms.most_pictures is None else f"n ≤ {terms.most_pictures}",
        ", ".join(terms.allowed_models),
        *(f"{name} ≠ {', '.join(values)}" for name, values in terms.forbidden.items()),
    ]
    return " · ".join(part for part in parts if part)
