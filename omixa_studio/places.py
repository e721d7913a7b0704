"""The screens one goes to by name, once: the bar, the keys and the script are made from this."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from omixa_studio.models.people import Role

EVERYONE = frozenset(Role)


@dataclass(frozen=True)
class Place:
    """A screen of its own. `name` is its route; `key` is pressed after g to go there.

    A place that `waits` is in the bar only while something has to be done there, with its count.
    """

    name: str
    label: Promise
    roles: frozenset[Role] = EVERYONE
    key: str = ""
    waits: bool = False


@dataclass(frozen=True)
class Link:
    """A place as the bar shows it; `count` says how much waits there."""

    href: str
    label: Promise
    current: bool
    count: int = 0


# In the order in which they stand in the bar and in the list of keys.
PLACES = (
    Place("studio", _("Studio"), key="s"),
    Place("gallery", _("Gallery"), key="g"),
    Place("team", _("Team"), key="t"),
    Place("costs", _("Costs"), frozenset({Role.MANAGER, Role.ADMIN})),
    Place("models", _("Models"), frozenset({Role.ADMIN})),
    Place("people", _("People"), frozenset({Role.ADMIN})),
    Place("acts", _("Log"), frozenset({Role.ADMIN})),
    Place("unknown", _("Needs review"), frozenset({Role.ADMIN}), waits=True),
)
# Whole pages that one reaches from a place, or before there is anybody to have places.
SUB_PAGES = frozenset(
    {
        *("composer", "new_run", "run", "final", "reference_picker", "unknown_usage", "person"),
        *("trash", "picture", "picture_upscale", "picture_cutout"),
        *("account", "account_logout", "account_reauthenticate"),
        *("account_login", "account_inactive", "account_signup", "account_reset_password"),
        "setup",
    }
)
# What the script goes to or posts to by itself; 0 stands for the number of a picture.
SCRIPT_ROUTES: dict[str, list[int]] = {
    "account_login": [],
    "studio": [],
    "picture": [0],
    "picture_file": [0],
    "picture_share": [0],
    "picture_private": [0],
    "picture_trash": [0],
    "picture_restore": [0],
    "picture_upscale": [0],
    "picture_cutout": [0],
}


def places_of(role: str) -> list[Place]:
    """Give the places that a role may see; for nobody ("") none."""
    return [place for place in PLACES if role in place.roles]


def links_of(role: str, here: str, waiting: int = 0) -> list[Link]:
    """Give the bar's links for a role; the one that the path `here` lies under is current."""
    links = []
    for place in places_of(role):
        href = reverse(place.name)
        current = here == href if href == "/" else here.startswith(href)
        if current or waiting or not place.waits:
            links.append(Link(href, place.label, current, waiting if place.waits else 0))
    return links


def place_above(path: str) -> Place:
    """Give the place that a path lies under, the studio if none."""
    above = (place for place in PLACES[1:] if path.startswith(reverse(place.name)))
    return next(above, PLACES[0])


def numbered(name: str) -> Callable[[int], str]:
    """Give the path of a route by number: who writes a hundred looks the route up once."""
    before, _zero, after = reverse(name, args=[0]).rpartition("/0/")
    return lambda number: f"{before}/{number}/{after}"


def addresses_for(role: str) -> dict[str, dict[str, str]]:
    """Give the script its addresses: the `chords` of a role by key, the `routes` by name."""
    chords = {place.key: reverse(place.name) for place in places_of(role) if place.key}
    routes = {name: reverse(name, args=args) for name, args in SCRIPT_ROUTES.items()}
    return {"chords": chords, "routes": routes}
