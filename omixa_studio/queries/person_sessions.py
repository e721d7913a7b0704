"""Read where a person is logged in."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from omixa_studio.models import Person, PersonSession


@dataclass(frozen=True)
class LiveSession:
    """A session that still opens; `used_at` is when it was last used, up to a day too early."""

    row: PersonSession
    used_at: datetime


def live_sessions(person: Person, key: str | None, *, most: int) -> list[LiveSession]:
    """Return sessions of a person that still open: the one of a key first, then the newest."""
    rows = _live(person).annotate(other=~Q(session_key=key or ""))
    age = timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return [LiveSession(row, row.ends - age) for row in rows.order_by("other", "-pk")[:most]]


def count_live(person: Person) -> int:
    """Count the sessions of a person that still open."""
    return _live(person).count()


def _live(person: Person) -> QuerySet[PersonSession, Any]:
    """Select the sessions of a person that still open, with when each ends.

    Each is looked up by its key: of "exists", PostgreSQL reads the sessions of everybody.
    """
    ends = Session.objects.filter(pk=OuterRef("session_key")).values("expire_date")
    rows = PersonSession.objects.filter(person=person).annotate(ends=Subquery(ends))
    return rows.filter(ends__gt=timezone.now())
