"""Quotas of storage: asked at every click, changed by admins."""

from django.db import transaction

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.models import ActKind, Person, StorageQuota
from omixa_studio.queries.storage_used import quota_of, use_of

from . import audit
from .audit import Actor
from .refusals import Refused

GIGABYTE = 10**9


class StorageFull(Refused):
    """The person's pictures take all the room they may; `used` and `quota` are bytes."""

    reason = "storage_full"

    def __init__(self, used: int, quota: int) -> None:
        sentence = N_(
            "Your pictures take %(used)s of %(quota)s GB, so nothing new is made. Move some to the "
            "trash, or ask an admin for more room."
        )
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
