"""Sessions in the database, renewed by use up to an end, which say so where they were not saved.

Django's own treats a locked database as a session that was deleted meanwhile and answers 400,
as if the client were to blame.
"""

import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY as BACKEND
from django.contrib.auth import SESSION_KEY as PERSON
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.utils import timezone

from omixa_studio.queries.prepared import Prepared

# Whoever comes daily stays logged in; to write at every request would cost each page a write.
RENEWED_AFTER = timedelta(days=1)
# When somebody logged in, in seconds of the clock.
BEGAN = "began"
_BY_KEY = Prepared(lambda key: Session.objects.filter(session_key=key))


class SessionStore(db.SessionStore):
    """Saves itself once a day of use, ends STUDIO_SESSION_DAYS after the login, and raises
    OperationalError where the database is busy or away; the rest is Django's."""

    def load(self) -> dict[str, Any]:
        data: dict[str, Any] = super().load()
        if PERSON not in data:
            return data
        # Sessions older than our own backend name allauth's, and Django would end them.
        data[BACKEND] = settings.AUTHENTICATION_BACKENDS[0]
        if BEGAN not in data:
            data[BEGAN] = int(time.time())
            self.modified = True
        if time.time() < data[BEGAN] + settings.SESSION_DAYS * 86_400:
            return data
        self.delete(self.session_key)
        self._session_key = None
        return {}

    def _get_session_from_db(self) -> Session | None:
        now, whole = timezone.now(), timedelta(seconds=settings.SESSION_COOKIE_AGE)
        row: Session | None = _BY_KEY.first(self.session_key or "")
        if row is None or row.expire_date <= now:
            self._session_key = None
            return None
        if row.expire_date < now + whole - RENEWED_AFTER:
            self.modified = True
        return row

    def save(self, must_create: bool = False) -> None:
        try:
            super().save(must_create)
        except UpdateError as refused:
            if isinstance(refused.__context__, OperationalError):
                raise refused.__context__ from None
            raise
