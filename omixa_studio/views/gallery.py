"""Pages of pictures: mine, the team's, the trash."""

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from omixa_studio.catalogue import load_catalogue
from omixa_studio.filters import Names
from omixa_studio.forms.gallery import Sought, read_sought
from omixa_studio.models import Picture
from omixa_studio.presenters.pictures.filters import chips_of, menus_of
from omixa_studio.presenters.pictures.gallery import gallery_paths
from omixa_studio.presenters.pictures.tiles import section_of, tiles_for
from omixa_studio.queries import pictures
from omixa_studio.services.curating import TRASH_DAYS

from . import respond
from .requests import PersonRequest

MOST_COUNTED = 1000
MOST_THROWN = 1000


@require_safe
def gallery(request: PersonRequest) -> HttpResponse:
    """Show the person's pictures, newest first."""
    return _pictures(request, team=False)


@require_safe
def team(request: PersonRequest) -> HttpResponse:
    """Show the pictures shared by everyone, newest first."""
    return _pictures(request, team=True)


@require_safe
def trash(request: PersonRequest) -> HttpResponse:
    """Show the person's trash, whose pictures can still be restored."""
    thrown = pictures.trash_of(request.user)
    tiles = tiles_for(thrown[:MOST_THROWN], request.user)
    shown = {
        "tiles": tiles,
        "unseen": thrown.count() - len(tiles) if len(tiles) == MOST_THROWN else 0,
        "days": TRASH_DAYS,
        "place": reverse("gallery"),
    }
    return render(request, "gallery/trash.html", shown)


def _pictures(request: PersonRequest, *, team: bool) -> HttpResponse:
    person = request.user
    sought = read_sought(request.GET, team=team)
    rows = pictures.gallery(person, team=team, sought=sought.values)
    page = pictures.page_of(rows, person, sought.cursor)
    following = respond.wants_part(request) and sought.cursor is not None
    above = pictures.made_at(person, sought.cursor[1]) if following and sought.cursor else None
    months = pictures.months_of(page, rows, target=settings.GATEWAY_TARGET, above=above)
    chosen = sought.values.get("person")
    makers = pictures.makers_among(page.pictures, chosen) if team else {}
    selecting = request.GET.get("select") == "1"
    shown = {
        "team": team,
        "gallery_path": request.path,
        "paths": gallery_paths(request.path, sought.query, page, selecting=selecting),
        "sought": sought,
        "selecting": selecting,
        "trail": _trail(sought, team=team),
        "sections": [section_of(month, person, makers) for month in months],
    }
    if following:
        return render(request, "gallery/_sections.html", shown)
    shown |= _filters(sought, makers, team=team)
    shown["count"], shown["count_is_least"] = _count(rows, page)
    return render(request, "gallery/gallery.html", shown)


def _trail(sought: Sought, *, team: bool) -> str:
    """Return the query that tells a picture's page which gallery it is viewed in."""
    query = urlencode({"in": "team", **sought.texts}) if team else sought.query
    return f"?{query}" if query else ""


def _count(rows: QuerySet[Picture], page: pictures.Page) -> tuple[int, bool]:
    """Return the number of pictures in a gallery, and whether there are more; counts to 1,000."""
    if not page.older and not page.newer:
        return len(page.pictures), False
    count = pictures.count_up_to(rows, MOST_COUNTED)
    return min(count, MOST_COUNTED), count > MOST_COUNTED


def _filters(sought: Sought, makers: Names, *, team: bool) -> dict[str, object]:
    models = load_catalogue(settings.MODELS_TOML).models.values()
    models_named = {model.slug: model.name for model in models}
    if asked := sought.values.get("model"):
        models_named.setdefault(asked, asked)
    names = {"model": models_named, "person": makers}
    return {
        "chips": chips_of(sought, names),
        "menus": menus_of(sought, names, team=team),
    }
