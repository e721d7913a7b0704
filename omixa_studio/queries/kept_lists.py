"""The pictures and requests behind the figures of kept pictures, newest first, a page at a time."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from omixa_studio.models import KEPT_FATE, REJECTED_FATE, Generation, Picture, PictureFate
from omixa_studio.models.spans import Span

from .costs import pictured

# An answer comes within hours of its click, whose day it is.
LATEST = timedelta(days=2)
# Which pictures: what became of them, and what else is true of them.
PICTURES: Mapping[str, tuple[int, Q]] = {
    "kept": (KEPT_FATE, Q()),
    "starred": (KEPT_FATE, Q(winner=True)),
    "downloaded": (KEPT_FATE, Q(downloaded=True)),
    "approved": (KEPT_FATE, Q(approval="approved")),
    "collected": (KEPT_FATE, Q(collected_in__gt=0)),
    "rejected": (REJECTED_FATE, Q()),
}


def pictures_behind(which: str, target: str, span: Span) -> QuerySet[Picture]:
    """Return the pictures that a figure counts, with their requests and makers."""
    fate, also = PICTURES[which]
    first, end = _moments(span)
    paths = {"collected__collection": span.collection_id, "tagged__tag": span.tag_id}
    also &= Q(**{path: key for path, key in paths.items() if key is not None})
    rows = Picture.objects.alias(fate=PictureFate()).filter(
        also,
        fate=fate,
        created_at__gte=first,
        created_at__lt=end + LATEST,
        generation__target=target,
        generation__created_at__gte=first,
        generation__created_at__lt=end,
        **_narrowed(span),
    )
    return rows.select_related("generation", "person").order_by("-created_at", "-id")


def repeats_behind(target: str, span: Span) -> QuerySet[Generation]:
    """Return the requests whose pictures somebody else had shared before, with their people."""
    first, end = _moments(span)
    rows = Generation.objects.filter(
        pictured(span),
        had_before=True,
        target=target,
        created_at__gte=first,
        created_at__lt=end,
        **_narrowed(span),
    )
    return rows.select_related("person").order_by("-created_at", "-id")


def _moments(span: Span) -> tuple[datetime, datetime]:
    """Return the first moment of a span, and the first one after it."""
    zone = timezone.get_default_timezone()
    days = (span.first, span.last + timedelta(days=1))
    first, end = (datetime.combine(day, time.min, zone) for day in days)
    return first, end


def _narrowed(span: Span) -> dict[str, Any]:
    """Return a span's filters of the ledger as conditions; 0 is nobody, and no project."""
    wanted: dict[str, Any] = span.of_ledger
    return {name: None if value == 0 else value for name, value in wanted.items()}
