"""Which pictures the rules of a role would erase, and how long the trash keeps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Now

from omixa_studio.models import (
    OPEN_STATES,
    CollectionItem,
    GenerationInput,
    LinkPicture,
    Notice,
    Person,
    Picture,
    PictureFate,
    PictureVerdict,
    RetentionRule,
    State,
)
from omixa_studio.models.pictures import NO_FATE, REJECTED_FATE

from .blind_tests import being_judged

USUAL_TRASH_DAYS = 30
# What may still become something else, or is looked at by an admin.
UNFINISHED = (*OPEN_STATES, State.UNKNOWN)


# Counting stops here: somebody waits, and a library may have millions.
MOST_COUNTED = 10_000
# The pictures of so few people are found by their names instead of among everybody's.
FEW_PEOPLE = 50


@dataclass(frozen=True)
class Due:
    """How many pictures, and their bytes; MOST_COUNTED of them may be the first of more."""

    pictures: int = 0
    bytes: int = 0

    @property
    def is_least(self) -> bool:
        return self.pictures >= MOST_COUNTED


def rules_by_role() -> Mapping[str, RetentionRule]:
    """Return the rules by role; a role without one keeps everything."""
    return {rule.role: rule for rule in RetentionRule.objects.order_by("role")}


def rule_of(person: Person) -> RetentionRule | None:
    """Return the rule of a person's role."""
    return RetentionRule.objects.filter(role=person.role).first()


def trash_days_by_role() -> Mapping[str, int]:
    """Return how many days the trash keeps, for roles where that is not the usual.

    Fewer days count from when the rule starts on, more at once.
    """
    begun = Q(starts_at__lte=Now()) | Q(trash_days__gt=USUAL_TRASH_DAYS)
    found = RetentionRule.objects.filter(begun, trash_days__isnull=False)
    return {role: days for role, days in found.values_list("role", "trash_days") if days}


def trash_days_of(person: Person) -> int:
    """Return how many days a person's trash keeps."""
    return trash_days_by_role().get(person.role, USUAL_TRASH_DAYS)


def long_in_trash(days: int) -> QuerySet[Picture]:
    """Return pictures that were in the trash for so many days, or as long as their role says."""
    own = trash_days_by_role()
    usual = Q(trashed_at__lte=Now() - timedelta(days=days))
    if not own:
        return Picture.objects.filter(usual)
    due = usual & (Q(person=None) | ~Q(person__role__in=own))
    for role, kept in own.items():
        due |= Q(person__role=role, trashed_at__lte=Now() - timedelta(days=kept))
    return Picture.objects.filter(due, trashed_at__isnull=False)


def rejected_for(role: str, days: int) -> QuerySet[Picture]:
    """Return rejected pictures of a role made so many days ago, as far as nothing holds them."""
    rows = _made_before(role, days, REJECTED_FATE)
    return rows.filter(verdict=PictureVerdict.REJECTED)


def unkept_for(role: str, days: int) -> QuerySet[Picture]:
    """Return pictures of a role made so many days ago that nobody kept and the team does not see.

    Kept is what has a star, was downloaded, approved or collected.
    """
    return _made_before(role, days, NO_FATE).filter(shared=False)


def thrown_for(role: str, days: int) -> QuerySet[Picture]:
    """Return pictures of a role that were in the trash for so many days."""
    since = Now() - timedelta(days=days)
    return Picture.objects.filter(person__role=role, trashed_at__lte=since)


def preview(
    role: str, *, trash: int | None, rejected: int | None, unkept: int | None
) -> Mapping[str, Due]:
    """Return what rules of so many days would erase if they began now, up to MOST_COUNTED each."""
    people = Person.objects.filter(role=role).values_list("pk", flat=True)
    few = list(people[: FEW_PEOPLE + 1])
    theirs = Q(person__in=few) if len(few) <= FEW_PEOPLE else Q()
    thrown = thrown_for(role, USUAL_TRASH_DAYS if trash is None else trash)
    return {
        "trash": _sum(thrown.filter(theirs)),
        "rejected": Due()
        if rejected is None
        else _sum(rejected_for(role, rejected).filter(theirs)),
        "unkept": Due() if unkept is None else _sum(unkept_for(role, unkept).filter(theirs)),
    }


def rules_to_tell() -> QuerySet[RetentionRule]:
    """Return the rules that erase more than is usual, of which people are told."""
    shorter = Q(trash_days__lt=USUAL_TRASH_DAYS)
    more = Q(rejected_days__isnull=False) | Q(unkept_days__isnull=False) | shorter
    return RetentionRule.objects.filter(more).order_by("role")


def notice_key(rule: RetentionRule) -> str:
    """Return the key under which people are told of a rule, once each."""
    return f"retention {rule.role} {rule.changed_at.isoformat()}"


def not_told(rule: RetentionRule) -> QuerySet[Person]:
    """Return the active people of a rule's role whom nobody told of it."""
    told = Notice.objects.filter(key=notice_key(rule), person=OuterRef("pk"))
    people = Person.objects.filter(role=rule.role, is_active=True)
    return people.exclude(Exists(told)).order_by("pk")


def told_in_time(rule: RetentionRule, days: int) -> Q:
    """Return the condition that whoever has a picture was told so long ago, or cannot log in."""
    told = Notice.objects.filter(
        key=notice_key(rule),
        person=OuterRef("person"),
        created_at__lte=Now() - timedelta(days=days),
    )
    return Q(person__is_active=False) | Q(Exists(told))


def _made_before(role: str, days: int, fate: int) -> QuerySet[Picture]:
    """Return pictures of a fate that no star, collection, link, test or request holds."""
    links = LinkPicture.objects.filter(picture=OuterRef("pk"), link__revoked_at=None)
    items = CollectionItem.objects.filter(picture=OuterRef("pk"))
    uses = GenerationInput.objects.filter(
        image__picture=OuterRef("pk"), generation__state__in=UNFINISHED
    )
    return (
        Picture.objects.alias(fate=PictureFate())
        .filter(
            fate=fate,
            created_at__lte=Now() - timedelta(days=days),
            trashed_at=None,
            winner=False,
            person__role=role,
        )
        .exclude(generation__state__in=UNFINISHED)
        .exclude(Exists(items))
        .exclude(Exists(links))
        .exclude(Exists(uses))
        .exclude(being_judged())
    )


def _sum(rows: QuerySet[Picture]) -> Due:
    some = rows.order_by().values("pk", "bytes")[:MOST_COUNTED]
    sums = some.aggregate(n=Count("pk"), size=Sum("bytes", default=0))
    return Due(sums["n"], sums["size"])
