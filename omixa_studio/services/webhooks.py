"""Webhooks: made, changed, given a new secret, switched off and on, tested, deleted."""

import base64
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.gateway.posting import address_fault
from omixa_studio.models import (
    EVENTS_OF_PERSON,
    EVENTS_OF_STUDIO,
    ActKind,
    DeliveryState,
    OffReason,
    Person,
    Webhook,
    WebhookDelivery,
    WebhookEvent,
)
from omixa_studio.sentences import tell_in_english

from . import audit, outbox
from .audit import Actor
from .refusals import Refused
from .sealing import NotReadable, seal, unseal

PURPOSE = "webhooks"
SECRET_PREFIX = "whsec_"  # noqa: S105 -- what every secret of a webhook begins with
SECRET_BYTES = 32
BOTH_SECRETS_VALID = timedelta(days=1)
MOST_WEBHOOKS = 20


class WebhookRefused(Refused):
    """The webhook cannot be made or changed; a fault says why."""

    reason = "webhook"


@dataclass(frozen=True, kw_only=True)
class Hook:
    """What a webhook is: its address, what it is told of, and whether prompts are among it."""

    url: str
    events: Collection[str]
    with_prompt: bool = False


def events_for(person_id: int | None) -> tuple[WebhookEvent, ...]:
    """Return what a webhook of a person may be told of, or the studio's, without one."""
    return EVENTS_OF_STUDIO if person_id is None else EVENTS_OF_PERSON


def make_webhook(person: Person | None, hook: Hook, *, by: Actor) -> tuple[Webhook, str]:
    """Make a webhook of a person's, or the studio's; return it with its secret.

    Nobody can read the secret again. Raises WebhookRefused.
    """
    secret = _new_secret()
    with transaction.atomic():
        if person is not None:
            Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        if Webhook.objects.filter(person=person).count() >= MOST_WEBHOOKS:
            many = N_("There are %(most)s webhooks already. Delete one first.")
            raise WebhookRefused(Fault("", many, {"most": MOST_WEBHOOKS}))
        webhook = Webhook.objects.create(
            person=person,
            **_columns(person.pk if person else None, hook),
            secret=seal(secret, purpose=PURPOSE),
        )
        audit.write(ActKind.WEBHOOK_MADE, by=by, thing=name_of(webhook))
    return webhook, secret


def change_webhook(webhook: Webhook, hook: Hook, *, by: Actor) -> None:
    """Change what a webhook is. Raises WebhookRefused."""
    columns = _columns(webhook.person_id, hook)
    before = name_of(webhook)
    with transaction.atomic():
        Webhook.objects.filter(pk=webhook.pk).update(**columns)
        webhook.url = hook.url
        audit.write(
            ActKind.WEBHOOK_CHANGED,
            by=by,
            thing=name_of(webhook),
            before="" if before == name_of(webhook) else before,
        )


def rotate_secret(webhook: Webhook, *, by: Actor) -> str:
    """Give a webhook a new secret and return it; messages are signed with both for a day."""
    secret = _new_secret()
    with transaction.atomic():
        Webhook.objects.filter(pk=webhook.pk).update(
            old_secret=F("secret"),
            secret=seal(secret, purpose=PURPOSE),
            old_until=timezone.now() + BOTH_SECRETS_VALID,
        )
        audit.write(ActKind.WEBHOOK_ROTATED, by=by, thing=name_of(webhook))
    return secret


def secrets_of(webhook: Webhook) -> list[str]:
    """Return the secrets with which a message is to be signed now. Raises NotReadable."""
    valid = [unseal(webhook.secret, purpose=PURPOSE)]
    if webhook.old_secret and webhook.old_until and webhook.old_until > timezone.now():
        try:
            valid.append(unseal(webhook.old_secret, purpose=PURPOSE))
        except NotReadable:  # the studio's secret was changed, which is why there is a new one
            return valid
    return valid


def switch_off(webhook: Webhook, reason: OffReason, *, by: Actor) -> bool:
    """Send nothing more to a webhook; what waits is kept. Returns False if it was off."""
    with transaction.atomic():
        there = Webhook.objects.filter(pk=webhook.pk, off_at=None)
        if not there.update(off_at=Now(), off_reason=reason):
            return False
        _waiting(webhook).update(due_at=None)
        audit.write(ActKind.WEBHOOK_OFF, by=by, thing=name_of(webhook))
    return True


def switch_on(webhook: Webhook, *, by: Actor) -> bool:
    """Send to a webhook again, and what still waits at once. Returns False if it was on."""
    with transaction.atomic():
        off = Webhook.objects.filter(pk=webhook.pk, off_at__isnull=False)
        if not off.update(off_at=None, off_reason="", failing_since=None):
            return False
        _waiting(webhook).update(due_at=Now(), tries=0)
        audit.write(ActKind.WEBHOOK_ON, by=by, thing=name_of(webhook))
    return True


def delete_webhook(webhook: Webhook, *, by: Actor) -> None:
    """Delete a webhook with its log; nothing is sent to it any more."""
    with transaction.atomic():
        audit.write(ActKind.WEBHOOK_DELETED, by=by, thing=name_of(webhook))
        # Its messages, and those of what ends at this moment, are deleted by forget_old.
        webhook.delete()


def send_test(webhook: Webhook) -> WebhookDelivery | None:
    """Send a webhook a test; None if it is off."""
    if webhook.off_at:
        return None
    data = {"webhook": webhook.pk, "events": webhook.told_of}
    return outbox.tell_one(webhook, WebhookEvent.TEST, data)


def send_again(delivery: WebhookDelivery) -> bool:
    """Send a message again under the same id, as often as a new one would be.

    Returns False if the webhook is off or the message is being sent at this moment.
    """
    free = Q(lease=None) | Q(lease__lt=Now())
    rows = WebhookDelivery.objects.filter(free, pk=delivery.pk)
    if not Webhook.objects.filter(pk=delivery.webhook_id, off_at=None).exists():
        return False
    again = {"state": DeliveryState.WAITING, "due_at": Now(), "tries": 0}
    return bool(rows.update(**again, attempt=None, lease=None, finished_at=None))


def name_of(webhook: Webhook) -> str:
    """Return the server of a webhook; the rest of its address may hold something secret."""
    parts = urlsplit(webhook.url)
    return f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")


def _waiting(webhook: Webhook) -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(webhook=webhook, state=DeliveryState.WAITING)


def _columns(person_id: int | None, hook: Hook) -> dict[str, object]:
    wrong = address_fault(hook.url, settings.WEBHOOK_NETWORKS)
    if wrong:
        raise WebhookRefused(Fault("url", tell_in_english([wrong]), {}))
    known = [event for event in events_for(person_id) if event in hook.events]
    if not known:
        raise WebhookRefused(Fault("events", N_("Choose at least one event."), {}))
    # Prompts are their person's own, so the studio's webhooks are told none.
    return {
        "url": hook.url,
        "events": f" {' '.join(known)} ",
        "with_prompt": hook.with_prompt and person_id is not None,
    }


def _new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
