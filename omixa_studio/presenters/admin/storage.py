"""The page of storage: what all pictures take, quotas, and who has most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from omixa_studio.forms.storage import GIGABYTE
from omixa_studio.models import Person, RetentionRule, Role, Scope
from omixa_studio.queries.retention import (
    MOST_COUNTED,
    USUAL_TRASH_DAYS,
    Due,
    preview,
    rules_by_role,
    rules_to_tell,
)
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
    is_odd: bool = False


@dataclass(frozen=True)
class StorageRow:
    """A person with what their pictures take; their own quota as `RoleQuota` has it."""

    person: Person
    use: StorageUse
    gigabytes: str
    is_odd: bool = False


@dataclass(frozen=True)
class RetentionCard:
    """The rule of a role: the days of its form, None where it says nothing, and when it begins.

    `odd` are the fields of its form that were refused; they hold what was typed.

    `is_told` is whether people are told of it, since it erases more than is usual.
    """

    role: str
    label: str
    trash: int | str | None = None
    rejected: int | str | None = None
    unkept: int | str | None = None
    odd: Sequence[str] = ()
    is_told: bool = False
    starts_at: datetime | None = None


@dataclass(frozen=True)
class RetentionPreview:
    """What a rule would erase if it began now, and the fields to confirm it with.

    `due` are the days of each part that it speaks of, and what that erases.
    """

    label: str
    fields: Mapping[str, str]
    due: Mapping[str, tuple[int, Due]]
    most: int = MOST_COUNTED

    @property
    def is_least(self) -> bool:
        return any(due.is_least for _days, due in self.due.values())


@dataclass(frozen=True)
class StorageSheet:
    """What the page shows: everything together, roles, and who has most or a quota of their own.

    `usual` is how many days the trash keeps where no rule says otherwise.
    """

    total: StorageUse
    roles: Sequence[RoleQuota]
    retention: Sequence[RetentionCard]
    usual: int
    rows: Sequence[StorageRow]


@dataclass(frozen=True)
class SentForm:
    """What was typed into a form that is refused, and the names of its fields at fault."""

    typed: Mapping[str, str]
    odd: Sequence[str]


def storage_sheet(refused: SentForm | None = None) -> StorageSheet:
    """Return the page of storage; a form that was refused is shown as it was sent."""
    quotas, rules = quotas_by_subject(), rules_by_role()
    found = dict(largest(MOST_LARGEST))
    own = [int(subject) for scope, subject in quotas if scope == Scope.PERSON]
    for person in Person.objects.filter(pk__in=own).order_by("search", "pk"):
        found.setdefault(person, StorageUse())
    return StorageSheet(
        total=used_by_all(),
        roles=[
            RoleQuota(role, str(role.label), *_quota(quotas, Scope.ROLE, role, refused))
            for role in Role
        ],
        retention=[_as_sent(_card(role, rules.get(role)), refused) for role in Role],
        usual=USUAL_TRASH_DAYS,
        rows=[
            StorageRow(person, use, *_quota(quotas, Scope.PERSON, str(person.pk), refused))
            for person, use in found.items()
        ],
    )


def retention_preview(
    role: str, days: Mapping[str, int | None], confirmed: str
) -> RetentionPreview:
    """Return what days of a role would erase, counted now; `confirmed` says that it was shown."""
    asked = {name: value or 0 for name, value in days.items()}
    asked["trash"] = asked["trash"] or USUAL_TRASH_DAYS
    found = preview(role, **days)
    fields = {name: "" if value is None else str(value) for name, value in days.items()}
    return RetentionPreview(
        label=str(Role(role).label),
        fields={"role": role, **fields, "confirmed": confirmed},
        due={name: (asked[name], found[name]) for name in found if asked[name]},
    )


def _quota(
    quotas: Mapping[tuple[str, str], int], scope: str, subject: str, refused: SentForm | None
) -> tuple[str, bool]:
    """Return what the field of a quota holds, and whether it was refused."""
    if refused:
        sent = (refused.typed.get("scope"), refused.typed.get("subject"))
        if sent == (scope, subject):
            return refused.typed.get("gigabytes", ""), True
    return plain_gigabytes(quotas.get((scope, subject))), False


def _as_sent(card: RetentionCard, refused: SentForm | None) -> RetentionCard:
    if refused is None or refused.typed.get("role") != card.role:
        return card
    typed = refused.typed
    return replace(
        card,
        trash=typed.get("trash"),
        rejected=typed.get("rejected"),
        unkept=typed.get("unkept"),
        odd=refused.odd,
    )


def _card(role: Role, rule: RetentionRule | None) -> RetentionCard:
    if rule is None:
        return RetentionCard(role, str(role.label))
    return RetentionCard(
        role=role,
        label=str(role.label),
        trash=rule.trash_days,
        rejected=rule.rejected_days,
        unkept=rule.unkept_days,
        is_told=rules_to_tell().filter(pk=rule.pk).exists(),
        starts_at=rule.starts_at,
    )


def plain_gigabytes(size: int | None) -> str:
    """Return bytes as gigabytes for a form: "1.5"; "" for None."""
    return "" if size is None else f"{(Decimal(size) / GIGABYTE).normalize():f}"
