"""Webhooks in words: what each is told of, how it fares, and the log of its deliveries."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from omixa_studio.models import (
    DeliveryState,
    Person,
    Webhook,
    WebhookDelivery,
    WebhookEvent,
    WebhookTry,
)
from omixa_studio.queries.webhooks import deliveries_of, last_tries, webhooks_of
from omixa_studio.sentences import tell

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class WebhookCard:
    """A webhook in the list; `why_off` is "" while it is on, `last` what came of its last try."""

    webhook: Webhook
    told_of: str
    why_off: str
    last: "TryLine | None"


@dataclass(frozen=True, kw_only=True)
class TryLine:
    """One try: `came` is the status that was answered, or why nothing was."""

    entry: WebhookTry
    came: str
    is_taken: bool


@dataclass(frozen=True, kw_only=True)
class DeliveryLine:
    """A message of the log with its tries, the last one first."""

    delivery: WebhookDelivery
    event: str
    state: str
    is_waiting: bool
    is_given_up: bool
    tries: Sequence[TryLine]


@dataclass(frozen=True)
class DeliveryPage:
    """A page of the log; `before` is where the next one begins, None at the end."""

    lines: Sequence[DeliveryLine]
    before: int | None

    @property
    def awaits(self) -> bool:
        """Whether something of the page is still to be sent."""
        return any(line.is_waiting for line in self.lines)

    @property
    def stamp(self) -> str:
        """A short hash of what the page shows: a poll draws it anew only if it differs."""
        shown = [
            (line.delivery.pk, line.delivery.state, len(line.tries), str(line.delivery.due_at))
            for line in self.lines
        ]
        return hashlib.sha256(repr(shown).encode()).hexdigest()[:16]


def webhook_cards(person: Person | None) -> list[WebhookCard]:
    """Return the webhooks of a person, without one the studio's."""
    webhooks = webhooks_of(person)
    last = last_tries(webhooks)
    return [_card(one, last.get(one.pk)) for one in webhooks]


def webhook_card(webhook: Webhook) -> WebhookCard:
    """Return one webhook as in the list."""
    return _card(webhook, last_tries([webhook]).get(webhook.pk))


def delivery_page(webhook: Webhook, *, before: int | None = None) -> DeliveryPage:
    """Return a page of a webhook's log, newest first, from below an id on."""
    rows = deliveries_of(webhook, most=PAGE + 1, before=before)
    lines = [_line(one) for one in rows[:PAGE]]
    return DeliveryPage(lines, rows[PAGE - 1].pk if len(rows) > PAGE else None)


def _card(webhook: Webhook, last: WebhookTry | None) -> WebhookCard:
    names = dict(WebhookEvent.choices)
    return WebhookCard(
        webhook=webhook,
        told_of=" · ".join(str(names[one]) for one in webhook.told_of if one in names),
        why_off=str(webhook.get_off_reason_display()) if webhook.off_at else "",
        last=_try(last) if last else None,
    )


def _line(delivery: WebhookDelivery) -> DeliveryLine:
    names = dict(WebhookEvent.choices)
    return DeliveryLine(
        delivery=delivery,
        event=str(names.get(delivery.event, delivery.event)),
        state=str(delivery.get_state_display()),
        is_waiting=delivery.state == DeliveryState.WAITING,
        is_given_up=delivery.state == DeliveryState.GIVEN_UP,
        tries=[_try(one) for one in delivery.log.all()],
    )


def _try(entry: WebhookTry) -> TryLine:
    if entry.status is None:
        return TryLine(entry=entry, came=tell(entry.fault), is_taken=False)
    came = _("answered %(status)s") % {"status": entry.status}
    return TryLine(entry=entry, came=came, is_taken=200 <= entry.status < 300)
