"""The page of storage: what all pictures take, quotas, and who has most."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from omixa_studio.forms.storage import GIGABYTE
from omixa_studio.models import Person, Role, Scope
from omixa_studio.queries.storage_used import (
    StorageUse,
    largest,
    quotas_by_subject,
    used_by_all,
)

MOST_LARGEST = 20


@dataclass(frozen=True)
class RoleQuota:
    """A role with its quota in gigabytes as a form takes it, "" for none."""

    role: str
    label: str
    gigabytes: str


@dataclass(frozen=True)
class StorageRow:
    """A person with what their pictures take; `quota` is their own, in bytes."""

    person: Person
    use: StorageUse
    quota: int | None

    @property
    def gigabytes(self) -> str:
        return plain_gigabytes(self.quota)


@dataclass(frozen=True)
class StorageSheet:
    """What the page shows: everything together, roles, and who has most or a quota of their own."""

    total: StorageUse
    roles: Sequence[RoleQuota]
    rows: Sequence[StorageRow]


def storage_sheet() -> StorageSheet:
    """Return the page of storage."""
    quotas = quotas_by_subject()
    found = dict(largest(MOST_LARGEST))
    own = [int(subject) for scope, subject in quotas if scope == Scope.PERSON]
    for person in Person.objects.filter(pk__in=own).order_by("search", "pk"):
        found.setdefault(person, StorageUse())
    return StorageSheet(
        total=used_by_all(),
        roles=[
            RoleQuota(role, str(role.label), plain_gigabytes(quotas.get((Scope.ROLE, role))))
            for role in Role
        ],
        rows=[
            StorageRow(person, use, quotas.get((Scope.PERSON, str(person.pk))))
            for person, use in found.items()
        ],
    )


def plain_gigabytes(size: int | None) -> str:
    """Return bytes as gigabytes for a form: "1.5"; "" for None."""
    return "" if size is None else f"{(Decimal(size) / GIGABYTE).normalize():f}"
