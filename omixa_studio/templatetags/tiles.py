"""Tiles, and links of menus, from a template that is rendered once.

Fifty of them took most of the time of a page.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import cache, lru_cache, partial
from html import escape
from typing import Any

from django import template
from django.template.context import Context
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()

# Characters of no script, which no text of a template has.
OPEN, CLOSE = "\ue000", "\ue001"
SLOT = re.compile(f"{OPEN}(.*?){CLOSE}")
SPECIAL = re.compile("[&<>\"']")
# Values of the page that a template of tiles may use beside those of the tile.
TEXTS_OF_PAGE = ("trail", "gallery_path", "back")
OF_PAGE = (*TEXTS_OF_PAGE, "csrf_token")
Names = tuple[str, ...]


@register.simple_tag(takes_context=True)
def tiles(context: Context, shown: Sequence[Any], name: str) -> SafeString:
    """Render tiles with a template that knows one as `tile`, as if it were rendered for each.

    Tiles are dataclasses of texts, all of the same kind. A text may be empty, which the template
    can test; it can do nothing else with one than write it down. Of the page's values it knows
    `trail`, `gallery_path`, `back`, `csrf_token`, and `team` to test.
    """
    if not shown:
        return SafeString()
    # The token is made when a template writes it down; it is letters and digits.
    page: dict[str, Any] = {it: escaped(context.get(it, "")) for it in TEXTS_OF_PAGE}
    page["csrf_token"] = context.get("csrf_token", "")
    names = _names(shown[0].__class__)
    place = (get_language(), get_script_prefix())
    mould = partial(_mould, name, names, bool(context.get("team")), place)
    return mark_safe("".join([_filled(tile, names, page, mould) for tile in shown]))  # noqa: S308 (escaped)


@cache
def _names(kind: type[Any]) -> Names:
    return tuple(field.name for field in fields(kind))


def _filled(tile: Any, names: Names, page: dict[str, Any], mould: Callable[[Names], str]) -> str:
    values = {name: escaped(getattr(tile, name)) for name in names}
    given = tuple([name for name, text in values.items() if text])
    return mould(given).format_map(page | values)


def escaped(text: Any) -> str:
    """Escape as conditional_escape does, which takes ten times as long."""
    if type(text) is str:
        return escape(text) if SPECIAL.search(text) else text
    return text.__html__() if hasattr(text, "__html__") else escape(str(text))


@lru_cache(maxsize=500)
def _mould(
    name: str, names: Names, team: bool, _place: tuple[str | None, str], given: Names
) -> str:
    """Return a template as a format, for a language and a prefix of addresses.

    `given` are the names of the texts that are not empty.
    """
    tile = {it: f"{OPEN}{it}{CLOSE}" if it in given else "" for it in names}
    page = {it: f"{OPEN}{it}{CLOSE}" for it in OF_PAGE}
    html = render_to_string(name, {**page, "tile": tile, "team": team})
    return SLOT.sub(r"{\1}", html.replace("{", "{{").replace("}", "}}"))
