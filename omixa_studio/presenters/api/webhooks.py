"""What a webhook is told, as JSON: amounts as decimal texts, prompts only where they are chosen."""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.urls import reverse

from omixa_studio.models import Generation, Webhook, WebhookDelivery
from omixa_studio.queries import api_files
from omixa_studio.queries.webhooks import pictures_of

from .studio import generations_told

# What people write; negative prompts stand among the options.
WRITTEN = ("prompt", "options")


def data_of(delivery: WebhookDelivery) -> dict[str, Any]:
    """Return what a message tells of its request as it is now, in the state of the message."""
    row = Generation.objects.filter(pk=delivery.generation or 0).first()
    state = delivery.event.rpartition(".")[2]
    if row is None:
        return {"id": delivery.generation, "state": state, "pictures": []}
    told: Mapping[str, Any] = generations_told([row], list(pictures_of(row.pk)))[0]
    left_out = () if delivery.webhook.with_prompt else WRITTEN
    shown = {name: value for name, value in told.items() if name not in left_out}
    return {**shown, "state": state, "person": row.person_id, "token": row.token_id}


def body_of(delivery: WebhookDelivery) -> bytes:
    """Return the message of a delivery that has its data.

    Addresses of pictures are the only thing that differs from try to try: each opens for an hour,
    and a person's own webhooks alone get them.
    """
    data = dict(delivery.data or {})
    if "pictures" in data:
        told = data["pictures"]
        data["pictures"] = [one | {"url": _address(one["id"], delivery.webhook)} for one in told]
    message = {"type": delivery.event, "timestamp": delivery.created_at, "data": data}
    # In one order: databases keep the names of JSON in orders of their own.
    text = json.dumps(message, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True)
    return text.encode()


def as_json(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return data with moments as texts, as a row keeps it."""
    kept: dict[str, Any] = json.loads(json.dumps(data, cls=DjangoJSONEncoder))
    return kept


def _address(picture_id: int, webhook: Webhook) -> str | None:
    if webhook.person_id is None:
        return None
    text = api_files.sign_for_webhook(picture_id, webhook)
    return settings.STUDIO_URL + reverse("v1_picture_file", args=[text])
