"""The table of screens: the navigation bar, the shortcut keys and the scripts use it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.urls import get_script_prefix, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from omixa_studio.models.people import Role

EVERYONE = frozenset(Role)


@dataclass(frozen=True)
class Place:
    """A screen. `name` is its route; pressing g and then `key` opens it.

    A place that `waits` is in the bar only while it has pending work, with the count; one that
    is not `in_bar` is reached by its keys, by search and from other screens.
    """

    name: str
    label: Promise
    roles: frozenset[Role] = EVERYONE
    key: str = ""
    waits: bool = False
    in_bar: bool = True


@dataclass(frozen=True)
class Link:
    """A place as the bar shows it; `count` is the number of pending items."""

    href: str
    label: Promise
    current: bool
    count: int = 0

    @property
    def counted(self) -> str:
        """Return the count as it is shown: "12", or "99+"."""
        return str(self.count) if self.count <= MOST_SHOWN else f"{MOST_SHOWN}+"


MOST_SHOWN = 99
MOST_REMEMBERED = 4096
# In the order of the bar and of the list of keys.
PLACES = (
    Place("studio", _("Studio"), key="s"),
    Place("gallery", _("Gallery"), key="g"),
    Place("team", _("Team"), key="t"),
    Place("collections", _("Collections"), key="c", in_bar=False),
    Place("prompts", _("Prompts"), key="p"),
    Place("blind_tests", _("Blind tests"), key="b", in_bar=False),
    Place("links", _("Guest links"), key="l", in_bar=False),
    Place("notices", _("Notices"), key="n", in_bar=False),
    Place("exports", _("Exports"), key="e", in_bar=False),
    Place("projects", _("Projects"), key="o", in_bar=False),
    Place("spending", _("My spending"), in_bar=False),
    Place("costs", _("Costs"), frozenset({Role.MANAGER, Role.ADMIN})),
    Place("budgets", _("Budgets"), frozenset({Role.MANAGER, Role.ADMIN})),
    Place("models", _("Models"), frozenset({Role.ADMIN})),
    Place("people", _("People"), frozenset({Role.ADMIN})),
    Place("acts", _("Log"), frozenset({Role.ADMIN})),
    Place("unknown", _("Needs review"), frozenset({Role.ADMIN}), waits=True),
    Place("budget_requests", _("Budget requests"), waits=True),
)
# The screens of one subject, which link to each other at their top.
COST_SCREENS = (
    Place("costs", _("Costs")),
    Place("keepers", _("Cost per keeper")),
    Place("matching", _("Matching the bill")),
    Place("wallet", _("Wallet")),
    Place("reports", _("Reports by mail"), frozenset({Role.ADMIN})),
)
# Pages below a place, or before anybody is logged in.
SUB_PAGES = frozenset(
    {
        *(
            "composer",
            "new_run",
            "run",
            "final",
            "reference_picker",
            "unknown_usage",
            "presets",
            "preset_new",
            "person",
            "person_leaving",
            "storage",
            "rules",
        ),
        *("new_blind_test", "blind_test", "blind_vote"),
        *("link_new", "picture_comments", "guest", "guest_picture"),
        "project",
        *("collection", "collection_arrange", "picture_collect", "picture_marks", "review", "tags"),
        *("jobs", "picture_lineage", "costs_generations", "spending_generations"),
        *("keepers", "keepers_list", "keepers_finals"),
        *("matching", "matching_day", "matching_row", "bill_file", "wallet"),
        *("trash", "picture", "picture_upscale", "picture_cutout", "similar"),
        *("picture_download", "export_new", "reports", "report_preview"),
        *(
            "account",
            "tokens",
            "app_connect",
            "two_step",
            "account_logout",
            "account_reauthenticate",
        ),
        "api_docs",
        "gateway_keys",
        *("account_login", "account_inactive", "account_signup", "account_reset_password"),
        *("invitations", "join", "password_reset"),
        *("webhooks", "studio_webhooks", "webhook"),
        "setup",
    }
)
# Addresses that scripts request; 0 stands for the id of a picture.
SCRIPT_ROUTES: dict[str, list[int]] = {
    "account_login": [],
    "two_step": [],
    "studio": [],
    "link_new": [],
    "composer": [],
    "bulk": [],
    "review": [],
    "picture": [0],
    "picture_file": [0],
    "job_undo": [0],
    "picture_share": [0],
    "picture_private": [0],
    "picture_star": [0],
    "picture_unstar": [0],
    "picture_reject": [0],
    "picture_unreject": [0],
    "picture_trash": [0],
    "picture_restore": [0],
    "picture_collect": [0],
    "picture_marks": [0],
    "picture_upscale": [0],
    "picture_cutout": [0],
    "picture_download": [0],
    "origin": [],
}


def places_of(role: str) -> list[Place]:
    """Return the places that a role may see; none for "" (nobody)."""
    return [place for place in PLACES if role in place.roles]


def links_of(role: str, here: str, waiting: Mapping[str, int] | None = None) -> tuple[Link, ...]:
    """Return the bar's links for a role; the one above the path `here` is current."""
    links = []
    for place in places_of(role):
        href = address_of(place.name)
        current = here == href if href == "/" else here.startswith(href)
        count = (waiting or {}).get(place.name, 0)
        if place.in_bar and (current or count or not place.waits):
            links.append(Link(href, place.label, current, count))
    return tuple(links)


def cost_screens_of(role: str, here: str) -> list[Link]:
    """Return links to the screens of costs that a role may see; the one at `here` is current."""
    screens = [place for place in COST_SCREENS if role in place.roles]
    hrefs = [address_of(place.name) for place in screens]
    return [Link(href, one.label, here == href) for href, one in zip(hrefs, screens, strict=True)]


def place_above(path: str) -> Place:
    """Return the place above a path, the studio if there is none."""
    above = (place for place in PLACES[1:] if path.startswith(address_of(place.name)))
    return next(above, PLACES[0])


def numbered(name: str) -> Callable[[int], str]:
    """Return a function from ids to paths of a route, which looks the route up once."""
    before, after = _around_number(name, get_script_prefix())
    return lambda number: f"{before}/{number}/{after}"


def address_of(name: str, *args: Any) -> str:
    """Return the path of a route as `reverse` does, which puts each together anew."""
    return _address(get_script_prefix(), name, *args)


@lru_cache(maxsize=MOST_REMEMBERED, typed=True)
def _address(_prefix: str, name: str, *args: Any) -> str:
    return reverse(name, args=args)


@lru_cache(maxsize=100)
def _around_number(name: str, prefix: str) -> tuple[str, str]:
    """Return what stands before and after the number of a route's path."""
    before, _zero, after = reverse(name, args=[0]).rpartition("/0/")
    return before, after


def addresses_for(role: str) -> dict[str, dict[str, str]]:
    """Return the addresses for scripts: a role's `chords` by key, the `routes` by name."""
    chords = {place.key: reverse(place.name) for place in places_of(role) if place.key}
    routes = {name: reverse(name, args=args) for name, args in SCRIPT_ROUTES.items()}
    return {"chords": chords, "routes": routes}
