"""The nightly backups: when they last worked."""

from django.db.models import QuerySet

from omixa_studio.models import BackgroundJob, JobState

KIND = "backup"
# The last that worked, the last that failed, and the one being made.
KEPT = 3


def last_backup() -> BackgroundJob | None:
    """Return the last backup that worked, None if none did."""
    return _rows().filter(state=JobState.DONE).first()


def last_of_all() -> BackgroundJob | None:
    """Return the last backup that was queued, however it went."""
    return _rows().first()


def newest() -> list[BackgroundJob]:
    """Return the few last ones, newest first, the last that worked among them."""
    return list(_rows()[:KEPT])


def _rows() -> QuerySet[BackgroundJob]:
    return BackgroundJob.objects.filter(kind=KIND, person=None).order_by("-pk")
