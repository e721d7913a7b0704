"""Paid calls missing from this database: listed for admins, and accepted by one."""

from datetime import UTC, datetime

from django.db import transaction

from omixa_studio import storage
from omixa_studio.gateway.records import RawAnswer
from omixa_studio.models import ActKind, Generation, LostCall
from omixa_studio.spool import Label

from . import audit, keeping
from .audit import Actor


def keep_answer(label: Label, raw: RawAnswer, *, target: str, worker: str, key: str) -> bool:
    """Store the answer of a call without a row, once; return False if it is not such a call.

    Raises OSError if the storage refuses.
    """
    call = LostCall.objects.filter(attempt=label.attempt).first()
    if call is None and Generation.objects.filter(pk=label.generation).exists():
        return False
    if call is None or not call.name:
        body = keeping.without_key(raw.body, key)
        stored = {"name": storage.new_name("answers", ".bin"), "bytes": len(body)}
        storage.put(str(stored["name"]), body)
        known = {
            "generation_id": label.generation,
            "target": target,
            "worker": worker,
            "sent_at": datetime.fromtimestamp(label.started, UTC),
        }
        LostCall.objects.update_or_create(
            attempt=label.attempt, defaults=stored, create_defaults=known | stored
        )
    return True


def accept(target: str, *, by: Actor) -> int:
    """Record the admin who resumed the queue despite lost calls; return the number of calls."""
    return LostCall.objects.filter(target=target, accepted_by="").update(accepted_by=by.username)


def close(*, last: int, by: Actor) -> int:
    """Remove lost calls from the list, up to the last one shown; their answers stay stored."""
    with transaction.atomic():
        shown = LostCall.objects.filter(pk__lte=last, closed_by="")
        closed = shown.update(closed_by=by.username)
        if closed:
            audit.write(ActKind.LOST_CLOSED, by=by, thing="studio", after=str(closed))
    return closed
