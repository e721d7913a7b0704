"""The nightly backups: when they last worked."""

from django.db.models import QuerySet

from omixa_studio.models import BackgroundJob, JobState

from .prepared import Prepared

KIND = "backup"
# The last that worked, the last that failed, and the one being made.
KEPT = 3


def last_backup() -> BackgroundJob | None:
    """Return the last backup that worked, None if none did."""
    found: BackgroundJob | None = _LAST.first(None, JobState.DONE)
    return found


def last_of_all() -> BackgroundJob | None:
    """Return the last backup that was queued, however it went."""
    found: BackgroundJob | None = _LAST.first(None)
    return found


def newest() -> list[BackgroundJob]:
    """Return the few last ones, newest first, the last that worked among them."""
    return list(_rows()[:KEPT])


def _rows() -> QuerySet[BackgroundJob]:
    return BackgroundJob.objects.filter(kind=KIND, person=None).order_by("-pk")


def _last(_nobody: None, state: JobState | None = None) -> QuerySet[BackgroundJob]:
    return (_rows() if state is None else _rows().filter(state=state))[:1]


_LAST = Prepared(_last)
