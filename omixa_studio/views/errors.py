"""Pages for requests that no view can answer."""

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that a request cannot be understood, or that its host is not configured.

    Rendered without the request: half of its middleware has not run.
    """
    shown = {"unknown_host": isinstance(exception, DisallowedHost)}
    return HttpResponse(render_to_string("400.html", shown), status=400)
