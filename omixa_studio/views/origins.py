"""The origin of a file that was dropped or pasted."""

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from omixa_studio.catalogue import load_catalogue
from omixa_studio.forms.origins import read_dropped
from omixa_studio.presenters.studio.origins import origin_of

from . import respond
from .requests import PersonRequest


@require_POST
def find(request: PersonRequest) -> HttpResponse:
    """Return a note about the origin of a file, with what can be done; 204 for a stranger's.

    With `form=1` the page has a form, which the note can fill in place.
    """
    dropped = read_dropped(request.POST, request.FILES, upload_bytes=settings.UPLOAD_BYTES)
    note = origin_of(request.user, load_catalogue(settings.MODELS_TOML), dropped)
    if note is None:
        return respond.nothing_new()
    shown = {"note": note, "in_place": request.POST.get("form") == "1"}
    return respond.part(request, "studio/_origin.html", shown)
