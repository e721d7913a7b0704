"""Guest links: made, changed, revoked, and what is counted when guests open them."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.models import (
    ActKind,
    Collection,
    GuestLink,
    LinkPicture,
    LinkVisits,
    Person,
    Picture,
)
from omixa_studio.queries.guests import digest_of, numbers_of, token_for

from . import audit
from .audit import Actor
from .curating import lock_pictures
from .refusals import Refused

MOST_LINKS = 200
MOST_PICTURES = 5000
ROWS_AT_ONCE = 500
GONE = N_("Some of these pictures were deleted meanwhile. Choose those to share anew.")


class LinkRefused(Refused):
    """The link cannot be made; a fault says why."""

    reason = "link"


@dataclass(frozen=True, kw_only=True)
class LinkTerms:
    """What a link allows. `password` is None to keep the one there is, "" for none."""

    title: str
    expires_at: datetime | None
    password: str | None
    downloads: bool
    prompts: bool
    comments: bool


def make_link(
    person: Person,
    terms: LinkTerms,
    *,
    by: Actor,
    pictures: Sequence[int] = (),
    collection: Collection | None = None,
) -> GuestLink:
    """Make a link of a person's to pictures, in this order, or to a collection as it is now.

    Raises LinkRefused for nothing, more than MOST_PICTURES, one that was erased meanwhile or the
    MOST_LINKS-th open link.
    """
    chosen = list(dict.fromkeys(pictures))
    _refuse_size(chosen, collection)
    seed = secrets.token_hex(16)
    link = GuestLink(
        person=person,
        collection=collection,
        seed=seed,
        digest=digest_of(token_for(seed)),
        password=make_password(terms.password) if terms.password else "",
        pictures=len(chosen),
        **_plain(terms),
    )
    with transaction.atomic():
        _refuse_more(Person.objects.select_for_update().get(pk=person.pk))
        # No rule erases them in between (retention.py); some may be gone by now.
        if len(lock_pictures(chosen)) < len(chosen):
            raise LinkRefused(Fault("pictures", GONE, {}))
        link.save(force_insert=True)
        rows = (LinkPicture(link=link, number=n, picture_id=pk) for n, pk in enumerate(chosen, 1))
        LinkPicture.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE)
        audit.write(ActKind.LINK_MADE, by=by, thing=_thing(link), after=terms.title)
    return link


def change_link(link: GuestLink, terms: LinkTerms, *, by: Actor) -> None:
    """Change what a link allows; a new password locks out the guests who know the old one."""
    values = _plain(terms)
    if terms.password is not None:
        values["password"] = make_password(terms.password) if terms.password else ""
    with transaction.atomic():
        GuestLink.objects.filter(pk=link.pk).update(**values)
        audit.write(ActKind.LINK_CHANGED, by=by, whom=_whom(link, by), thing=_thing(link))


def revoke_link(link: GuestLink, *, by: Actor) -> bool:
    """Close a link at once; return False if it was closed already."""
    with transaction.atomic():
        is_new = bool(
            GuestLink.objects.filter(pk=link.pk, revoked_at=None).update(
                revoked_at=Now(), revoked_by=by.person_id
            )
        )
        if is_new:
            audit.write(ActKind.LINK_REVOKED, by=by, whom=_whom(link, by), thing=_thing(link))
    return is_new


def restore_link(link: GuestLink, *, by: Actor, anybodys: bool = False) -> bool:
    """Open a revoked link again, one's own or, as an admin, `anybodys`.

    Returns False if it is not revoked, if its maker has too many, or if somebody else closed it.
    """
    with transaction.atomic():
        person = Person.objects.select_for_update().get(pk=link.person_id)
        if not person.is_active or _count_open(person) >= MOST_LINKS:
            return False
        closed = GuestLink.objects.filter(pk=link.pk, revoked_at__isnull=False)
        if not anybodys:
            closed = closed.filter(Q(revoked_by=None) | Q(revoked_by=by.person_id))
        was_closed = bool(closed.update(revoked_at=None, revoked_by=None))
        if was_closed:
            audit.write(ActKind.LINK_RESTORED, by=by, whom=_whom(link, by), thing=_thing(link))
    return was_closed


def revoke_all(person: Person) -> int:
    """Close all links of a person, inside the transaction of their deactivation."""
    return GuestLink.objects.filter(person=person, revoked_at=None).update(revoked_at=Now())


def is_password(link: GuestLink, password: str, *, address: str) -> bool:
    """Return whether a guest gave the right password; a wrong one is written in the log.

    Spaces around it come with copying, and are no part of it unless it was set with them.
    """
    spelled = dict.fromkeys((password, password.strip()))
    if any(check_password(one, link.password) for one in spelled):
        return True
    stranger = Actor(address=address)
    audit.write(ActKind.LINK_PASSWORD_FAILED, by=stranger, whom=link.person, thing=_thing(link))
    return False


def count_visit(link: GuestLink, *, address: str) -> None:
    """Count a guest who opened the link today; the first one ever is written in the log."""
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    with transaction.atomic():
        of_day = LinkVisits.objects.filter(link=link, day=today)
        if not of_day.update(count=F("count") + 1):
            LinkVisits.objects.bulk_create(
                [LinkVisits(link=link, day=today, count=0)], ignore_conflicts=True
            )
            of_day.update(count=F("count") + 1)
        if GuestLink.objects.filter(pk=link.pk, opened_at=None).update(opened_at=Now()):
            stranger = Actor(address=address)
            audit.write(ActKind.LINK_OPENED, by=stranger, whom=link.person, thing=_thing(link))


def give_numbers(link: GuestLink, pictures: Sequence[Picture]) -> dict[int, int]:
    """Return the numbers of pictures at a link by their ids; new ones are given and stay.

    Pictures that were erased meanwhile get none.
    """
    numbers = numbers_of(link, pictures)
    if all(picture.pk in numbers for picture in pictures):
        return numbers
    with transaction.atomic():
        last = GuestLink.objects.select_for_update().get(pk=link.pk).pictures
        numbers = numbers_of(link, pictures)
        there = lock_pictures([picture.pk for picture in pictures if picture.pk not in numbers])
        new = [picture for picture in pictures if picture.pk in there]
        given = {picture.pk: number for number, picture in enumerate(new, last + 1)}
        LinkPicture.objects.bulk_create(
            LinkPicture(link=link, number=number, picture_id=pk) for pk, number in given.items()
        )
        GuestLink.objects.filter(pk=link.pk).update(pictures=last + len(new))
    return numbers | given


def _plain(terms: LinkTerms) -> dict[str, object]:
    return {
        "title": terms.title,
        "expires_at": terms.expires_at,
        "downloads": terms.downloads,
        "prompts": terms.prompts,
        "comments": terms.comments,
    }


def _refuse_size(pictures: Sequence[int], collection: Collection | None) -> None:
    if collection is None and not pictures:
        raise LinkRefused(Fault("pictures", N_("There is no picture here to share."), {}))
    if len(pictures) > MOST_PICTURES:
        many = N_("A link takes up to %(most)s pictures. Share a collection for more.")
        raise LinkRefused(Fault("pictures", many, {"most": MOST_PICTURES}))


def _refuse_more(person: Person) -> None:
    if not person.is_active:
        raise LinkRefused(Fault("", N_("This account is deactivated."), {}))
    if _count_open(person) >= MOST_LINKS:
        many = N_("You have %(most)s open links. Revoke one to make another.")
        raise LinkRefused(Fault("", many, {"most": MOST_LINKS}))


def _count_open(person: Person) -> int:
    rows = GuestLink.objects.filter(person=person, revoked_at=None)
    return rows.exclude(expires_at__lte=timezone.now()).count()


def _thing(link: GuestLink) -> str:
    return f"link {link.pk}"


def _whom(link: GuestLink, by: Actor) -> Person | None:
    return None if link.person_id == by.person_id else link.person
