"""Rules of how long pictures are kept: changed by admins, told to people, then carried out.

Rejected pictures, and those that nobody kept, are erased some days after they were made; never what
has a star, is in a collection, at a guest link, in a blind test or part of an unfinished request.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from omixa_studio.models import ActKind, Picture, RetentionRule
from omixa_studio.queries.retention import (
    not_told,
    notice_key,
    rejected_for,
    rules_to_tell,
    told_in_time,
    unkept_for,
)

from . import audit, curating, notices
from .audit import STUDIO, Actor

log = logging.getLogger(__name__)

# Between the notice and the first picture that is erased.
DAYS_OF_WARNING = 7
MOST_AT_ONCE = 200
MOST_TOLD = 500
# Long enough in the trash for any rule: nobody can restore it, and the next sweep deletes it.
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class RetentionTerms:
    """After how many days what is erased; None for never, or for the usual trash."""

    trash: int | None = None
    rejected: int | None = None
    unkept: int | None = None

    @property
    def is_empty(self) -> bool:
        return (self.trash, self.rejected, self.unkept) == (None, None, None)


def set_retention(role: str, terms: RetentionTerms, *, by: Actor) -> None:
    """Make, change or, if it says nothing, remove the rule of a role.

    Where more is erased than before, people are told first.
    """
    with transaction.atomic():
        before = RetentionRule.objects.select_for_update().filter(role=role).first()
        was = _terms_of(before) if before else RetentionTerms()
        if was == terms:
            return
        if terms.is_empty:
            RetentionRule.objects.filter(role=role).delete()
        else:
            keeps = before is not None and not _is_sharper(was, terms)
            RetentionRule.objects.update_or_create(
                role=role,
                defaults={
                    "trash_days": terms.trash,
                    "rejected_days": terms.rejected,
                    "unkept_days": terms.unkept,
                    "starts_at": before.starts_at if before and keeps else None,
                    "changed_at": before.changed_at if before and keeps else timezone.now(),
                },
            )
        said = _told(terms)
        audit.write(ActKind.RETENTION, by=by, thing=role, before=_told(was), after=said)


def warn(*, most: int = MOST_TOLD) -> int:
    """Tell people of the rules of their role; return how many are told now.

    A new rule starts a week after everybody was told. For who comes into the role later it starts a
    week after they were.
    """
    starts = timezone.now() + timedelta(days=DAYS_OF_WARNING)
    facts, path = {"day_at": starts.isoformat()}, reverse("account")
    for rule in rules_to_tell():
        if people := list(not_told(rule)[:most]):
            return notices.tell(people, "retention_begins", facts, path=path, key=notice_key(rule))
        same = RetentionRule.objects.filter(pk=rule.pk, changed_at=rule.changed_at)
        same.filter(starts_at=None).update(starts_at=starts)
    return 0


def erase_due(*, most: int = MOST_AT_ONCE) -> int:
    """Erase the next pictures that the rules name; return how many."""
    begun = Q(starts_at__lte=Now()) & (Q(rejected_days__gt=0) | Q(unkept_days__gt=0))
    for rule in RetentionRule.objects.filter(begun).order_by("role"):
        for name, rows in _due(rule):
            pks = _take(rows.filter(told_in_time(rule, DAYS_OF_WARNING)), most)
            if pks:
                curating.erase(Picture.objects.filter(pk__in=pks))
                audit.write(ActKind.ERASED, by=STUDIO, thing=rule.role, after=f"{len(pks)} {name}")
                log.info("Erased %s %s pictures of the role %s.", len(pks), name, rule.role)
                return len(pks)
    return 0


def _due(rule: RetentionRule) -> list[tuple[str, QuerySet[Picture]]]:
    found = []
    if rule.rejected_days is not None:
        found.append(("rejected", rejected_for(rule.role, rule.rejected_days)))
    if rule.unkept_days is not None:
        found.append(("unkept", unkept_for(rule.role, rule.unkept_days)))
    return found


def _take(rows: QuerySet[Picture], most: int) -> list[int]:
    """Put the next pictures beyond restoring, so that nobody can give them a star any more.

    They are looked for without a lock, since there may be very many to look at. Under the lock they
    are read anew: whoever held it may have put them at a link, of which their own rows say nothing.
    """
    found = list(rows.order_by("created_at", "pk").values_list("pk", flat=True)[:most])
    if not found:
        return []
    with transaction.atomic():
        curating.lock_pictures(found)
        pks = list(rows.filter(pk__in=found).values_list("pk", flat=True))
        Picture.objects.filter(pk__in=pks).update(trashed_at=LONG_AGO)
    return pks


def _terms_of(rule: RetentionRule) -> RetentionTerms:
    return RetentionTerms(rule.trash_days, rule.rejected_days, rule.unkept_days)


def _is_sharper(was: RetentionTerms, now: RetentionTerms) -> bool:
    """Return whether anything is erased sooner than before."""
    pairs = (
        (was.trash or curating.TRASH_DAYS, now.trash or curating.TRASH_DAYS),
        (was.rejected, now.rejected),
        (was.unkept, now.unkept),
    )
    return any(after is not None and (before is None or after < before) for before, after in pairs)


def _told(terms: RetentionTerms) -> str:
    return " ".join(f"{name}={days}" for name, days in vars(terms).items() if days is not None)
