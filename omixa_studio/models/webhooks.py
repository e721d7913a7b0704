"""Webhooks: addresses that are told what happened, each message with its deliveries."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

LONGEST_ADDRESS = 2000
LONGEST_ANSWER = 500


class WebhookEvent(models.TextChoices):
    """What a webhook may be told; the values are the `type` of a message."""

    DONE = "generation.done", _("A request is done")
    FAILED = "generation.failed", _("A request failed")
    UNKNOWN = "generation.unknown", _("A request needs review")
    BUDGET_ASKED = "budget.asked", _("Somebody asks for a larger budget")
    BUDGET_REACHED = "budget.reached", _("A limit is reached")
    TEST = "webhook.test", _("A test")


EVENTS_OF_PERSON = (WebhookEvent.DONE, WebhookEvent.FAILED, WebhookEvent.UNKNOWN)
EVENTS_OF_STUDIO = (*EVENTS_OF_PERSON, WebhookEvent.BUDGET_ASKED, WebhookEvent.BUDGET_REACHED)


class OffReason(models.TextChoices):
    """Why nothing is sent to a webhook any more."""

    PERSON = "person", _("switched off")
    FAILING = "failing", _("switched off, since it failed for days")
    GONE = "gone", _("switched off, since its server answered 410 Gone")


class Webhook(models.Model):
    """A webhook of a person, told of their own requests; without a person it is the studio's.

    `events` are values of WebhookEvent between spaces, with a space at both ends. Secrets are
    sealed (services/sealing.py); after a rotation messages are signed with both until `old_until`.
    `failing_since` is when the first of the deliveries failed that did so without one that worked;
    `last_try` is the id of the last WebhookTry, which may be forgotten by now.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="webhooks"
    )
    url = models.CharField(max_length=LONGEST_ADDRESS)
    events = models.CharField(max_length=200)
    with_prompt = models.BooleanField(default=False)
    secret = models.TextField()
    old_secret = models.TextField(blank=True, default="")
    old_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    failing_since = models.DateTimeField(null=True)
    last_try = models.BigIntegerField(null=True)
    off_at = models.DateTimeField(null=True)
    off_reason = models.CharField(max_length=10, choices=OffReason.choices, blank=True, default="")

    @property
    def told_of(self) -> list[str]:
        """Return the values of WebhookEvent that it is told of."""
        return self.events.split()


class DeliveryState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DELIVERED = "delivered", _("Delivered")
    GIVEN_UP = "given_up", _("Given up")


class WebhookDelivery(models.Model):
    """A message to a webhook, sent until its server takes it; `message` is its `webhook-id`.

    A trigger writes those of generations (webhook_outbox.py), with `generation` as a plain id.
    `data` is what is told, None until the first try of a generation's. `due_at` is None while
    nothing is to be sent. A worker that sends it holds it by its `attempt`, until the lease ends.
    """

    # No constraint: a request that ends meanwhile must neither wait for a deletion nor fail by it.
    # Messages of a deleted webhook go later, in batches.
    webhook = models.ForeignKey(
        Webhook, models.DO_NOTHING, related_name="deliveries", db_constraint=False, db_index=False
    )
    message = models.CharField(max_length=40, unique=True)
    event = models.CharField(max_length=30)
    generation = models.BigIntegerField(null=True)
    data = models.JSONField(null=True)
    state = models.CharField(
        max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING
    )
    created_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(null=True, db_default=Now())
    # Since it was made, or sent again by hand.
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    attempt = models.UUIDField(null=True)
    lease = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at", "webhook"], name="delivery_due"),
            models.Index(fields=["webhook", "due_at"], name="delivery_due_of_webhook"),
            models.Index(fields=["webhook", "-id"], name="delivery_of_webhook"),
            models.Index(fields=["created_at"], name="delivery_by_time"),
        ]


class WebhookTry(models.Model):
    """One try of a delivery: what was answered, or why nothing was.

    `answer` is the beginning of the answer, `fault` the key and values of each sentence.
    """

    delivery = models.ForeignKey(WebhookDelivery, models.CASCADE, related_name="log")
    at = models.DateTimeField(db_default=Now())
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.CharField(max_length=LONGEST_ANSWER, blank=True, default="")
    fault = models.JSONField(blank=True, default=list)
    seconds = models.FloatField()
