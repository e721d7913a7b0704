"""The request as the middleware leaves it: what every view behind the login may rely on."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from omixa_studio.models import Person
from omixa_studio.services.audit import Actor
from omixa_studio.visitors import address_of


class PersonRequest(HttpRequest):
    """A request behind the login: who asks is one of our people, and script says what it wants."""

    user: Person
    htmx: HtmxDetails


def actor_of(request: PersonRequest) -> Actor:
    """Who acts by this request, and from where: for the log of acts."""
    return Actor(request.user.pk, request.user.username, address_of(request))
