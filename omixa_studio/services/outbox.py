"""What the studio's webhooks are to be told of budgets, written with what happened.

What they are told of requests a trigger writes (webhook_outbox.py).
"""

import secrets
from collections.abc import Mapping
from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from omixa_studio.models import Limit, Webhook, WebhookDelivery, WebhookEvent, dollars
from omixa_studio.queries.budget import Room


def tell_studio(event: WebhookEvent, data: Mapping[str, object]) -> int:
    """Write down a message for each of the studio's webhooks that is told of such an event.

    Call it inside the transaction of the event. `data` is the message's, as JSON. Returns for how
    many.
    """
    rows = [_message(pk, event, data) for pk in _told_of(event).values_list("pk", flat=True)]
    return len(WebhookDelivery.objects.bulk_create(rows))


def tell_one(webhook: Webhook, event: WebhookEvent, data: Mapping[str, object]) -> WebhookDelivery:
    """Write down a message for one webhook."""
    message = _message(webhook.pk, event, data)
    message.save(force_insert=True)
    return message


def note_reached(
    limit: Limit, target: str, *, starts_on: date, amount_micros: int, counted_micros: int
) -> bool:
    """Note that a limit was reached in a period; whoever notes it first tells webhooks.

    Returns False if it was noted at this amount.
    """
    noted = {"told_on": starts_on, "told_micros": amount_micros}
    with transaction.atomic():
        if not Limit.objects.filter(pk=limit.pk).exclude(**noted).update(**noted):
            return False
        data = {
            "limit": limit.pk,
            "hard": limit.hard,
            "target": target,
            "scope": limit.scope,
            "subject": limit.subject,
            "period": limit.period,
            "starts_on": starts_on.isoformat(),
            "amount": f"{dollars(amount_micros):.6f}",
            "counted": f"{dollars(counted_micros):.6f}",
        }
        tell_studio(WebhookEvent.BUDGET_REACHED, data)
    return True


def note_refusal(room: Room, target: str) -> None:
    """Note that a hard limit refused a request, after the transaction of that was rolled back."""
    limit = Limit.objects.filter(pk=room.limit_id).first()
    if limit and _told_of(WebhookEvent.BUDGET_REACHED).exists():
        note_reached(
            limit,
            target,
            starts_on=room.starts_on,
            amount_micros=room.limit_micros,
            counted_micros=room.counted_micros,
        )


def _told_of(event: WebhookEvent) -> QuerySet[Webhook]:
    return Webhook.objects.filter(person=None, off_at=None, events__contains=f" {event} ")


def _message(webhook_id: int, event: WebhookEvent, data: Mapping[str, object]) -> WebhookDelivery:
    return WebhookDelivery(
        webhook_id=webhook_id,
        message=f"msg_{secrets.token_hex(16)}",
        event=event,
        data=dict(data),
    )
