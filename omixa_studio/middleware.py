"""What happens around every request."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation

from omixa_studio.services.people import ensure_first_admin

Answer = Callable[[HttpRequest], HttpResponse]


def first_admin_first(get_response: Answer) -> Answer:
    """Lead every page to /setup/ while there is no account."""
    made = False

    def middleware(request: HttpRequest) -> HttpResponse:
        nonlocal made
        open_paths = (reverse("setup"), reverse("health"))
        if not made and request.path not in open_paths:
            made = ensure_first_admin()
            if not made:
                return redirect("setup")
        return get_response(request)

    return middleware


def speak_the_persons_language(get_response: Answer) -> Answer:
    """Activate the person's language, else the browser's if we speak it, else the studio's."""

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = getattr(request.user, "language", "")
        if not chosen and request.headers.get("accept-language"):
            chosen = translation.get_language_from_request(request)
        with translation.override(chosen or settings.LANGUAGE_CODE):
            response = get_response(request)
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response = response.render()
        return response

    return middleware
