"""Background jobs: long work in short batches, for a person or for the studio itself."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


OPEN_JOBS = (JobState.QUEUED, JobState.RUNNING)


class BackgroundJob(models.Model):
    """Work that a worker does in batches; a job without a person is the studio's own.

    `cursor` is where the next batch begins, None before the first one. It is saved together with
    the batch, so that a killed worker's job goes on where it stopped. Like a generation, a running
    job is held by an `attempt` with a lease.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        related_name="background_jobs",
        db_index=False,
    )
    kind = models.CharField(max_length=40)
    parameters = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    cursor = models.JSONField(null=True)
    # Items handled so far, and all of them; the total is None while it is not known.
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    result = models.JSONField(default=dict)
    # The key and values of each sentence, rendered by omixa_studio/sentences.py.
    error = models.JSONField(blank=True, default=list)
    undo_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="undos")
    # The person has read how it ended.
    closed = models.BooleanField(default=False)

    attempt = models.UUIDField(null=True)
    worker = models.CharField(max_length=80, blank=True, default="")
    lease = models.DateTimeField(null=True)
    # Attempts in a row that saved no batch.
    failures = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    worked_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="job_state_known"),
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(person=None, state__in=OPEN_JOBS),
                name="one_open_job_of_studio",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "finished_at"], name="job_by_state"),
            models.Index(fields=["person", "-id"], name="job_of_person"),
        ]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_JOBS


class JobChange(models.Model):
    """The ids that one batch of a job really changed, for its undo."""

    job = models.ForeignKey(BackgroundJob, models.CASCADE, related_name="changes")
    ids = models.JSONField()
