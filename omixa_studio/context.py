"""Template variables of every page."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from omixa_studio.models import Person
from omixa_studio.presenters.shell import shell_of


def shell(request: HttpRequest) -> dict[str, object]:
    """Give `shell` to every template, which asks the database only when it is used, the name of the
    cookie with the token of forms, and what people may know of single sign-on."""
    return {
        "shell": SimpleLazyObject(lambda: shell_of(_person(request))),
        "token_cookie": settings.CSRF_COOKIE_NAME,
        "sso": {
            "is_on": bool(settings.SSO.url),
            "name": settings.SSO.name,
            "only": settings.SSO.only,
        },
    }


def _person(request: HttpRequest) -> Person | None:
    return request.user if isinstance(request.user, Person) else None
