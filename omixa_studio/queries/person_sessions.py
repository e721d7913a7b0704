"""Read where a person is logged in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from omixa_studio.models import Person, PersonSession


@dataclass(frozen=True)
class LiveSession:
    """A session that still opens; `used_at` is when it was last used, up to a day too early."""

    row: PersonSession
    used_at: datetime


def live_sessions(person: Person) -> list[LiveSession]:
    """Return the sessions of a person that still open, newest first."""
    rows = {row.session_key: row for row in PersonSession.objects.filter(person=person)}
    live = Session.objects.filter(pk__in=list(rows), expire_date__gt=timezone.now())
    age = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    found = [
        LiveSession(rows[key], ends - age) for key, ends in live.values_list("pk", "expire_date")
    ]
    return sorted(found, key=lambda one: one.row.pk, reverse=True)
