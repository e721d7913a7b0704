"""The pictures or requests behind a figure of kept pictures; private ones are not shown."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from omixa_studio.models import Generation, Person, Picture, State
from omixa_studio.models.spans import Span
from omixa_studio.queries import costs
from omixa_studio.queries.kept_lists import PICTURES, pictures_behind, repeats_behind
from omixa_studio.queries.wasted import REFUSED

from .addresses import FILTERS, query_of
from .days import days_named
from .labels import labels_of

ROWS_ON_A_PAGE = 50
Row = Picture | Generation
# Of either; Django's stubs know no union of them.
Rows = QuerySet[Any]


@dataclass(frozen=True)
class KeptItem:
    """A picture or request: when, whose, of which model, at which cost in micro-dollars.

    `picture` is None if the viewer may not see it, or if there is none.
    """

    pk: int
    at: datetime
    person: str
    model: str
    micros: int | None
    picture: Picture | None
    marks: Sequence[str] = ()
    # What stands in its place.
    unseen: str = "–"


@dataclass(frozen=True)
class KeptList:
    """A page of a list, and the address of the next one, "" at the end."""

    title: str
    days: str
    rows: Sequence[KeptItem]
    older: str
    back: str


def build_list(which: str, span: Span, viewer: Person, *, under: int | None) -> KeptList:
    """Return a page of what is behind a figure, after the row `under`, as a viewer may know it."""
    target = settings.GATEWAY_TARGET
    rows = _after(_rows_of(which, target, span), under)
    found = list(rows[: ROWS_ON_A_PAGE + 1])
    shown = found[:ROWS_ON_A_PAGE]
    models = labels_of("model", {row.model for row in shown}, target, viewer)
    items = [_item(row, viewer, models[row.model]) for row in shown]
    more = len(found) > ROWS_ON_A_PAGE
    here = reverse("keepers_list")
    return KeptList(
        title=TITLES[which](),
        days=" · ".join([days_named(span.first, span.last), *_names(span, target, viewer)]),
        rows=items,
        older=here + query_of(span, which=which, under=shown[-1].pk) if more else "",
        back=query_of(span),
    )


def _names(span: Span, target: str, viewer: Person) -> list[str]:
    return [
        labels_of(name, [key], target, viewer)[key]
        for name, field in FILTERS.items()
        if (key := getattr(span, field)) is not None
    ]


def _rows_of(which: str, target: str, span: Span) -> Rows:
    if which in PICTURES:
        return pictures_behind(which, target, span)
    if which == "repeats":
        return repeats_behind(target, span)
    kind = REFUSED if which == "refused" else ~REFUSED
    rows = costs.generations(target, span).filter(kind, state=State.FAILED, billed_micros__gt=0)
    return rows.select_related("person").order_by("-created_at", "-id")


def _after(rows: Rows, under: int | None) -> Rows:
    """Leave out the rows up to one; all of them are left if it is gone."""
    if under is None:
        return rows
    last = rows.model.objects.filter(pk=under)
    if not last.exists():
        return rows
    # Compared in SQL: SQLite keeps moments as texts, with as many digits as they came with.
    at = Subquery(last.values("created_at"))
    return rows.filter(Q(created_at=at, pk__lt=under) | Q(created_at__lt=at), created_at__lte=at)


def _item(row: Row, viewer: Person, model: str) -> KeptItem:
    person = row.person.name if row.person else _("Nobody")
    if isinstance(row, Generation):
        return KeptItem(row.pk, row.created_at, person, model, row.billed_micros, None)
    seen = row.trashed_at is None and (row.shared or row.person_id == viewer.pk)
    return KeptItem(
        pk=row.pk,
        at=row.created_at,
        person=person,
        model=model,
        micros=row.cost_micros,
        picture=row if seen else None,
        marks=_marks(row),
        unseen="–" if row.shared or row.person_id == viewer.pk else _("Private"),
    )


def _marks(picture: Picture) -> list[str]:
    """Return why a picture is kept, or why it is not."""
    marks = {
        _("Star"): picture.winner,
        _("Downloaded"): picture.downloaded,
        _("Approved"): picture.approval == "approved",
        _("In a collection"): picture.collected_in > 0,
        _("Rejected"): bool(picture.verdict),
        _("In the trash"): picture.trashed_at is not None,
    }
    return [name for name, is_so in marks.items() if is_so]


TITLES: Mapping[str, Callable[[], str]] = {
    "kept": lambda: _("Kept pictures"),
    "starred": lambda: _("Pictures with a star"),
    "downloaded": lambda: _("Downloaded pictures"),
    "approved": lambda: _("Approved pictures"),
    "collected": lambda: _("Pictures in a collection"),
    "rejected": lambda: _("Rejected pictures"),
    "repeats": lambda: _("Requests the team had"),
    "failed": lambda: _("Failed requests that cost money"),
    "refused": lambda: _("Refused requests that cost money"),
}
