"""Pictures like another one, and those that exist of the request in the form."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods, require_safe

from omixa_studio.catalogue import load_catalogue
from omixa_studio.forms.generation import read_generation
from omixa_studio.presenters.pictures.similar import groups_of, made_before
from omixa_studio.queries.pictures import visible_or_own

from . import respond
from .requests import PersonRequest


@require_safe
def page(request: PersonRequest, pk: int) -> HttpResponse:
    """Show the pictures similar to a visible one or an own one; script gets them alone."""
    picture = get_object_or_404(visible_or_own(request.user).select_related("generation"), pk=pk)
    shown = {"picture": picture, "groups": groups_of(picture, request.user)}
    template = "_groups.html" if respond.wants_part(request) else "page.html"
    return respond.part(request, f"similar/{template}", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def of_form(request: PersonRequest) -> HttpResponse:
    """Say whether the request in the form was made before; empty if not.

    The form is posted, since prompts are too long for an address.
    """
    asked = read_generation(
        load_catalogue(settings.MODELS_TOML),
        request.POST or request.GET,
        request.FILES,
        upload_bytes=settings.UPLOAD_BYTES,
    )
    found = made_before(request.user, asked)
    return respond.part(request, "similar/_made_before.html", {"found": found})
