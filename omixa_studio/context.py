"""Template variables that every page has."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from omixa_studio.models import Person
from omixa_studio.presenters.shell import shell_of


def shell(request: HttpRequest) -> dict[str, object]:
    """Give `shell` to every template; it asks the database only when it is used."""
    return {"shell": SimpleLazyObject(lambda: shell_of(_person(request)))}


def _person(request: HttpRequest) -> Person | None:
    return request.user if isinstance(request.user, Person) else None
