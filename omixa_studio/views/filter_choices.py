"""Collections, projects and people, found by name to filter a gallery by; its other filters stay.

Each has `named`, a part of the name. Without script it leads to the list, or to the gallery.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from omixa_studio.forms.gallery import read_sought
from omixa_studio.presenters.pictures.filters import value_choices
from omixa_studio.queries.collections import named
from omixa_studio.queries.people import by_name, found_people, names_of
from omixa_studio.queries.projects import found_for

from . import respond
from .requests import PersonRequest

LONGEST_SEARCH = 100
MOST_CHOICES, MOST_PEOPLE = 12, 50


@require_safe
def collections(request: PersonRequest) -> HttpResponse:
    """Find collections to filter a gallery by, the team's if `in` says so."""
    words = _words(request)
    if not respond.wants_part(request):
        return respond.see_other(f"{reverse('collections')}?{urlencode({'q': words})}")
    found = named(request.user, words, most=MOST_CHOICES + 1)
    names = {one.pk: one.name for one in found}
    return _choices(request, "collection", names, none=_("No collections found"))


@require_safe
def projects(request: PersonRequest) -> HttpResponse:
    """Find projects to filter a gallery by, the team's if `in` says so."""
    words = _words(request)
    if not respond.wants_part(request):
        return respond.see_other(f"{reverse('projects')}?{urlencode({'q': words})}")
    found = found_for(request.user, words)[: MOST_CHOICES + 1]
    names = {one.pk: one.name for one in found}
    return _choices(request, "project", names, none=_("No projects found"))


@require_safe
def people(request: PersonRequest) -> HttpResponse:
    """Find people to filter the team's gallery by."""
    if not respond.wants_part(request):
        sought = read_sought(request.GET, team=True)
        return respond.see_other(f"{reverse('team')}?{urlencode(sought.texts)}")
    rows = by_name(found_people(_words(request)))
    found = list(rows.values_list("pk", flat=True)[: MOST_PEOPLE + 1])
    known = names_of(found)
    names = {pk: known[pk] for pk in found if pk in known}
    none = _("Nobody found")
    return _choices(request, "person", names, none=none, most=MOST_PEOPLE, team=True)


def _words(request: PersonRequest) -> str:
    return request.GET.get("named", "").replace("\x00", " ")[:LONGEST_SEARCH]


def _choices(
    request: PersonRequest,
    name: str,
    found: Mapping[int, str],
    *,
    none: str,
    most: int = MOST_CHOICES,
    team: bool = False,
) -> HttpResponse:
    """Offer so many of what was found as values of a filter; `none` says that there are none."""
    team = team or request.GET.get("in") == "team"
    offered = dict(list(found.items())[:most])
    shown = {
        "choices": value_choices(name, offered, read_sought(request.GET, team=team)),
        "more": len(found) > most,
        "none": none,
        "gallery_path": reverse("team" if team else "gallery"),
    }
    return respond.part(request, "gallery/_filter_choices.html", shown)
