"""Settings of django-allauth that are code: sign-up is closed, logins are written down."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from omixa_studio.models import ActKind, Person
from omixa_studio.queries.people import known_as
from omixa_studio.services import audit
from omixa_studio.services.audit import Actor
from omixa_studio.visitors import address_of, prove


class ClosedSignUp(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is not typed
    """Accounts are made by an admin, never by a visitor."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: Person) -> None:
        with transaction.atomic():
            super().login(request, user)
            audit.write(ActKind.LOGIN, by=_actor(request, user))

    def logout(self, request: HttpRequest) -> None:
        with transaction.atomic():
            if isinstance(request.user, Person):
                audit.write(ActKind.LOGOUT, by=_actor(request, request.user))
            super().logout(request)

    def reauthenticate(self, user: Person, password: str) -> bool:
        right: bool = super().reauthenticate(user, password)
        if right:
            prove(context.request)
        return right

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write down whose account was tried; a name that nobody has may be a password."""
        tried = known_as(credentials.get("username") or credentials.get("email") or "")
        audit.write(ActKind.LOGIN_FAILED, by=Actor(address=address_of(request)), whom=tried)

    def respond_user_inactive(self, request: HttpRequest, user: Person) -> HttpResponse:
        stranger = Actor(address=address_of(request))
        audit.write(ActKind.LOGIN_FAILED, by=stranger, whom=user, after="inactive")
        answer: HttpResponse = super().respond_user_inactive(request, user)
        return answer


def _actor(request: HttpRequest, person: Person) -> Actor:
    return Actor(person.pk, person.username, address_of(request))
