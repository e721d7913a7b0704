"""Invitations in words: what an account gets, how many joined, whether it still opens."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from omixa_studio.models import Invitation, Person, dollars
from omixa_studio.presenters.budgets import per
from omixa_studio.queries.invitations import listed_invitations
from omixa_studio.queries.projects import choices_for
from omixa_studio.templatetags.studio import money


@dataclass(frozen=True, kw_only=True)
class InvitationCard:
    """An invitation in the list; `why_closed` is "" while it opens."""

    invitation: Invitation
    gives: str
    why_closed: str


def invitation_cards() -> list[InvitationCard]:
    """Return the invitations that were not revoked, newest first."""
    return [
        InvitationCard(invitation=row, gives=gives(row), why_closed=_why_closed(row))
        for row in listed_invitations()
    ]


def gives(invitation: Invitation) -> str:
    """Return what an account made at it gets: "Member · $25.00 a month · Spring, Summer"."""
    limit = dollars(invitation.limit_micros)
    spends = _("no limit") if limit is None else f"{money(limit)} {per(invitation.period)}"
    projects = ", ".join(project.name for project in invitation.projects.all())
    return " · ".join(filter(None, (invitation.get_role_display(), spends, projects)))


def project_choices(admin: Person) -> list[tuple[str, str]]:
    """Return the open projects that an invitation may name, by id and name."""
    return [(str(project.pk), project.name) for project in choices_for(admin)]


def _why_closed(invitation: Invitation) -> str:
    maker = invitation.made_by
    if invitation.used >= invitation.most:
        return _("used up")
    if invitation.expires_at <= timezone.now():
        return _("expired")
    return "" if maker.is_active and maker.is_admin else _("its admin is none any more")
