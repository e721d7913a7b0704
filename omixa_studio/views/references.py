"""References of the studio's form: uploads, and pictures from a gallery."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from omixa_studio.forms.gallery import read_sought
from omixa_studio.presenters.pictures.tiles import tiles_for
from omixa_studio.presenters.studio.references import Reference, of_upload
from omixa_studio.queries import gallery_pages, pictures
from omixa_studio.sentences import say
from omixa_studio.services import sending
from omixa_studio.services.pixels import ImageRefused
from omixa_studio.services.refusals import ChoiceRefused

from . import respond
from .requests import PersonRequest

MOST_FILES = 8


@require_POST
def upload(request: PersonRequest) -> HttpResponse:
    """Store the files; return a tile for each, and a sentence for each unusable one."""
    files = request.FILES.getlist("file")
    if not 0 < len(files) <= MOST_FILES:
        sentence = _("Choose 1 to %(most)s files at a time.") % {"most": MOST_FILES}
        return _tiles(request, [], [sentence])
    kept, sentences = [], []
    for file in files:
        try:
            kept.append(of_upload(sending.keep_file(request.user, file)))
        except ImageRefused as refusal:
            sentences.append(f"{_short(file.name)}: {_(str(refusal))}")
    return _tiles(request, kept, sentences)


@require_POST
def from_picture(request: PersonRequest, pk: int) -> HttpResponse:
    """Make a picture from a gallery a reference; return its tile."""
    picture = get_object_or_404(pictures.visible_to(request.user), pk=pk)
    try:
        [image] = sending.from_gallery(request.user, [picture])
    except ChoiceRefused as refusal:
        return _tiles(request, [], [say(fault) for fault in refusal.faults])
    return _tiles(request, [of_upload(image)], [])


@require_safe
def picker(request: PersonRequest) -> HttpResponse:
    """Show pictures to choose from, mine or (`in=team`) the team's; links without script."""
    team = request.GET.get("in") == "team"
    sought = read_sought(request.GET, team=team)
    page = gallery_pages.page_of(
        request.user, team=team, sought=sought.values, cursor=sought.cursor, drawable=True
    )
    before = str(page.older_than or "")
    older = sought.query_with(**{"in": "team" if team else "", "before": before})
    shown = {
        "team": team,
        "words": sought.texts.get("q", ""),
        "others": sought.without(["q"]),
        "tiles": tiles_for(page.pictures, request.user),
        "older_path": f"{request.path}?{older}" if before else "",
        "following": sought.cursor is not None,
    }
    if respond.wants_part(request):
        return render(request, "studio/_reference_choices.html", shown)
    return render(request, "studio/reference_picker.html", shown)


def _tiles(
    request: PersonRequest, references: Sequence[Reference], sentences: Sequence[str]
) -> HttpResponse:
    shown = {"references": references, "sentences": sentences}
    status = 200 if references else 422
    return render(request, "studio/_reference_tiles.html", shown, status=status)


def _short(name: str | None) -> str:
    return (name or "").strip()[:80] or "–"
