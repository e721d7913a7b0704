"""Invitations: made, accepted, revoked."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.models import ActKind, Invitation, Period, Person, Project, Role
from omixa_studio.queries.invitations import digest_of_invitation, open_invitations

from . import audit, people, projects
from .audit import Actor
from .refusals import Refused

SECRET_BYTES = 32


class InvitationClosed(Refused):
    """The invitation was revoked, has ended or was used up meanwhile."""

    reason = "invitation_closed"

    def __init__(self) -> None:
        super().__init__(Fault("", N_("This invitation does not work any more."), {}))


@dataclass(frozen=True, kw_only=True)
class InvitationTerms:
    """What accounts made at an invitation get, how many there may be, and until when.

    The limit is in micro-dollars per period, None for none; `projects` are ids.
    """

    role: str = Role.MEMBER
    limit_micros: int | None = None
    period: str = Period.MONTH
    projects: Collection[int] = ()
    most: int = 1
    expires_at: datetime


def invite(name: str, terms: InvitationTerms, *, by: Actor) -> tuple[Invitation, str]:
    """Make an invitation, and return it with the secret of its link, which is not stored."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        invitation = Invitation.objects.create(
            made_by_id=by.person_id,
            name=name,
            digest=digest_of_invitation(secret),
            role=terms.role,
            limit_micros=terms.limit_micros,
            period=terms.period,
            most=terms.most,
            expires_at=terms.expires_at,
        )
        invitation.projects.set(Project.objects.filter(pk__in=terms.projects, closed_at=None))
        audit.write(ActKind.INVITED, by=by, thing=name, after=terms.role)
    return invitation, secret


def accept(
    invitation: Invitation,
    username: str,
    password: str,
    *,
    name: str = "",
    email: str = "",
    address: str = "",
) -> Person:
    """Make the account of somebody invited, who has chosen the password; return it.

    Its role, limit and projects are logged as given by who made the invitation. Raises
    InvitationClosed and TakenError; then nothing is used up.
    """
    maker = invitation.made_by
    by = Actor(maker.pk, maker.username, name=maker.name)
    with transaction.atomic():
        same = Invitation.objects.filter(pk=invitation.pk)
        # A condition with a join would be PostgreSQL's answer of before it waited for others.
        same.select_for_update().first()
        if not open_invitations().filter(pk=invitation.pk).exists():
            raise InvitationClosed
        same.update(used=F("used") + 1)
        person = people.add_person(
            username,
            password,
            by=by,
            name=name,
            email=email,
            role=invitation.role,
            limit_micros=invitation.limit_micros,
            period=invitation.period,
            is_own_password=True,
        )
        # From here on the lock of all accounts is held, so this answer stays true.
        if not Person.objects.filter(pk=maker.pk, role=Role.ADMIN, is_active=True).exists():
            raise InvitationClosed
        for project in invitation.projects.filter(closed_at=None).order_by("pk"):
            projects.add_members(project, [person.pk], by=by)
        joined = Actor(person.pk, person.username, address, person.name)
        audit.write(ActKind.INVITATION_ACCEPTED, by=joined, thing=invitation.name)
    return person


def revoke_invitation(invitation: Invitation, *, by: Actor) -> bool:
    """Revoke an invitation at once; accounts made at it stay. Return whether it was not yet."""
    with transaction.atomic():
        there = Invitation.objects.filter(pk=invitation.pk, revoked_at=None)
        if not there.update(revoked_at=Now(), revoked_by=by.person_id or None):
            return False
        audit.write(ActKind.INVITATION_REVOKED, by=by, thing=invitation.name)
    return True
