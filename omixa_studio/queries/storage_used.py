"""How much room people's pictures take, from counts that triggers keep; no picture is read."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, Sum

from omixa_studio.models import GalleryKind, MonthCount, Person, StorageQuota

from .prepared import AMONG, Prepared

# The team's gallery shows the same pictures again.
OWN = (GalleryKind.MINE, GalleryKind.TRASH)


@dataclass(frozen=True)
class StorageUse:
    """The pictures of a person that are not in the trash, their bytes, and those of the trash."""

    pictures: int = 0
    bytes: int = 0
    trashed: int = 0


def used_by(people: Collection[int]) -> Mapping[int, StorageUse]:
    """Return what the pictures of people use, by id; one statement."""
    rows = _USED.rows(None, among=list(people))
    return {row["person_id"]: StorageUse(row["n"], row["size"], row["trashed"]) for row in rows}


def _used(_nobody: None) -> QuerySet[MonthCount, Any]:
    mine, trash = Q(kind=GalleryKind.MINE), Q(kind=GalleryKind.TRASH)
    return (
        MonthCount.objects.filter(kind__in=OWN, person_id__in=AMONG)
        .values("person_id")
        .annotate(
            n=Sum("pictures", filter=mine, default=0),
            size=Sum("bytes", filter=mine, default=0),
            trashed=Sum("bytes", filter=trash, default=0),
        )
    )


_USED = Prepared(_used)


def use_of(person: Person) -> StorageUse:
    """Return what the pictures of one person use."""
    return used_by([person.pk]).get(person.pk, StorageUse())


def largest(most: int) -> list[tuple[Person, StorageUse]]:
    """Return those whose pictures use most, with the trash, largest first."""
    rows = MonthCount.objects.filter(kind__in=OWN).values("person_id")
    sums = rows.annotate(size=Sum("bytes")).filter(size__gt=0).order_by("-size", "person_id")
    pks = list(sums.values_list("person_id", flat=True)[:most])
    people, uses = Person.objects.in_bulk(pks), used_by(pks)
    return [(people[pk], uses[pk]) for pk in pks if pk in people]


def used_by_all() -> StorageUse:
    """Return what all pictures of people use together."""
    rows = MonthCount.objects.filter(kind__in=OWN).values_list("kind")
    sums = {
        kind: (count, size)
        for kind, count, size in rows.annotate(n=Sum("pictures"), size=Sum("bytes"))
    }
    pictures, size = sums.get(GalleryKind.MINE, (0, 0))
    return StorageUse(pictures, size, sums.get(GalleryKind.TRASH, (0, 0))[1])


def quota_of(person: Person) -> int | None:
    """Return the quota of a person in bytes, their own before that of their role; None for none."""
    found = dict(_QUOTAS.rows(str(person.pk), person.role))
    return found.get("person", found.get("role"))


def _quotas(pk: str, role: str) -> QuerySet[StorageQuota, Any]:
    own, of_role = Q(scope="person", subject=pk), Q(scope="role", subject=role)
    return StorageQuota.objects.filter(own | of_role).values_list("scope", "bytes")


_QUOTAS = Prepared(_quotas)


def quotas_by_subject() -> Mapping[tuple[str, str], int]:
    """Return all quotas in bytes, by scope and subject."""
    rows = StorageQuota.objects.order_by("pk")
    return {(row.scope, row.subject): row.bytes for row in rows}
