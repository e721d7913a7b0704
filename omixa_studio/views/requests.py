"""The request as the middleware leaves it: what every view behind the login may rely on."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from omixa_studio.models import Person


class PersonRequest(HttpRequest):
    """A request behind the login: who asks is one of our people, and script says what it wants."""

    user: Person
    htmx: HtmxDetails
