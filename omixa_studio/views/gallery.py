"""Walls of pictures: mine, the team's, the trash."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from omixa_studio.catalogue import load_catalogue
from omixa_studio.forms.gallery import Sought, read_sought
from omixa_studio.models import Picture
from omixa_studio.presenters.pictures.tiles import section_of, tiles_for
from omixa_studio.presenters.pictures.wall import wall_paths
from omixa_studio.queries import people, pictures
from omixa_studio.services.curating import TRASH_DAYS

from . import respond
from .requests import PersonRequest

MOST_COUNTED = 1000


@dataclass(frozen=True)
class Choice:
    """One thing to filter by: what it is called, the query that asks for it."""

    label: str
    query: str
    chosen: bool = False


@require_safe
def gallery(request: PersonRequest) -> HttpResponse:
    """My pictures, newest first."""
    return _wall(request, team=False)


@require_safe
def team(request: PersonRequest) -> HttpResponse:
    """What everybody shared, newest first."""
    return _wall(request, team=True)


@require_safe
def trash(request: PersonRequest) -> HttpResponse:
    """What I threw away, for as long as it can come back."""
    thrown = pictures.trash_of(request.user)[:MOST_COUNTED]
    tiles = tiles_for(thrown, request.user)
    shown = {"tiles": tiles, "days": TRASH_DAYS, "place": reverse("gallery")}
    return render(request, "gallery/trash.html", shown)


def _wall(request: PersonRequest, *, team: bool) -> HttpResponse:
    person = request.user
    sought = read_sought(request.GET, team=team)
    rows = pictures.wall(person, team=team, **sought.narrowing())
    page = pictures.page_of(rows, person, sought.cursor)
    following = respond.wants_part(request) and sought.cursor is not None
    above = pictures.made_at(person, sought.cursor[1]) if following else None
    months = pictures.months_of(page, rows, target=settings.GATEWAY_TARGET, above=above)
    makers = {maker.pk: maker.name for maker in people.everyone()} if team else {}
    selecting = request.GET.get("select") == "1"
    shown = {
        "team": team,
        "wall_path": request.path,
        "paths": wall_paths(
            request.path,
            sought.query,
            selecting=selecting,
            older=page.pictures[-1].pk if page.older and page.pictures else None,
            newer=page.pictures[0].pk if page.newer and page.pictures else None,
        ),
        "sought": sought,
        "selecting": selecting,
        "trail": _trail(sought, team=team),
        "sections": [section_of(month, person, makers) for month in months],
        "older": page.pictures[-1].pk if page.older and page.pictures else None,
        "newer": page.pictures[0].pk if page.newer and page.pictures else None,
    }
    if following:
        return render(request, "gallery/_sections.html", shown)
    shown |= _filters(sought, makers, team=team)
    shown["count"], shown["count_is_least"] = _count(rows, page, sought)
    return render(request, "gallery/wall.html", shown)


def _trail(sought: Sought, *, team: bool) -> str:
    """What the address of a picture says about the wall it hangs on."""
    query = urlencode({"in": "team", **sought.texts}) if team else sought.query
    return f"?{query}" if query else ""


def _count(rows: QuerySet[Picture], page: pictures.Page, sought: Sought) -> tuple[int, bool]:
    """How many pictures a wall has; counting ends at a thousand."""
    if not page.older and not page.newer:
        return len(page.pictures), False
    count = pictures.count_up_to(rows, MOST_COUNTED)
    return min(count, MOST_COUNTED), count > MOST_COUNTED


def _filters(sought: Sought, makers: dict[int, str], *, team: bool) -> dict[str, object]:
    names = {
        model.slug: model.name for model in load_catalogue(settings.MODELS_TOML).models.values()
    }
    if sought.model:
        names.setdefault(sought.model, sought.model)
    return {
        "chips": _chips(sought, names, makers),
        "models": [
            Choice(name, sought.query_with(model=slug), slug == sought.model)
            for slug, name in names.items()
        ],
        "spans": _spans(sought),
        "makers": [
            Choice(name, sought.query_with(person=str(pk)), pk == sought.maker)
            for pk, name in sorted(makers.items(), key=lambda pair: pair[1].lower())
        ],
    }


def _chips(sought: Sought, models: dict[str, str], makers: dict[int, str]) -> list[Choice]:
    """What is filtered by, each with the query that takes it away."""
    chips = []
    if sought.model:
        chips.append(Choice(models[sought.model], sought.query_with(model="")))
    if sought.since or sought.until:
        chips.append(Choice(_span_label(sought), sought.query_with(since="", until="")))
    if sought.maker is not None:
        label = makers.get(sought.maker) or _("Person %(number)s") % {"number": sought.maker}
        chips.append(Choice(label, sought.query_with(person="")))
    return chips


def _span_label(sought: Sought) -> str:
    for choice in _spans(sought):
        if choice.chosen:
            return choice.label
    first = date_format(sought.since, _("j M Y")) if sought.since else ""
    last = date_format(sought.until, _("j M Y")) if sought.until else ""
    if first and last:
        return first if first == last else f"{first} – {last}"
    return _("since %(day)s") % {"day": first} if first else _("until %(day)s") % {"day": last}


def _spans(sought: Sought) -> list[Choice]:
    today = timezone.localtime(timezone=timezone.get_default_timezone()).date()
    this_month = today.replace(day=1)
    last_month = (this_month - timedelta(days=1)).replace(day=1)
    spans = (
        (_("Today"), today, None),
        (_("Last 7 days"), today - timedelta(days=6), None),
        (_("This month"), this_month, None),
        (_("Last month"), last_month, this_month - timedelta(days=1)),
    )
    choices = []
    for label, since, until in spans:
        query = sought.query_with(since=since.isoformat(), until=until.isoformat() if until else "")
        choices.append(Choice(label, query, (sought.since, sought.until) == (since, until)))
    return choices
