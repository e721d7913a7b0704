"""Read invitations: the one that a link opens now, and those that were not revoked."""

import hashlib

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from omixa_studio.models import Invitation, Role

LATEST_INVITATIONS = 200


def digest_of_invitation(secret: str) -> str:
    """Return what the table keeps of the secret in a link."""
    return hashlib.sha256(secret.encode()).hexdigest()


def open_invitation(secret: str) -> Invitation | None:
    """Return the invitation that the secret in a link opens now.

    None if it was revoked, has ended, was used as often as it may be, or if whoever made it is no
    admin any more or cannot log in.
    """
    found = open_invitations().filter(digest=digest_of_invitation(secret))
    return found.select_related("made_by").first()


def open_invitations() -> QuerySet[Invitation]:
    """Select the invitations that open now."""
    by_an_admin = Q(made_by__is_active=True, made_by__role=Role.ADMIN)
    lasting = Q(revoked_at=None, expires_at__gt=timezone.now(), used__lt=F("most"))
    return Invitation.objects.filter(lasting & by_an_admin)


def listed_invitations() -> list[Invitation]:
    """Return the latest invitations that were not revoked, newest first; some may have ended."""
    rows = Invitation.objects.filter(revoked_at=None).select_related("made_by")
    return list(rows.prefetch_related("projects").order_by("-pk")[:LATEST_INVITATIONS])
