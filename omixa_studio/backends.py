"""Logging in, which is allauth's, and reading who is logged in, which every page does."""

from allauth.account.auth_backends import AuthenticationBackend

from omixa_studio.models import Person
from omixa_studio.queries.prepared import AMONG, Prepared

_BY_ID = Prepared(lambda _nobody: Person.objects.filter(pk__in=AMONG))


class PersonBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth is not typed
    """Allauth's, but for the statement of every page, which is built once."""

    def get_user(self, user_id: int) -> Person | None:
        """Return the person of an id if they may be logged in."""
        found = next(iter(_BY_ID.rows(None, among=[user_id])), None)
        return found if self.user_can_authenticate(found) else None
