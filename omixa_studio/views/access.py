"""Who asks, and what they may: the one place for sessions, tokens and guests; its decorators."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from omixa_studio.models import GuestLink, Person, Token, TokenScope
from omixa_studio.queries.budget_requests import answers_requests
from omixa_studio.queries.guests import open_link

from .requests import PersonRequest

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Caller:
    """Who asks: a person, by a token or else by a session, or a guest of a link; or nobody.

    A token may what its scopes and its person's role both allow, a guest what the link shows and
    nothing else.
    """

    person: Person | None = None
    token: Token | None = None
    link: GuestLink | None = None

    def has(self, scope: str) -> bool:
        """Return whether a scope is open: of a session by the role, of a token by both."""
        if self.person is None or (scope == TokenScope.ADMIN and not self.person.is_admin):
            return False
        return self.token is None or scope in self.token.scopes

    @property
    def is_admin(self) -> bool:
        return self.has(TokenScope.ADMIN)

    @property
    def sees_costs(self) -> bool:
        """Whether everybody's costs are open, not one's own alone."""
        return self.has(TokenScope.COSTS) and bool(self.person and self.person.sees_costs)

    @property
    def answers_requests(self) -> bool:
        """Whether requests for money are answered: giving money is an admin's scope of a token."""
        if self.person is None or (self.token and TokenScope.ADMIN not in self.token.scopes):
            return False
        return answers_requests(self.person)


def caller_of(request: HttpRequest) -> Caller:
    """Return who asks; of a session this reads the person, of a token nothing more."""
    person = person_of(request)
    known = person if isinstance(person, Person) else None
    return Caller(known, getattr(request, "token", None))


def guest_at(text: str) -> Caller:
    """Return a guest of the link that the text in an address opens now; nobody if it opens none.

    Whoever is logged in is a guest there, too.
    """
    return Caller(link=open_link(text))


def person_of(request: HttpRequest) -> Person | AnonymousUser:
    """Return who asks, before or after Django's middleware has set the user of a request."""
    found: Person | AnonymousUser = getattr(request, "_cached_user", None) or get_user(request)
    return found


def admin_only(view: View) -> View:
    """Restrict a view to admins; other roles get 403."""
    return _only_if(lambda caller: caller.is_admin, view)


def sees_costs(view: View) -> View:
    """Restrict a view to managers and admins."""
    return _only_if(lambda caller: caller.sees_costs, view)


def approver_only(view: View) -> View:
    """Restrict a view to those who answer requests for money."""
    return _only_if(lambda caller: caller.answers_requests, view)


def _only_if(may: Callable[[Caller], bool], view: View) -> View:
    @wraps(view)
    def guarded(request: PersonRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may(caller_of(request)):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
