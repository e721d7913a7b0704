"""Start an export, delete and restore it, remove it after a week."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import Now

from omixa_studio import storage
from omixa_studio.catalogue.records import N_
from omixa_studio.models import OPEN_JOBS, ActKind, BackgroundJob, Export, JobState, Pack, Person
from omixa_studio.models.spans import Span
from omixa_studio.queries.everything import size_of_everything
from omixa_studio.queries.exports import total_bytes

from . import audit, background, cost_sheets, taking_away
from .audit import Actor
from .background import TooManyJobs
from .exporting import KIND
from .file_names import telling_fields, unknown_fields

MOST_PICTURES = 20_000
MOST_KEPT = 20
MOST_KEPT_BYTES = 20 * 2**30
MOST_DELETED = 5
DAYS_TO_KEEP = 7
HOURS_TO_RESTORE = 1
MOST_AT_ONCE = 100
# The table of an export that is an archive of all that belongs to one person.
EVERYTHING = "everything"
NOTHING = N_("There is no picture to export.")
TOO_MANY = N_("An export takes 20,000 pictures at most. Narrow the selection.")
NO_ROOM = N_("You keep 20 exports, or 20 GB of them, already. Delete one first.")
UNKNOWN = N_("%(field)s is not a field for names.")
TELLING = N_("%(field)s would tell a client the prompt or a name. Use other fields.")
IN_THE_MAKING = N_("This archive is being made already. It is among your exports.")
BUSY = N_("You have too many jobs running. Wait until one of them is done.")


class ExportRefused(ValueError):
    """The export cannot be started; the message is a sentence, with `values` to fill in."""

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(sentence)
        self.values = values


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What an export is to hold, and how its files are called."""

    pack: str
    format: str
    side: int
    quality: int
    template: str


def start(
    person: Person, wanted: Wanted, ids: Sequence[int], *, by: Actor, wake: Callable[[], None]
) -> Export:
    """Queue an export of some pictures that the person may see, and log it: they may leave the
    house with it. Raises ExportRefused.
    """
    check_template(wanted.pack, wanted.template)
    if not ids:
        raise ExportRefused(NOTHING)
    if len(ids) > MOST_PICTURES:
        raise ExportRefused(TOO_MANY)
    size = total_bytes(ids)
    _forget_deleted(person, size)
    with transaction.atomic():
        _refuse_more(person, size)
        try:
            job = background.start(person, KIND, {}, wake=wake, total=len(ids))
        except TooManyJobs:
            raise ExportRefused(BUSY) from None
        export = Export.objects.create(
            person=person, job=job, ids=list(ids), pictures=len(ids), bytes=size, **vars(wanted)
        )
        said = f"{len(ids)} {wanted.pack}"
        audit.write(ActKind.PICTURES_EXPORTED, by=by, thing=f"export {export.pk}", after=said)
    return export


def start_sheet(
    person: Person,
    span: Span,
    review: Mapping[str, Any],
    *,
    requests: int,
    by: Actor,
    wake: Callable[[], None],
) -> Export:
    """Queue a spreadsheet of a review and of the `requests` of its span, and log it.

    Raises ExportRefused.
    """
    _forget_deleted(person, 0)
    with transaction.atomic():
        _refuse_more(person, 0)
        asked = cost_sheets.parameters_of(span)
        try:
            job = background.start(person, cost_sheets.KIND, asked, wake=wake, total=requests)
        except TooManyJobs:
            raise ExportRefused(BUSY) from None
        about = {"pack": Pack.INTERNAL, "format": "xlsx", "quality": 0, "template": "", "ids": []}
        export = Export.objects.create(
            person=person, job=job, table="costs", review=review, pictures=requests, **about
        )
        days = f"{span.first} – {span.last}"
        audit.write(ActKind.EXPORTED, by=by, thing="costs.xlsx", after=days)
    return export


def start_everything(
    person: Person, whose: Person, *, by: Actor, wake: Callable[[], None]
) -> Export:
    """Queue the archive of all that belongs to `whose`, for a person to download, and log it.

    It replaces the one before, and neither counts against what a person may keep. Raises
    ExportRefused.
    """
    earlier = Export.objects.filter(person=person, table=EVERYTHING, whose=whose)
    if earlier.filter(deleted_at=None, job__state__in=OPEN_JOBS).exists():
        raise ExportRefused(IN_THE_MAKING)
    for export in earlier.exclude(job__state__in=OPEN_JOBS):
        _remove(export)
    sums = size_of_everything(whose)
    with transaction.atomic():
        try:
            job = background.start(person, taking_away.KIND, {}, wake=wake)
        except TooManyJobs:
            raise ExportRefused(BUSY) from None
        about = {"pack": Pack.INTERNAL, "format": "zip", "quality": 0, "template": "", "ids": []}
        export = Export.objects.create(
            person=person, job=job, table=EVERYTHING, whose=whose, **sums, **about
        )
        told = f"{export.pictures} {Pack.INTERNAL}"
        thing = f"export {export.pk}"
        audit.write(ActKind.TAKEN_AWAY, by=by, whom=whose, thing=thing, after=told)
    return export


def check_template(pack: str, template: str) -> None:
    """Raise ExportRefused for names with unknown fields, or with what a client must not see."""
    if unknown := unknown_fields(template):
        raise ExportRefused(UNKNOWN, field=f"{{{unknown[0][:40]}}}")
    if pack == Pack.CLIENT and (telling := telling_fields(template)):
        raise ExportRefused(TELLING, field=f"{{{telling[0]}}}")


def delete(export: Export) -> bool:
    """Delete an export, and cancel it if it is being made; return False if it was deleted."""
    rows = Export.objects.filter(pk=export.pk, deleted_at=None)
    if export.job is not None:
        background.cancel(export.job)
    return bool(rows.update(deleted_at=Now()))


def restore(export: Export) -> bool:
    """Restore a deleted export within the hour; return False if it is gone.

    Raises ExportRefused if others have taken its room.
    """
    since = Now() - timedelta(hours=HOURS_TO_RESTORE)
    deleted = Export.objects.filter(pk=export.pk, deleted_at__gt=since)
    with transaction.atomic():
        if export.table != EVERYTHING:
            _refuse_more(export.person, export.bytes)
        return bool(deleted.update(deleted_at=None))


def forget_old(*, days: float = DAYS_TO_KEEP, hours: float = HOURS_TO_RESTORE) -> int:
    """Remove exports so many days after they were ready, and deleted ones after so many hours.

    Returns how many. An export that never became ready is removed so long after its click.

    Files are removed first: a crash in between leaves rows that the next call finds again.
    """
    since = Now() - timedelta(days=days)
    is_old = Q(created_at__lt=since) & (Q(ready_at=None) | Q(ready_at__lt=since))
    is_deleted = Q(deleted_at__lt=Now() - timedelta(hours=hours))
    is_open = Q(job__state__in=OPEN_JOBS)
    gone = list(
        Export.objects.filter(is_old | is_deleted)
        .exclude(is_open)
        .defer("ids", "review")[:MOST_AT_ONCE]
    )
    for export in gone:
        _remove(export)
    return len(gone)


def forget_leftovers() -> None:
    """Remove what this machine holds of exports that have ended, perhaps on another machine."""
    if not settings.EXPORTS_DIR.is_dir():
        return
    paths = {path: path.name.partition("-")[0] for path in settings.EXPORTS_DIR.iterdir()}
    named = {int(pk) for pk in paths.values() if pk.isdecimal()}
    jobs = BackgroundJob.objects.filter(pk__in=named, state__in=OPEN_JOBS)
    still_open = {str(pk) for pk in jobs.values_list("pk", flat=True)}
    for path, pk in paths.items():
        if pk in still_open:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _forget_deleted(person: Person, size: int) -> None:
    """Remove deleted exports of a person for which there is no room, with so many bytes to come.

    Otherwise whoever deletes and starts again keeps as much as the disk holds, for an hour.
    """
    deleted = Export.objects.filter(person=person, deleted_at__isnull=False)
    closed = deleted.exclude(job__state__in=OPEN_JOBS).defer("ids", "review")
    left = MOST_KEPT_BYTES - size - _bytes_of(_kept_by(person))
    for place, export in enumerate(closed.order_by("-deleted_at", "-id")):
        left -= export.bytes
        if place >= MOST_DELETED or left < 0:
            _remove(export)


def _remove(export: Export) -> None:
    if export.file:
        storage.remove(export.file)
    export.delete()


def _refuse_more(person: Person, size: int) -> None:
    """Raise ExportRefused if a person keeps too much for so many bytes more."""
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    kept = _kept_by(person)
    if kept.count() >= MOST_KEPT or _bytes_of(kept) + size > MOST_KEPT_BYTES:
        raise ExportRefused(NO_ROOM)


def _kept_by(person: Person) -> QuerySet[Export]:
    failed = Q(job__state__in=(JobState.FAILED, JobState.CANCELLED))
    kept = Export.objects.filter(person=person, deleted_at=None).exclude(failed)
    return kept.exclude(table=EVERYTHING)


def _bytes_of(rows: QuerySet[Export]) -> int:
    return rows.aggregate(sum=Sum("bytes"))["sum"] or 0
