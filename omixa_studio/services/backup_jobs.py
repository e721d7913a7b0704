"""The nightly backup: a job of the studio's own, so that one machine alone makes it.

It has a thread of its own in the worker, since the first backup of a large studio takes hours.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from omixa_studio.gateway.errors import told
from omixa_studio.models import OPEN_JOBS, BackgroundJob, JobState
from omixa_studio.queries import backups
from omixa_studio.queries.backups import last_backup, last_of_all
from omixa_studio.queries.people import admins

from . import notices
from .background import Batch, JobFailed, JobKind
from .backup_folder import BackupError, BackupFolder
from .backup_taking import Taken, take

log = logging.getLogger(__name__)

NIGHT = time(2)
# So long a night may take before it is said that there was no backup.
HOURS_UNTIL_TOLD = 30
# Backups under way in this process, by the id of their job.
UNDER_WAY: dict[int, Iterator[Taken]] = {}


def start_if_due() -> bool:
    """Queue the backup of this night unless it was made or tried; return whether it was queued."""
    last = last_of_all()
    if last and (last.state in OPEN_JOBS or last.created_at >= _last_night()):
        return False
    try:
        with transaction.atomic():
            BackgroundJob.objects.create(kind=backups.KIND)
    except IntegrityError:  # another worker did at this moment
        return False
    _forget_old()
    return True


def tell_if_missing() -> None:
    """Tell admins once a day if the last backup failed, or if there was none for too long."""
    last, good = last_of_all(), last_backup()
    failed = last is not None and last.state == JobState.FAILED
    since = good.finished_at if good else _begun()
    long_ago = timezone.now() - timedelta(hours=HOURS_UNTIL_TOLD)
    if not failed and (since is None or since > long_ago):
        return
    day = timezone.localdate(timezone=timezone.get_default_timezone())
    facts = {"why": last.result.get("error", "")} if failed and last else {}
    kind = "backup_failed" if facts.get("why") else "backup_missing"
    notices.tell(admins(), kind, facts, path=reverse("people"), key=f"backup {day}")


def make_job(folder: Path) -> JobKind:
    """Return how the job works, into a folder."""
    return JobKind(work=lambda job: _work(job, folder), clear=_clear)


def _work(job: BackgroundJob, path: Path) -> Batch:
    """Do a step. What another process had begun is begun anew: it copies only what is missing."""
    try:
        if job.pk not in UNDER_WAY:
            folder = BackupFolder.create(path, settings.BACKUP_PASSPHRASE)
            UNDER_WAY[job.pk] = take(folder, keep=settings.BACKUP_KEEP)
        taken = next(UNDER_WAY[job.pk])
    except (BackupError, OSError) as error:
        _clear(job)
        log.error("The nightly backup failed: %s", error)
        BackgroundJob.objects.filter(pk=job.pk).update(result={"error": str(error)})
        raise JobFailed(told("text", text=str(error))) from None
    return _batch(job, taken)


def _batch(job: BackgroundJob, taken: Taken) -> Batch:
    if taken.finished:
        _clear(job)
        if wrong := len(taken.missing) + len(taken.damaged):
            log.error("%s files of the backup are missing or damaged: %s", wrong, taken.summary())
    return Batch(
        cursor={"done": taken.done},
        handled=max(taken.done - job.done, 0),
        total=taken.total,
        result=taken.summary(),
        finished=taken.finished,
    )


def _clear(job: BackgroundJob) -> None:
    if under_way := UNDER_WAY.pop(job.pk, None):
        under_way.close()  # type: ignore[attr-defined] # it is a generator


def _forget_old() -> None:
    """Keep the last backup that worked, and the one that was just queued."""
    good = last_backup()
    rows: Any = BackgroundJob.objects.filter(kind=backups.KIND, person=None).exclude(
        state__in=OPEN_JOBS
    )
    rows.exclude(pk=good.pk if good else None).delete()


def _begun() -> datetime | None:
    """Return when the last backup was begun, whatever became of it; None if none was."""
    last = last_of_all()
    return last.created_at if last else None


def _last_night() -> datetime:
    now = timezone.localtime(timezone=timezone.get_default_timezone())
    hour = now.replace(hour=NIGHT.hour, minute=0, second=0, microsecond=0)
    return hour if hour <= now else hour - timedelta(days=1)
