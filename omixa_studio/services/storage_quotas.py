"""Quotas of storage: asked at every click, changed by admins."""

from django.db import transaction
from django.db.models import QuerySet

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.models import ActKind, Person, Picture, StorageQuota
from omixa_studio.queries.storage_used import quota_of, use_of

from . import audit
from .audit import Actor
from .refusals import Refused

GIGABYTE = 10**9
FULL = N_(
    "Your pictures take %(used)s of %(quota)s GB, so nothing new is made. Move some to the trash, "
    "or ask an admin for more room."
)
NO_ROOM = N_(
    "Not restored: your pictures take %(used)s of %(quota)s GB, and there is no room for it. Move "
    "others to the trash, or ask an admin for more room."
)


class StorageFull(Refused):
    """The person's pictures take all the room they may; `used` and `quota` are bytes."""

    reason = "storage_full"

    def __init__(self, used: int, quota: int, sentence: str = FULL) -> None:
        shown = {"used": round(used / GIGABYTE, 2), "quota": round(quota / GIGABYTE, 2)}
        super().__init__(Fault("", sentence, shown))
        self.used, self.quota = used, quota


def refuse_full(person: Person) -> None:
    """Refuse a person whose pictures outside of the trash take all their room.

    What is under way by then still comes: it is paid for. Raises StorageFull.
    """
    quota = quota_of(person)
    if quota is None:
        return
    used = use_of(person).bytes
    if used >= quota:
        raise StorageFull(used, quota)


def fitting(person: Person, rows: QuerySet[Picture]) -> list[int]:
    """Return the ids of those pictures of a person's trash for which there is room, newest first.

    Locks the person: call it in the transaction that restores them, so that two who restore at once
    do not take the same room.
    """
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    quota = quota_of(person)
    sizes = rows.order_by("-pk").values_list("pk", "bytes")
    if quota is None:
        return [pk for pk, _size in sizes]
    room, found = quota - use_of(person).bytes, []
    for pk, size in sizes:
        if size <= room:
            room -= size
            found.append(pk)
    return found


def no_room(person: Person) -> StorageFull:
    """Return the refusal of what does not fit."""
    return StorageFull(use_of(person).bytes, quota_of(person) or 0, NO_ROOM)


def set_quota(scope: str, subject: str, size: int | None, *, by: Actor) -> None:
    """Set the quota of a person or a role in bytes; None removes it."""
    rows = StorageQuota.objects.filter(scope=scope, subject=subject)
    with transaction.atomic():
        before = rows.values_list("bytes", flat=True).first()
        if before == size:
            return
        if size is None:
            rows.delete()
        else:
            StorageQuota.objects.update_or_create(
                scope=scope, subject=subject, defaults={"bytes": size}
            )
        whom = Person.objects.filter(pk=int(subject)).first() if scope == "person" else None
        audit.write(
            ActKind.QUOTA,
            by=by,
            whom=whom,
            thing="" if whom else subject,
            before="" if before is None else before,
            after="" if size is None else size,
        )
