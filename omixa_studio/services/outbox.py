"""What the studio's webhooks are to be told of budgets, written with what happened.

What they are told of requests a trigger writes (webhook_outbox.py).
"""

import secrets
from collections.abc import Mapping

from omixa_studio.models import Webhook, WebhookDelivery, WebhookEvent


def tell_studio(event: WebhookEvent, data: Mapping[str, object]) -> int:
    """Write down a message for each of the studio's webhooks that is told of such an event.

    Call it inside the transaction of the event. `data` is the message's, as JSON. Returns for how
    many.
    """
    there = Webhook.objects.filter(person=None, off_at=None, events__contains=f" {event} ")
    rows = [_message(pk, event, data) for pk in there.values_list("pk", flat=True)]
    return len(WebhookDelivery.objects.bulk_create(rows))


def tell_one(webhook: Webhook, event: WebhookEvent, data: Mapping[str, object]) -> WebhookDelivery:
    """Write down a message for one webhook."""
    message = _message(webhook.pk, event, data)
    message.save(force_insert=True)
    return message


def _message(webhook_id: int, event: WebhookEvent, data: Mapping[str, object]) -> WebhookDelivery:
    return WebhookDelivery(
        webhook_id=webhook_id,
        message=f"msg_{secrets.token_hex(16)}",
        event=event,
        data=dict(data),
    )
