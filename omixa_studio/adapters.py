"""Settings of django-allauth that are code: sign-up is closed."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignUp(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is not typed
    """Accounts are made by an admin, never by a visitor."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
