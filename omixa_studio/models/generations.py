"""One paid request: its input, its state and its result."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .reading import ReadQuickly
from .search import FoldedCopy


class State(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    UNKNOWN = "unknown", _("Needs review")
    CANCELLED = "cancelled", _("Cancelled")


OPEN_STATES = (State.QUEUED, State.RUNNING)

# Running goes back to queued only while it is certain that nothing was bought (services/claims.py).
# Queued becomes unknown only if the journal says that it was sent (services/older_copies.py).
LEGAL_STEPS = {
    State.QUEUED: {State.RUNNING, State.CANCELLED, State.UNKNOWN},
    State.RUNNING: {State.DONE, State.FAILED, State.UNKNOWN, State.QUEUED},
    State.UNKNOWN: {State.DONE, State.FAILED},
    State.DONE: set(),
    State.FAILED: set(),
    State.CANCELLED: set(),
}


class Charged(models.TextChoices):
    """What is known about a generation's cost."""

    NO = "no", _("Not charged")
    YES = "yes", _("Charged")
    UNKNOWN = "unknown", _("Cost unknown")
    OPEN = "", _("Not final yet")


class InputImage(models.Model):
    """An uploaded picture, prepared for sending; `name` is "" once its file was erased."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="input_images"
    )
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    mime = models.CharField(max_length=20)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveIntegerField()
    picture = models.ForeignKey(
        "omixa_studio.Picture", models.SET_NULL, null=True, related_name="used_as"
    )
    # What made that picture; still known after the picture is deleted.
    origin = models.ForeignKey(
        "omixa_studio.Generation", models.SET_NULL, null=True, related_name="inputs_made_from"
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "sha256"], name="input_once_per_person"),
        ]


class Generation(ReadQuickly):
    """One paid request to the gateway. Its state changes only by conditional updates."""

    # Its pictures that are not in the trash, where they were read with it.
    kept_pictures: list[Any]

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="generations"
    )
    target = models.CharField(max_length=200)
    # One-time value of the form: submitting the same click twice makes one generation.
    click = models.CharField(max_length=64, null=True)
    group = models.UUIDField(default=uuid.uuid4)
    retry_of = models.ForeignKey("self", models.SET_NULL, null=True, related_name="retries")

    # What it is for; None for no project. Its charges repeat the id.
    project = models.ForeignKey(
        "omixa_studio.Project",
        models.PROTECT,
        null=True,
        related_name="generations",
        db_index=False,
    )

    # The access token it was asked by; None for a person's own click.
    token = models.ForeignKey(
        "omixa_studio.Token",
        models.SET_NULL,
        null=True,
        related_name="generations",
        db_index=False,
    )

    # The key it is sent with, named by its project at the click; None for the environment's.
    gateway_key = models.ForeignKey(
        "omixa_studio.GatewayKey",
        models.PROTECT,
        null=True,
        related_name="generations",
        db_index=False,
    )

    # Input
    model = models.CharField(max_length=120)
    operation = models.CharField(max_length=20)
    prompt = models.TextField(blank=True, default="")
    prompt_search = FoldedCopy(of="prompt")
    preset = models.ForeignKey(
        "omixa_studio.Preset",
        models.SET_NULL,
        null=True,
        related_name="generations",
        db_index=False,
    )
    # The prompt as written and the values of its variables; None if it has no variables.
    template = models.JSONField(null=True)
    # Equal for equal templates and always negative; see services/hashes.py. None without one.
    template_key = models.BigIntegerField(null=True)
    # None without a prompt or without a person.
    used_prompt = models.ForeignKey(
        "omixa_studio.UsedPrompt",
        models.SET_NULL,
        null=True,
        related_name="generations",
        db_index=False,
    )
    options = models.JSONField(default=dict)
    count = models.PositiveSmallIntegerField(default=1)
    inputs = models.ManyToManyField(InputImage, through="GenerationInput")
    body = models.TextField()
    body_sha256 = models.CharField(max_length=64)
    # Equal for equal requests, whatever their number of pictures; see services/hashes.py.
    request_key = models.BigIntegerField(null=True)
    # Whether somebody else had shared a picture of the same request before this one was settled.
    had_before = models.BooleanField(default=False, db_default=False)

    # State
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempt = models.UUIDField(null=True)
    worker = models.CharField(max_length=80, blank=True, default="")
    file_token = models.CharField(max_length=32, blank=True, default="")
    lease = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)
    lost_claims = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    settled_by = models.CharField(max_length=80, null=True)
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    # Result
    seconds = models.FloatField(null=True)
    charged = models.CharField(
        max_length=10, choices=Charged.choices, default=Charged.OPEN, blank=True
    )
    error_kind = models.CharField(max_length=20, blank=True, default="")
    # The key and values of each sentence, rendered by omixa_studio/sentences.py.
    error = models.JSONField(blank=True, default=list)
    error_detail = models.TextField(blank=True, default="")
    status = models.PositiveSmallIntegerField(null=True)
    request_id = models.CharField(max_length=200, blank=True, default="")

    # Money, in micro-dollars; `month` is the month of the click in the studio's time zone
    month = models.CharField(max_length=7)
    estimate_micros = models.BigIntegerField(null=True)
    held_micros = models.BigIntegerField()
    billed_micros = models.BigIntegerField(null=True)
    billed_text = models.CharField(max_length=80, blank=True, default="")
    over_hold = models.BooleanField(default=False)
    came_late = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "click"], name="one_click_one_generation"),
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="generation_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(attempt__isnull=False, lease__isnull=False),
                name="running_has_attempt_and_lease",
            ),
        ]
        indexes = [
            # The claim, the sweep and the poll read only the few open rows, the costs page only the
            # failed ones. Not a partial index: SQLite cannot tell that a bound parameter satisfies
            # its condition, and would scan the whole table. The page of models counts by the last
            # column.
            models.Index(
                fields=["state", "target", "created_at", "model"], name="generation_by_state"
            ),
            models.Index(fields=["person", "-id"], name="generation_of_person"),
            models.Index(fields=["group"], name="generation_of_group"),
            # Unknown costs are few, and every page shown to an admin counts them.
            models.Index(fields=["charged", "target", "created_at"], name="generation_by_charged"),
            # Estimates, typical durations and the model page read the last calls of a model.
            models.Index(fields=["target", "model", "-id"], name="generation_of_model"),
            # For the example and the typical cost of a preset; most rows have no preset.
            models.Index(
                fields=["preset", "-id"],
                name="generation_of_preset",
                condition=Q(preset__isnull=False),
            ),
            # Most rows have no token.
            models.Index(
                fields=["token", "-id"],
                name="generation_of_token",
                condition=Q(token__isnull=False),
            ),
            # When a key was last used, and whether requests still wait for it.
            models.Index(
                fields=["gateway_key", "-id"],
                name="generation_of_gateway_key",
                condition=Q(gateway_key__isnull=False),
            ),
            models.Index(fields=["request_key", "-id"], name="generation_of_request"),
            models.Index(
                fields=["target", "created_at"],
                name="generation_had_before",
                condition=Q(had_before=True),
            ),
            models.Index(
                fields=["template_key", "-id"],
                name="generation_of_template",
                condition=Q(template_key__isnull=False),
            ),
            # Lists the generations of a prompt, newest first, and sums their cost from the index
            # alone.
            models.Index(
                fields=["used_prompt", "-id", "billed_micros", "charged"],
                name="generation_of_prompt",
            ),
        ]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def decided_by(self) -> str:
        """Return the name of the person who decided the cost, "" if the gateway did."""
        who, _, name = (self.settled_by or "").partition(":")
        return name if who == "person" else ""

    @property
    def released_micros(self) -> int | None:
        """Return the released part of the hold: all of it, or the amount above the bill.

        None while the generation is open or its cost unknown.
        """
        if self.is_open or self.charged in (Charged.UNKNOWN, Charged.OPEN):
            return None
        return max(self.held_micros - (self.billed_micros or 0), 0)


class GenerationInput(models.Model):
    """An input that a generation sends, with its position; PROTECT keeps it while in use."""

    generation = models.ForeignKey(Generation, models.CASCADE, related_name="sent_inputs")
    image = models.ForeignKey(InputImage, models.PROTECT, related_name="uses")
    position = models.PositiveSmallIntegerField()
    is_mask = models.BooleanField(default=False)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["generation", "position", "is_mask"], name="one_input_per_position"
            ),
        ]
