"""How a picture came to be."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from omixa_studio.presenters.pictures.lineage import lineage_of
from omixa_studio.queries.pictures import visible_or_own

from . import respond
from .requests import PersonRequest


@require_safe
def page(request: PersonRequest, pk: int) -> HttpResponse:
    """Show what a visible picture or an own one was made from, and what that cost."""
    picture = get_object_or_404(visible_or_own(request.user).select_related("generation"), pk=pk)
    shown = {"picture": picture, "lineage": lineage_of(picture, request.user)}
    template = "_tree.html" if respond.wants_part(request) else "page.html"
    return respond.part(request, f"lineage/{template}", shown)
