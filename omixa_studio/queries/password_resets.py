"""Read requests for a new password: those to mail, and the one that a link opens."""

import hashlib
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone

from omixa_studio.models import PasswordReset

LASTS = timedelta(hours=1)


def digest_of_reset(secret: str) -> str:
    """Return what the table keeps of the secret in a link."""
    return hashlib.sha256(secret.encode()).hexdigest()


def open_reset(secret: str) -> PasswordReset | None:
    """Return the request whose link has this secret; None if it ended, or was used."""
    rows = PasswordReset.objects.select_related("person").filter(person__is_active=True)
    since = timezone.now() - LASTS
    return rows.filter(digest=digest_of_reset(secret), mailed_at__gt=since).first()


def resets_to_mail() -> QuerySet[PasswordReset]:
    """Select the requests whose link was not mailed yet, the oldest first."""
    since = timezone.now() - LASTS
    waiting = PasswordReset.objects.filter(
        mailed_at=None, asked_at__gt=since, person__is_active=True
    )
    return waiting.select_related("person").order_by("pk")
