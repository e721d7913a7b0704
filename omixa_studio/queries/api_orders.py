"""Read what programs ordered, and what became of it."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from omixa_studio.models import ApiOrder, Generation, Picture, State
from omixa_studio.models.generations import Charged

from .clock import database_now

# A key is remembered for so long.
KEPT_FOR = timedelta(hours=24)
# A repeat of an answer that nobody got is no new purchase for so long after its end.
UNDELIVERED_FOR = timedelta(minutes=30)
# The client says that it repeats, though all bytes were confirmed: a proxy may have had them.
REPEATED_WITHIN = timedelta(minutes=1)


def last_order(token_id: int, identity: str) -> ApiOrder | None:
    """Return the newest order of a body or a key."""
    rows = ApiOrder.objects.filter(token=token_id, identity=identity)
    return rows.order_by("-ordinal").first()


def order_of_group(token_id: int, group: uuid.UUID) -> int | None:
    """Return the id of the order of a token that bought a group of requests."""
    rows = ApiOrder.objects.filter(token=token_id, group=group)
    return rows.values_list("pk", flat=True).first()


def bought_by(order: ApiOrder) -> list[Generation]:
    """Return the requests of an order, as they were asked for."""
    return list(Generation.objects.filter(group=order.group).order_by("id"))


def pictures_of(rows: Sequence[Generation]) -> list[Picture]:
    """Return the pictures of some requests in their order, also those in the trash."""
    found = Picture.objects.filter(generation__in=[row.pk for row in rows])
    return list(found.order_by("generation_id", "index"))


def answers_again(
    order: ApiOrder, rows: Sequence[Generation], *, keyed: bool, is_repeat: bool, stays: bool
) -> bool:
    """Return whether the same again is answered by this order instead of buying anew.

    `rows` are its requests; `is_repeat` is what the client says of itself; `stays` is whether a key
    keeps what it made, even if that was free.
    """
    if any(row.is_open or row.state == State.UNKNOWN for row in rows):
        return True
    if not (keyed and stays) and not any(may_have_cost(row) for row in rows):
        return False
    now = database_now(order)
    if keyed:
        return order.created_at > now - KEPT_FOR
    if order.delivered_at is None:
        return _ended_at(order, rows) > now - UNDELIVERED_FOR
    return is_repeat and order.delivered_at > now - REPEATED_WITHIN


def may_have_cost(row: Generation) -> bool:
    """Return whether a request that has ended brought pictures, or may have been charged."""
    free = row.state == State.CANCELLED or row.charged == Charged.NO
    return row.state == State.DONE or not free


def was_sent_before(row: Generation) -> bool:
    """Return whether a request repeated a call that an older copy of the database has lost.

    It was cancelled for that, and its next repeat would be no less a second purchase.
    """
    return row.state == State.CANCELLED and any(
        part["key"] == "older_pressed_again" for part in row.error
    )


def _ended_at(order: ApiOrder, rows: Sequence[Generation]) -> datetime:
    return max([row.finished_at for row in rows if row.finished_at], default=order.created_at)
