"""What people put on their pictures: tags, a note, a verdict."""

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from omixa_studio.forms.generation import read_ids
from omixa_studio.forms.marks import read_note_of, read_tags
from omixa_studio.models import Tag
from omixa_studio.presenters.pictures.marks import marks_of
from omixa_studio.queries.pictures import visible_to
from omixa_studio.queries.tags import suggestions
from omixa_studio.sentences import say
from omixa_studio.services import curating, tagging
from omixa_studio.services.refusals import ChoiceRefused

from . import respond
from .requests import PersonRequest

LONGEST_SUGGESTED_FOR = 60
FIELDS = ("tag", "untag", "note", "note_back")


@require_http_methods(["GET", "HEAD", "POST"])
def of_picture(request: PersonRequest, pk: int) -> HttpResponse:
    """Show the marks of a picture; its owner adds a `tag`, takes one off (`untag`), or notes.

    `note_back` brings the note back that stood there before. An undo says so in the address.
    """
    picture = get_object_or_404(visible_to(request.user), pk=pk)
    status = 200
    if request.method == "POST":
        if picture.person_id != request.user.pk:
            raise Http404
        said = any(name in request.POST for name in FIELDS)
        status = _change(request, pk, request.POST if said else request.GET)
        picture.refresh_from_db()
    if request.method == "POST" and not respond.wants_part(request):
        return respond.see_other(reverse("picture", args=[pk]))
    shown = {"marks": marks_of(picture, request.user), "place": reverse("gallery")}
    shown |= {"oob": True, "next_path": reverse("picture", args=[pk])}
    part = "_answer.html" if request.method == "POST" else "_panel.html"
    template = f"marks/{part}" if respond.wants_part(request) else "marks/marks.html"
    return render(request, template, shown, status=status)


@require_safe
def suggest(request: PersonRequest) -> HttpResponse:
    """Suggest known tags for what was typed after the last comma of `tag`."""
    typed = request.GET.get("tag", "").replace("\x00", " ")
    before, _comma, word = typed.rpartition(",")
    found = suggestions(request.user, word.strip()[:LONGEST_SUGGESTED_FOR])
    lead = f"{before.strip()}, " if before.strip() else ""
    names = [f"{lead}{tag.name}" for tag in found]
    return respond.part(request, "marks/_suggestions.html", {"names": names})


def _change(request: PersonRequest, pk: int, data: QueryDict) -> int:
    """Do what a form says, and return the status of the answer."""
    if names := read_tags(data):
        return _tag(request, pk, names)
    if untagged := read_ids(data, "untag"):
        return _untag(request, pk, untagged)
    if data.get("note_back"):
        curating.swap_notes(request.user, pk)
        return 200
    return _note(request, pk, data) if "note" in data else 200


def _tag(request: PersonRequest, pk: int, names: list[str]) -> int:
    added: list[int] = []
    status = 200
    for name in names:
        try:
            tag = tagging.tag_pictures(request.user, [pk], name)
        except ChoiceRefused as refusal:
            messages.error(request, " ".join(say(fault) for fault in refusal.faults))
            status = 422
            break
        added += [tag.tag.pk] if tag.pictures else []
    if added:
        undo = urlencode([("untag", str(key)) for key in added])
        path = reverse("picture_marks", args=[pk])
        messages.success(request, _("Tagged."), extra_tags=f"undo:{path}?{undo}")
    return status


def _untag(request: PersonRequest, pk: int, keys: tuple[int, ...]) -> int:
    names = []
    for tag in Tag.objects.filter(pk__in=keys):
        if tagging.untag_pictures(request.user, [pk], tag):
            names.append(tag.name)
    if names:
        undo = urlencode([("tag", name) for name in names])
        path = reverse("picture_marks", args=[pk])
        messages.success(request, _("Tag removed."), extra_tags=f"undo:{path}?{undo}")
    return 200


def _note(request: PersonRequest, pk: int, data: QueryDict) -> int:
    note, fits = read_note_of(data)
    if not fits:
        messages.error(request, _("The note is too long."))
        return 422
    if curating.write_note(request.user, pk, note):
        undo = f"undo:{reverse('picture_marks', args=[pk])}?note_back=1"
        messages.success(request, _("Note saved."), extra_tags=undo)
    return 200
