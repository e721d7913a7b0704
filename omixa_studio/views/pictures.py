"""The page of one picture, and the free actions on it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from omixa_studio.forms.gallery import read_sought
from omixa_studio.forms.generation import read_id
from omixa_studio.models import Picture
from omixa_studio.presenters.pictures.marks import marks_of
from omixa_studio.presenters.pictures.page import page_of
from omixa_studio.presenters.pictures.trail import trail_of
from omixa_studio.queries import pictures
from omixa_studio.sentences import say
from omixa_studio.services import curating
from omixa_studio.services.storage_quotas import StorageFull

from . import respond
from .requests import PersonRequest


@require_safe
def page(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a picture that is mine or shared; `in` and the filters name the list it is viewed in.

    Script gets the picture without the page around it, to show it over another page.
    """
    person = request.user
    picture = pictures.seen_by(person, pk)
    if picture is None:
        raise Http404
    within = request.GET.get("in", "")
    team = within in ("team", "collection") or picture.person_id != person.pk
    sought = read_sought(request.GET, team=team)
    named = read_id(request.GET.get("collection", ""))
    trail = trail_of(picture, person, within, sought, named)
    shown = vars(page_of(picture, person, trail)) | {"marks": marks_of(picture, person)}
    template = "_view.html" if respond.wants_part(request) else "picture.html"
    return respond.part(request, f"pictures/{template}", shown)


@require_POST
def share(request: PersonRequest, pk: int) -> HttpResponse:
    """Share a picture of one's own with the team."""
    if not curating.share(request.user, pk):
        get_object_or_404(Picture, pk=pk, person=request.user, trashed_at=None)
        messages.error(request, _("The team judges this picture blind until the test is closed."))
        return respond.back(request, reverse("picture", args=[pk]))
    _say(request, _("Shared with the team."), undo=reverse("picture_private", args=[pk]))
    return respond.back(request, reverse("picture", args=[pk]))


@require_POST
def make_private(request: PersonRequest, pk: int) -> HttpResponse:
    """Hide a picture of one's own from the team."""
    if not curating.make_private(request.user, pk):
        raise Http404
    _say(request, _("Made private: only you see it now."), undo=reverse("picture_share", args=[pk]))
    return respond.back(request, reverse("picture", args=[pk]))


@require_POST
def star(request: PersonRequest, pk: int) -> HttpResponse:
    """Star a picture of one's own."""
    if not curating.star(request.user, pk):
        raise Http404
    return respond.back(request, reverse("picture", args=[pk]))


@require_POST
def unstar(request: PersonRequest, pk: int) -> HttpResponse:
    """Remove the star of a picture of one's own."""
    if not curating.unstar(request.user, pk):
        raise Http404
    return respond.back(request, reverse("picture", args=[pk]))


@require_POST
def reject(request: PersonRequest, pk: int) -> HttpResponse:
    """Reject a picture of one's own, which loses its star."""
    if not curating.reject(request.user, pk):
        raise Http404
    return respond.back(request, reverse("picture", args=[pk]))


@require_POST
def unreject(request: PersonRequest, pk: int) -> HttpResponse:
    """Reject a picture of one's own no longer."""
    if not curating.unreject(request.user, pk):
        raise Http404
    return respond.back(request, reverse("picture", args=[pk]))


@require_POST
def trash(request: PersonRequest, pk: int) -> HttpResponse:
    """Move a picture of one's own to the trash, from where it can be restored for thirty days."""
    get_object_or_404(Picture, pk=pk, person=request.user)
    if curating.trash(request.user, pk):
        _say(request, _("Moved to the trash."), undo=reverse("picture_restore", args=[pk]))
    return respond.back(request, reverse("gallery"))


@require_POST
def restore(request: PersonRequest, pk: int) -> HttpResponse:
    """Restore a picture of one's own from the trash."""
    picture = get_object_or_404(Picture, pk=pk, person=request.user)
    try:
        restored = curating.restore(request.user, pk)
    except StorageFull as full:
        messages.error(request, say(full.faults[0]))
        return respond.back(request, reverse("picture", args=[pk]), refused=True)
    too_late = not restored and picture.trashed_at is not None
    if restored:
        messages.success(request, _("Restored."))
    elif too_late:
        messages.error(request, _("It was in the trash for too long and is being deleted."))
    return respond.back(request, reverse("picture", args=[pk]), refused=too_late)


def _say(request: PersonRequest, sentence: str, *, undo: str) -> None:
    messages.success(request, sentence, extra_tags=f"undo:{undo}")
