"""Rows of the ledger within a span, and the names in it, which outlive accounts."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from omixa_studio.models import Charge, Generation, Kind, Picture
from omixa_studio.models.spans import Span

from .people import names_of
from .prepared import Prepared


def charges(target: str, span: Span) -> QuerySet[Charge]:
    """Return the ledger rows of a span."""
    rows = Charge.objects.filter(target=target, day__range=(span.first, span.last)).order_by()
    return rows.filter(pictured(span, "generation_id"), **span.of_ledger)


def generations(target: str, span: Span, *, few: bool = False) -> QuerySet[Generation]:
    """Return the generations clicked in a span, with `ledger_person`, which outlives accounts.

    If they will be narrowed to a `few`, targets and times are compared as expressions: SQLite would
    rather read all of a target, or of the span, by its index.
    """
    zone = timezone.get_default_timezone()
    held = Charge.objects.filter(generation_id=OuterRef("pk"), kind=Kind.HOLD)
    whose = Coalesce("person_id", Subquery(held.values("person_id")))
    rows = Generation.objects.alias(
        there=Coalesce("target", "target"), clicked=Coalesce("created_at", "created_at")
    )
    there, clicked = ("there", "clicked") if few else ("target", "created_at")
    rows = rows.annotate(ledger_person=whose).filter(
        **{
            there: target,
            f"{clicked}__gte": datetime.combine(span.first, time.min, zone),
            f"{clicked}__lt": datetime.combine(span.last + timedelta(days=1), time.min, zone),
        },
    )
    wanted = span.of_ledger
    if "person_id" in wanted:
        wanted["ledger_person"] = wanted.pop("person_id")
    if wanted.get("project_id") == 0:
        del wanted["project_id"]
        rows = rows.filter(project_id__isnull=True)
    return rows.filter(pictured(span), **wanted).order_by()


def pictured(span: Span, column: str = "pk") -> Q:
    """Return the condition that a generation has a picture in a span's collection and tag.

    `column` holds the generation's id.
    """
    found = Q()
    for field, path in (("collection_id", "collected__collection"), ("tag_id", "tagged__tag")):
        if (key := getattr(span, field)) is not None:
            rows = Picture.objects.filter(**{path: key}).order_by()
            found &= Q(**{f"{column}__in": rows.values("generation")})
    return found


def first_day(target: str) -> date | None:
    """Return the first day of a target's ledger, None without rows."""
    found: date | None = _FIRST_DAY.first(None, target)
    return found


def _first_day(_nobody: None, target: str) -> QuerySet[Charge, Any]:
    days = Charge.objects.filter(target=target).order_by("day")
    return days.values_list("day", flat=True)[:1]


_FIRST_DAY = Prepared(_first_day)


def person_names(target: str, ids: Iterable[int]) -> dict[int, str]:
    """Return people's names by id; those of deleted accounts come from the ledger."""
    wanted = set(ids)
    found = names_of(wanted)
    gone = wanted - set(found)
    if gone:
        rows = Charge.objects.filter(target=target, person_id__in=gone).order_by()
        found |= dict(rows.values_list("person_id").annotate(Max("person_name")))
    return found
