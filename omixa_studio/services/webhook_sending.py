"""Messages to webhooks, sent at least once: claimed, sent, noted, tried again, given up.

A message is claimed by a conditional update with a lease, sent outside any transaction, and what
came of it is noted by whoever still holds it. Killed in between, the lease ends and the message
leaves once more, under the same id.
"""

import base64
import hashlib
import hmac
import random
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Coalesce, Now
from django.urls import reverse
from django.utils import timezone

from omixa_studio.gateway.errors import told
from omixa_studio.gateway.posting import Receipt
from omixa_studio.models import (
    DeliveryState,
    OffReason,
    Person,
    Webhook,
    WebhookDelivery,
    WebhookTry,
)
from omixa_studio.models.webhooks import LONGEST_ANSWER
from omixa_studio.queries.clock import database_now
from omixa_studio.queries.people import admins
from omixa_studio.queries.webhooks import due_deliveries, due_hooks

from . import notices
from .audit import STUDIO
from .webhooks import SECRET_PREFIX, name_of, secrets_of, switch_off

# Between the tries of a message, in seconds: about a day in all, then it is given up.
DELAYS = (5, 60, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 8 * 3600, 8 * 3600)
# By how much a delay is longer or shorter, so that not all messages come back at one moment.
JITTER = 0.1
ALL_TRIES = timedelta(days=1)
# Longer than any try, with the time in which a name is resolved.
LEASE_SECONDS = 120.0
# A webhook that fails is tried one message at a time, so that it takes no threads from others.
MOST_AT_ONCE, MOST_WHILE_FAILING = 4, 1
# Of all webhooks of one person, or of the studio: twenty of them would take all threads.
MOST_OF_ONE = 6
# How long a webhook fails without one message taken until it is switched off.
OFF_AFTER = timedelta(days=3)
KEPT = timedelta(days=30)
BATCH = 500
GONE = 410
# What comes of a message that cannot be signed.
UNSIGNED = Receipt(seconds=0.0, fault=(told("hook_secret_lost"),))


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What is to be posted: the message, where to, and with which headers."""

    url: str
    body: bytes
    headers: Mapping[str, str]


def claim_due(room: int, in_hand: Sequence[WebhookDelivery]) -> list[WebhookDelivery]:
    """Claim up to `room` messages that are to be sent now, spread over webhooks and their people.

    `in_hand` is what this worker is sending already.
    """
    claimed: list[WebhookDelivery] = []
    of_person = Counter(one.webhook.person_id for one in in_hand)
    for hook in due_hooks():
        at_once = MOST_WHILE_FAILING if hook.is_failing else MOST_AT_ONCE
        busy = sum(one.webhook_id == hook.pk for one in in_hand)
        left = MOST_OF_ONE - of_person[hook.person_id]
        most = min(at_once - busy, left, room - len(claimed))
        if most > 0:
            rows = due_deliveries().filter(webhook=hook.pk).order_by("due_at", "pk")
            taken = list(filter(_claim, rows.select_related("webhook__person")[:most]))
            of_person[hook.person_id] += len(taken)
            claimed += taken
    return claimed


def letter_of(delivery: WebhookDelivery, body: bytes) -> Letter:
    """Return a message signed by the Standard Webhooks specification. Raises NotReadable."""
    stamp = str(int(database_now(delivery).timestamp()))
    signed = f"{delivery.message}.{stamp}.".encode() + body
    signatures = [_signature(secret, signed) for secret in secrets_of(delivery.webhook)]
    headers = {
        "Content-Type": "application/json",
        "webhook-id": delivery.message,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(signatures),
    }
    return Letter(url=delivery.webhook.url, body=body, headers=headers)


def note(delivery: WebhookDelivery, receipt: Receipt) -> bool:
    """Note what came of a try, and when the next one is due; False if it was not ours any more."""
    taken = receipt.is_taken
    after = _after(delivery, taken=taken, gone=receipt.status == GONE)
    with transaction.atomic():
        ours = WebhookDelivery.objects.filter(pk=delivery.pk, attempt=delivery.attempt)
        if not ours.update(**after, attempt=None, lease=None):
            return False
        made = WebhookTry.objects.create(
            delivery=delivery,
            status=receipt.status,
            answer=receipt.answer[:LONGEST_ANSWER],
            fault=list(receipt.fault),
            seconds=receipt.seconds,
        )
        failing = None if taken else Coalesce("failing_since", Now())
        there = Webhook.objects.filter(pk=delivery.webhook_id)
        there.update(last_try=made.pk, failing_since=failing)
    if receipt.status == GONE:
        _switch_off(delivery, OffReason.GONE)
    elif _is_worn(delivery, after["state"]) and _fails_for_days(delivery.webhook_id):
        _switch_off(delivery, OffReason.FAILING)
    return True


def keep_data(delivery: WebhookDelivery) -> None:
    """Keep what a message tells, so that it says the same each time it is sent."""
    rows = WebhookDelivery.objects.filter(pk=delivery.pk, attempt=delivery.attempt)
    rows.update(data=delivery.data)


def forget_old() -> int:
    """Delete a batch of messages that are old, or whose webhook is gone; return how many."""
    hook = Webhook.objects.filter(pk=OuterRef("webhook_id"))
    old = WebhookDelivery.objects.filter(created_at__lt=timezone.now() - KEPT)
    orphans = WebhookDelivery.objects.filter(~Exists(hook))
    # All are read to find orphans, so not for each batch of the others.
    pks = [*old.values_list("pk", flat=True)[:BATCH]]
    pks = pks or [*orphans.values_list("pk", flat=True)[:BATCH]]
    WebhookDelivery.objects.filter(pk__in=pks).delete()
    return len(pks)


def _claim(delivery: WebhookDelivery) -> bool:
    """Take a message, unless another worker has taken it since it was read."""
    attempt, lease = uuid.uuid4(), Now() + timedelta(seconds=LEASE_SECONDS)
    free = WebhookDelivery.objects.filter(pk=delivery.pk, attempt=delivery.attempt)
    free = free.filter(due_at__lte=Now())
    if not free.update(attempt=attempt, lease=lease, tries=F("tries") + 1):
        return False
    delivery.attempt, delivery.tries = attempt, delivery.tries + 1
    return True


def _after(delivery: WebhookDelivery, *, taken: bool, gone: bool) -> dict[str, object]:
    if taken:
        ended = {"due_at": None, "finished_at": Now()}
        return {"state": DeliveryState.DELIVERED, **ended}
    if gone or delivery.tries > len(DELAYS):
        return {"state": DeliveryState.GIVEN_UP, "due_at": None, "finished_at": Now()}
    delay = DELAYS[delivery.tries - 1] * random.uniform(1 - JITTER, 1 + JITTER)
    return {"state": DeliveryState.WAITING, "due_at": Now() + timedelta(seconds=delay)}


def _is_worn(delivery: WebhookDelivery, state: object) -> bool:
    """Say whether a message failed for as long as it is tried; in a long queue it has few tries."""
    old = delivery.created_at < timezone.now() - ALL_TRIES
    return state == DeliveryState.GIVEN_UP or (old and state != DeliveryState.DELIVERED)


def _fails_for_days(webhook_id: int) -> bool:
    rows = Webhook.objects.filter(pk=webhook_id, failing_since__lte=timezone.now() - OFF_AFTER)
    return rows.exists()


def _switch_off(delivery: WebhookDelivery, reason: OffReason) -> None:
    webhook = delivery.webhook
    if not switch_off(webhook, reason, by=STUDIO):
        return
    owners = admins() if webhook.person_id is None else Person.objects.filter(pk=webhook.person_id)
    facts = {"webhook": name_of(webhook)}
    path = reverse("webhook", args=[webhook.pk])
    notices.tell(owners, f"webhook_{reason}", facts, path=path)


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()
