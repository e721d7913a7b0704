"""Pages for requests that no view can answer."""

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that a request cannot be understood, or that its host is not configured.

    Rendered without the request: half of its middleware has not run.
    """
    shown = {"unknown_host": isinstance(exception, DisallowedHost)}
    return HttpResponse(render_to_string("400.html", shown), status=400)


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say why a form was not taken: its sender is hidden, or elsewhere, or its token is old."""
    origin = request.headers.get("origin", "")
    elsewhere = origin if reason.startswith("Origin checking failed") else ""
    shown = {"hidden": origin == "null", "elsewhere": elsewhere}
    return render(request, "403_csrf.html", shown, status=403)
