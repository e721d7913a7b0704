"""Sessions in the database, renewed by use, which say so where they could not be saved.

Django's own treats a locked database as a session that was deleted meanwhile and answers 400,
as if the client were to blame.
"""

from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.utils import timezone

# Whoever comes daily stays logged in; to write at every request would cost each page a write.
RENEWED_AFTER = timedelta(days=1)


class SessionStore(db.SessionStore):
    """Saves itself once a day of use, and raises OperationalError where the database is busy or
    away; the rest is Django's."""

    def _get_session_from_db(self) -> Session | None:
        row: Session | None = super()._get_session_from_db()  # type: ignore[misc]  # not in stubs
        whole = timedelta(seconds=settings.SESSION_COOKIE_AGE)
        if row and row.expire_date < timezone.now() + whole - RENEWED_AFTER:
            self.modified = True
        return row

    def save(self, must_create: bool = False) -> None:
        try:
            super().save(must_create)
        except UpdateError as refused:
            if isinstance(refused.__context__, OperationalError):
                raise refused.__context__ from None
            raise
