"""Pages of pictures: mine, the team's, the trash."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from omixa_studio.catalogue import load_catalogue
from omixa_studio.filters import Names
from omixa_studio.forms.gallery import Sought, read_sought
from omixa_studio.models import Person, Picture
from omixa_studio.presenters.pictures.colours import colouring_of
from omixa_studio.presenters.pictures.filters import chips_of, menus_of
from omixa_studio.presenters.pictures.gallery import gallery_paths, script_paths
from omixa_studio.presenters.pictures.tiles import section_of
from omixa_studio.presenters.pictures.trail import trail_query
from omixa_studio.queries import galleries, gallery_months, gallery_pages
from omixa_studio.queries.galleries import Gallery
from omixa_studio.queries.gallery_months import PictureTotal
from omixa_studio.queries.gallery_pages import Page
from omixa_studio.queries.marked import collection_named
from omixa_studio.queries.month_counts import totals_of
from omixa_studio.queries.nowhere import filters_of_nothing
from omixa_studio.queries.page_counts import count_up_to
from omixa_studio.queries.people import names_of
from omixa_studio.queries.pictures import COSTS, of_cost
from omixa_studio.queries.projects import project_named
from omixa_studio.queries.retention import trash_days_of

from . import respond
from .requests import PersonRequest

MOST_COUNTED = 2000
ROUTES = {"mine": "gallery", "team": "team", "trash": "trash"}


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
    """Show the person's trash, latest first, whose pictures can still be restored."""
    sought = read_sought(request.GET, team=False)
    found = galleries.gallery_of("trash", request.user, sought.values)
    page = galleries.page_in(found, sought.cursor)
    shown = _shown(request, found, page, sought)
    if _is_following(request, sought):
        return render(request, "gallery/_sections.html", shown)
    shown |= {"thrown": True, "days": trash_days_of(request.user), "place": reverse("gallery")}
    return render(request, "gallery/trash.html", shown)


def _pictures(request: PersonRequest, *, team: bool) -> HttpResponse:
    person, kind = request.user, "team" if team else "mine"
    target = settings.GATEWAY_TARGET
    sought, page = _found(person, read_sought(request.GET, team=team), team=team)
    values = sought.values if page.among is None else {}
    found = galleries.gallery_of(kind, person, values, target=target)
    found = replace(found, filtered=sought.is_filtered)
    count, is_least = 0, False
    totals: dict[str, PictureTotal] = {}
    if sought.is_filtered:
        only_costs = set(sought.values) <= set(COSTS)
        rows = of_cost(person, sought.values, team=team) if only_costs else found.ordered
        count, is_least, totals = _count(rows, page, target)
    chosen = sought.values.get("person")
    made_by = [picture.person_id for picture in page.pictures]
    makers = names_of([*made_by, chosen]) if team else {}
    shown = _shown(request, found, page, sought, totals=totals, makers=makers)
    if _is_following(request, sought):
        return render(request, "gallery/_sections.html", shown)
    shown |= _filters(person, sought, makers, team=team)
    shown |= {"count": count, "count_is_least": is_least}
    shown["colouring"] = colouring_of(ROUTES[kind], sought.query, sought.colour)
    return render(request, "gallery/gallery.html", shown)


def _found(person: Person, sought: Sought, *, team: bool) -> tuple[Sought, Page]:
    """Return a page of what is sought; a filter that names nothing is ignored, and noted."""
    page = gallery_pages.page_of(person, team=team, sought=sought.values, cursor=sought.cursor)
    if page.pictures:
        return sought, page
    models, target = load_catalogue(settings.MODELS_TOML).models, settings.GATEWAY_TARGET
    wrong = filters_of_nothing(sought.values, person, models=models, target=target)
    return _found(person, sought.ignoring(wrong), team=team) if wrong else (sought, page)


def _shown(
    request: PersonRequest,
    found: Gallery,
    page: Page,
    sought: Sought,
    *,
    totals: Mapping[str, PictureTotal] | None = None,
    makers: Names | None = None,
) -> dict[str, object]:
    """Return what every page of a gallery shows; `totals` of months where nothing is counted."""
    counted = found.counted_months() if found.is_counted else []
    months = gallery_months.months_on(
        page,
        None,
        target=found.target,
        above=_above(found, sought) if _is_following(request, sought) else None,
        counted=totals_of(counted) if found.is_counted else totals,
        moment=found.moment,
    )
    selecting, team = request.GET.get("select") == "1", found.kind == "team"
    section = partial(section_of, person=request.user, priced=found.kind != "trash")
    return {
        "team": team,
        "gallery_path": request.path,
        "paths": gallery_paths(request.path, sought.query_with(), page, selecting=selecting),
        "script": script_paths(ROUTES[found.kind], sought.query),
        "sought": sought,
        "selecting": selecting,
        "trail": trail_query(sought, team=team),
        "sections": [section(one, makers=makers or {}) for one in months],
        "in_all": sum(month.pictures for month in counted),
    }


def _is_following(request: PersonRequest, sought: Sought) -> bool:
    """Return whether script asks for the page that follows the one it has."""
    return respond.wants_part(request) and sought.cursor is not None


def _above(found: Gallery, sought: Sought) -> datetime | None:
    """Return the moment of the picture above a page."""
    rows = found.rows.filter(pk=sought.cursor[1]) if sought.cursor else found.rows.none()
    return rows.values_list(found.moment, flat=True).first()


def _count(
    rows: QuerySet[Picture], page: Page, target: str
) -> tuple[int, bool, dict[str, PictureTotal]]:
    """Return the number of pictures in a gallery, whether there are more, and totals of months.

    Counts to 2,000; of more than that a search has only looked at some, and no month is summed.
    """
    if not page.older and not page.newer:
        return len(page.pictures), False, {}
    looked_at = rows if page.among is None else page.among.order_by()
    count, totals = count_up_to(looked_at, page, MOST_COUNTED, target=target)
    is_least = not page.all_found or count > MOST_COUNTED
    return min(count, MOST_COUNTED), is_least, {} if is_least else totals


def _filters(person: Person, sought: Sought, makers: Names, *, team: bool) -> dict[str, object]:
    models = load_catalogue(settings.MODELS_TOML).models.values()
    models_named = {model.slug: model.name for model in models}
    if asked := sought.values.get("model"):
        models_named.setdefault(asked, asked)
    names: dict[str, Names] = {"model": models_named, "person": makers}
    if chosen := sought.values.get("collection"):
        names["collection"] = collection_named(person, chosen)
    if chosen := sought.values.get("project"):
        names["project"] = project_named(person, chosen)
    facets = menus_of(sought, names, team=team, apart=False)
    return {
        "chips": chips_of(sought, names),
        "menus": menus_of(sought, names, team=team, apart=True),
        "facets": tuple(one for one in facets if one.choices or one.typed or one.found_by),
        "without_words": sought.query_with(q=""),
        "facets_set": sum(bool(menu.chosen) for menu in facets),
    }
