"""The ledger as charges of the FinOps Foundation's format FOCUS 1.2, and what has no price yet.

Only what was billed is a charge: captures and adjustments. The month of a charge is that of its
click. An adjustment booked in a later month corrects a month that was closed, so it belongs to the
month of its booking and says so. Costs that nobody knows are no charges of zero: they stand in a
table of their own.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from omixa_studio.models import Charge, Generation, Kind, Project, State
from omixa_studio.models.generations import Charged
from omixa_studio.models.money import places
from omixa_studio.models.periods import Period, next_start
from omixa_studio.models.spans import Span

from . import costs

PROVIDER, SERVICE = "Omixa", "Omixa image generation"
CATEGORY, SUBCATEGORY = "AI and Machine Learning", "Generative AI"
COLUMNS = (
    "BilledCost",
    "EffectiveCost",
    "ListCost",
    "ContractedCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodStart",
    "BillingPeriodEnd",
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "InvoiceIssuerName",
    "PricingQuantity",
    "PricingUnit",
    "ProviderName",
    "PublisherName",
    "ServiceCategory",
    "ServiceName",
    "ServiceSubcategory",
    "SkuId",
    "SubAccountId",
    "SubAccountName",
    "Tags",
    "x_GenerationId",
    "x_Held",
)
UNPRICED = (
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "SkuId",
    "SubAccountId",
    "SubAccountName",
    "Tags",
    "x_GenerationId",
    "x_State",
    "x_Held",
)
CHARGE = (
    "kind",
    "amount_micros",
    "day",
    "generation_id",
    "person_name",
    "role",
    "model",
    "operation",
    "project_id",
    "pictures",
    "created_at",
    "held",
)


def focus_rows(target: str, span: Span) -> Iterator[tuple[str, ...]]:
    """Yield each charge of a span as text in the order of COLUMNS, by day; "" is null.

    Amounts are dollars with six places, moments in UTC. Of adjustments in a later month than their
    click's, those booked in the span.
    """
    names = dict(Project.objects.values_list("pk", "name"))
    for charge in _charges(target, span):
        yield _row(charge, target, names)


def unpriced_rows(target: str, span: Span) -> Iterator[tuple[str, ...]]:
    """Yield each request of a span whose cost nobody knows as text in the order of UNPRICED."""
    unknown = Q(state=State.UNKNOWN) | Q(charged=Charged.UNKNOWN)
    rows = costs.generations(target, span).filter(unknown).select_related("person", "project")
    for made in rows.order_by("pk").iterator(chunk_size=500):
        yield _unpriced(made)


def _charges(target: str, span: Span) -> Iterator[dict[str, Any]]:
    for day in span.days:
        rows = costs.charges(target, span.of_days(day, day))
        for charge in _read(rows.filter(kind__in=(Kind.CAPTURE, Kind.ADJUSTMENT))):
            if not _is_correction(charge):
                yield charge
    since, until = _midnight(span.first), _midnight(span.last + timedelta(days=1))
    later = Charge.objects.filter(
        costs.pictured(span, "generation_id"),
        target=target,
        kind=Kind.ADJUSTMENT,
        **span.of_ledger,
    )
    for charge in _read(later.filter(created_at__gte=since, created_at__lt=until)):
        if _is_correction(charge):
            yield charge


def _read(rows: "QuerySet[Charge, Any]") -> Iterator[dict[str, Any]]:
    holds = Charge.objects.filter(
        generation_id=OuterRef("generation_id"), kind__in=(Kind.HOLD, Kind.RAISE)
    )
    total = holds.order_by().values("generation_id").annotate(sum=Sum("amount_micros"))
    found = rows.annotate(held=Subquery(total.values("sum"))).order_by("generation_id", "pk")
    for row in found.values_list(*CHARGE).iterator(chunk_size=2000):
        yield dict(zip(CHARGE, row, strict=True))


def _is_correction(charge: dict[str, Any]) -> bool:
    """Return whether a charge was booked in a later month than that of its click."""
    if charge["kind"] != Kind.ADJUSTMENT:
        return False
    booked, day = _booked_on(charge), charge["day"]
    return (booked.year, booked.month) > (day.year, day.month)


def _booked_on(charge: dict[str, Any]) -> date:
    return timezone.localdate(charge["created_at"], timezone.get_default_timezone())


def _row(charge: dict[str, Any], target: str, names: dict[int, str]) -> tuple[str, ...]:
    # A decimal, as the format says, though pictures are whole.
    cost, pictures = places(charge["amount_micros"]), f"{charge['pictures']}.0"
    corrects = _is_correction(charge)
    billed_on = _booked_on(charge) if corrects else charge["day"]
    return (
        *(cost, cost, cost, cost),
        *(target, target, "USD"),
        *_period(Period.MONTH, billed_on),
        *_period(Period.DAY, charge["day"]),
        *("Usage", "Correction" if corrects else "", _description(charge)),
        *(PROVIDER, pictures, "Images"),
        *(PROVIDER, PROVIDER, CATEGORY, SERVICE, SUBCATEGORY, charge["model"]),
        _account(charge["project_id"]),
        names.get(charge["project_id"], ""),
        _tags(charge["person_name"], charge["role"], charge["operation"]),
        str(charge["generation_id"] if charge["generation_id"] > 0 else ""),
        places(charge["held"] or 0),
    )


def _unpriced(made: Generation) -> tuple[str, ...]:
    person, project = made.person, made.project
    clicked = timezone.localdate(made.created_at, timezone.get_default_timezone())
    return (
        *_period(Period.DAY, clicked),
        made.model,
        _account(made.project_id),
        project.name if project else "",
        _tags(person.name if person else "", person.role if person else "", made.operation),
        str(made.pk),
        made.state,
        places(made.held_micros),
    )


def _description(charge: dict[str, Any]) -> str:
    """Return what was bought, in the words of the gateway: files of machines have one language."""
    what = "Adjustment" if charge["kind"] == Kind.ADJUSTMENT else "Images"
    return f"{what}: {charge['pictures']} × {charge['model']}, {charge['operation']}"


def _account(project_id: int | None) -> str:
    """Return the id of a project, no bare number: readers of CSV would make that of it."""
    return f"project-{project_id}" if project_id else ""


def _tags(person: str, role: str, operation: str) -> str:
    tags = {"person": person, "role": role, "operation": operation}
    return json.dumps({key: text for key, text in tags.items() if text}, ensure_ascii=False)


def _period(period: Period, day: date) -> tuple[str, str]:
    """Return the first moment of the period that contains a day, and that of the next one."""
    first = day.replace(day=1) if period == Period.MONTH else day
    return _utc(_midnight(first)), _utc(next_start(period, day))


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_default_timezone())
