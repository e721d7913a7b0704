"""Parts of a page that show little, rendered once for each of it.

The bar, the palette, the menus and the lists of keys took two thirds of the time of a page.
"""

import secrets
from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache, partial
from sys import getsizeof

from django import template
from django.template.context import Context
from django.template.loader import render_to_string
from django.urls import get_script_prefix
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()

# What stands in the place of the forms' one-time value and of the page's own address; nobody can
# guess it and write it into a name.
TOKEN, ADDRESS = secrets.token_hex(16), secrets.token_hex(16)
# Bytes of the largest part that is kept. Every link of a gallery's menus has the words that are
# sought: 500 searches for long ones took 800 MB.
MOST_PARTS, LARGEST_PART = 1000, 65_536
# The same of what only one person sees, so that it does not take the place of what everybody does.
MOST_OF_PEOPLE, LARGEST_OF_PEOPLE = 2000, 16_384


class _TooLarge(Exception):
    """A part that is not kept; its HTML is the argument."""


@register.simple_tag(takes_context=True)
def lasting(context: Context, template_name: str, **shown: Hashable) -> SafeString:
    """Render a template that knows `shown` alone, once for each language.

    It may use `csrf_token`, and write down `address`, the page's own with its query.
    """
    return _filled(context, _kept, template_name, shown)


@register.simple_tag(takes_context=True)
def lasting_of_person(context: Context, template_name: str, **shown: Hashable) -> SafeString:
    """Do the same for a part with something of one person's own, of which there are many."""
    return _filled(context, _kept_of_person, template_name, shown)


def _filled(
    context: Context, kept: Callable[..., str], name: str, shown: Mapping[str, Hashable]
) -> SafeString:
    try:
        html = kept(name, get_language(), get_script_prefix(), tuple(shown.items()))
    except _TooLarge as part:
        html = part.args[0]
    if TOKEN in html:
        html = html.replace(TOKEN, str(context["csrf_token"]))
    if ADDRESS in html:
        html = html.replace(ADDRESS, conditional_escape(context["request"].get_full_path()))
    return mark_safe(html)  # noqa: S308 (a rendered template, and escaped)


def _rendered(
    name: str,
    _language: str | None,
    _prefix: str,
    shown: tuple[tuple[str, Hashable], ...],
    *,
    largest: int,
) -> str:
    html = render_to_string(name, {"csrf_token": TOKEN, "address": ADDRESS, **dict(shown)})
    if getsizeof(html) > largest:
        raise _TooLarge(html)  # what is raised is not kept
    return html


_kept = lru_cache(MOST_PARTS)(partial(_rendered, largest=LARGEST_PART))
_kept_of_person = lru_cache(MOST_OF_PEOPLE)(partial(_rendered, largest=LARGEST_OF_PEOPLE))
