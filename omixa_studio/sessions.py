"""Sessions in the database, which say so where they could not be saved.

Django's own takes a locked database for a session that was deleted meanwhile, which is answered
with 400: the fault of whoever asks.
"""

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.db import OperationalError


class SessionStore(db.SessionStore):
    """Raises OperationalError where the database is busy or away; the rest is Django's."""

    def save(self, must_create: bool = False) -> None:
        try:
            super().save(must_create)
        except UpdateError as refused:
            if isinstance(refused.__context__, OperationalError):
                raise refused.__context__ from None
            raise
