"""Read background jobs."""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from omixa_studio.models import OPEN_JOBS, BackgroundJob, Person

HOURS_SHOWN = 24
MOST_SHOWN = 12
MOST_LISTED = 100


def jobs_of(person: Person) -> QuerySet[BackgroundJob]:
    """Return a person's jobs, newest first."""
    return BackgroundJob.objects.filter(person=person).order_by("-id")


def shown_jobs(person: Person) -> list[BackgroundJob]:
    """Return the jobs that every page of a person shows: open ones, and those that ended today."""
    recent = Q(closed=False, finished_at__gt=Now() - timedelta(hours=HOURS_SHOWN))
    return list(jobs_of(person).filter(recent | Q(state__in=OPEN_JOBS))[:MOST_SHOWN])


def listed_jobs(person: Person) -> list[BackgroundJob]:
    """Return a person's latest jobs; an admin also sees those of the studio itself."""
    rows = jobs_of(person)
    if person.is_admin:
        rows = rows | BackgroundJob.objects.filter(person=None)
    return list(rows.order_by("-id")[:MOST_LISTED])


def undone_among(jobs: Sequence[BackgroundJob]) -> set[int]:
    """Return the ids of those jobs that are undone, or being undone."""
    ended = [job.pk for job in jobs if not job.is_open]
    if not ended:
        return set()
    undos = BackgroundJob.objects.filter(undo_of__in=ended, state__in=(*OPEN_JOBS, "done"))
    return {pk for pk in undos.values_list("undo_of", flat=True) if pk is not None}
