"""The database trigger that writes what webhooks are to be told of a request.

It stands in the transaction that ends the request, whatever ends it, and waits for nothing: the
worker sends afterwards. Recreated after every migration, as those of gallery_counts.py are.
"""

from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from omixa_studio.gallery_counts import Trigger, create_triggers, drop_triggers
from omixa_studio.models import Generation, Person, Webhook, WebhookDelivery

GENERATIONS, DELIVERIES = Generation._meta.db_table, WebhookDelivery._meta.db_table
WEBHOOKS, PEOPLE = Webhook._meta.db_table, Person._meta.db_table
# Receivers know a message by its id: drawn anew, so that an older copy repeats none.
MESSAGE = {
    "sqlite": "'msg_' || lower(hex(randomblob(16)))",
    "postgresql": "'msg_' || replace(gen_random_uuid()::text, '-', '')",
}


def create_triggers_of_outbox(*, using: str = DEFAULT_DB_ALIAS, **_signal: Any) -> None:
    """Create the trigger; a post_migrate hook."""
    if DELIVERIES not in connections[using].introspection.table_names():
        return
    with transaction.atomic(using=using):
        trigger = _trigger(connections[using].vendor)
        drop_triggers([trigger], using=using)
        create_triggers([trigger], using=using)


def stop_before_migrations(
    *, using: str = DEFAULT_DB_ALIAS, plan: Sequence[object] = (), **_signal: Any
) -> None:
    """Drop the trigger if there are migrations; a pre_migrate hook."""
    if plan:
        drop_triggers([_trigger(connections[using].vendor)], using=using)


def _trigger(vendor: str) -> Trigger:
    insert = (
        f"INSERT INTO {DELIVERIES} (message, event, webhook_id, generation, state)"  # noqa: S608
        f" SELECT {MESSAGE[vendor]}, 'generation.' || NEW.state, w.id, NEW.id, 'waiting'"
        f" FROM {WEBHOOKS} w LEFT JOIN {PEOPLE} p ON p.id = w.person_id"
        f" WHERE w.off_at IS NULL"
        f" AND (w.person_id IS NULL OR (w.person_id = NEW.person_id AND p.is_active))"
        f" AND w.events LIKE '% generation.' || NEW.state || ' %'; "
    )
    ended = "NEW.state IN ('done', 'failed', 'unknown')"
    return Trigger(GENERATIONS, "webhook_outbox", "UPDATE", insert, ("state",), when=ended)
