"""The request after the middleware, with what every view behind the login may rely on."""

from collections.abc import Iterable

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.forms.clicks import ClickUnusable, read_click
from omixa_studio.models import Person
from omixa_studio.services.audit import Actor
from omixa_studio.services.person_sessions import note_session
from omixa_studio.services.refusals import ChoiceRefused
from omixa_studio.visitors import address_of


class PersonRequest(HttpRequest):
    """A request behind the login: its user is a Person, and script marks its requests."""

    user: Person
    htmx: HtmxDetails


def actor_of(request: PersonRequest) -> Actor:
    """Return the actor of a request, with the address: for the audit log."""
    person = request.user
    return Actor(person.pk, person.username, address_of(request), person.name)


def note_session_of(request: HttpRequest, person: Person) -> None:
    """Note the session of a request, which has just begun or got another key."""
    note_session(
        person,
        request.session.session_key or "",
        address=address_of(request),
        browser=request.headers.get("user-agent", ""),
    )


def click_of(request: PersonRequest, about: Iterable[object] = ()) -> str | None:
    """Return the one-time value for what this form asks here, and for what else it is about.

    Raises ChoiceRefused.
    """
    try:
        return read_click(request.POST, request.FILES, request.path, *map(str, about))
    except ClickUnusable:
        unusable = Fault(
            "click", N_("The form is not valid any more. Reload the page and try again."), {}
        )
        raise ChoiceRefused(unusable) from None
