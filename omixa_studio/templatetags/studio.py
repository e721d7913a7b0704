"""Formatting for the templates: money, times, sizes, icons, the places of the top bar. No query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import cache
from html import escape
from itertools import chain
from typing import Any

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import get_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from omixa_studio.catalogue.records import N_
from omixa_studio.dates import date_format
from omixa_studio.directions import isolated
from omixa_studio.models import Picture, dollars
from omixa_studio.places import addresses_for, cost_screens_of, links_of, places_of
from omixa_studio.sentences import say, tell

register = template.Library()

MICRO, LEAST, CENT = Decimal("0.000001"), Decimal("0.001"), Decimal("0.01")
# What the viewer of pictures needs, and the note on a file dropped on it.
VIEWER = ("picture", "comments", "marks", "compare", "origins")
UNITS = (N_("B"), N_("kB"), N_("MB"), N_("GB"), N_("TB"))

register.simple_tag(places_of, name="places")
register.simple_tag(links_of, name="links")
register.simple_tag(cost_screens_of, name="cost_screens")
register.simple_tag(addresses_for, name="addresses")
register.filter(isolated)


@register.simple_tag
@cache
def icon(name: str, size: str = "") -> SafeString:
    """Return an icon of the sprite; decorative, so the text beside it must carry the meaning."""
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        size,
        static("img/icons.svg"),
        name,
    )


@register.simple_tag
def scene(name: str) -> SafeString:
    """Return a small drawing for an empty screen; the text below it must carry the meaning."""
    return format_html(
        '<svg class="scene" viewBox="0 0 240 150" aria-hidden="true" focusable="false">'
        '<use href="{}#empty-{}"></use></svg>',
        static("img/scenes.svg"),
        name,
    )


@register.simple_tag
@cache
def stylesheets(*names: str) -> SafeString:
    """Return a link to several stylesheets, in the given order, as one file.

    A text can name several, with spaces between; "viewer" stands for the sheets of VIEWER.
    """
    told = " ".join(names).split()
    sheets = chain.from_iterable(VIEWER if name == "viewer" else (name,) for name in told)
    href = static(f"css/{'+'.join(sheets)}.css")
    return format_html('<link rel="stylesheet" href="{}">', href)


@register.simple_tag
@cache
def scripts(*names: str) -> SafeString:
    """Return tags that load scripts, in the given order; a name is one of static/js."""
    sources = ((static(f"js/{name}.js"),) for name in names)
    return format_html_join("", '<script type="module" src="{}"></script>', sources)


@register.simple_tag
@cache
def modules(folder: str) -> SafeString:
    """Return links that fetch a folder's scripts at once; else each waits for its importer."""
    paths = sorted(settings.STATIC_DIR.glob(f"js/{folder}/*.js"))
    hrefs = ((static(f"js/{folder}/{path.name}"),) for path in paths)
    return format_html_join("", '<link rel="modulepreload" href="{}">', hrefs)


@register.filter
def width_in(picture: Picture, side: int) -> int:
    """Return the width in pixels of a picture scaled down to fit a square of `side` pixels."""
    width, height = picture.shown_width, picture.shown_height
    return max(round(width * min(side / max(width, height), 1)), 1)


@register.filter
def marks(picture: Picture, worded: bool) -> SafeString:
    """Return the script's attributes for a tile of one's own picture; `worded`: it has a prompt."""
    return tile_marks(picture, mine=True, worded=worded)


def tile_marks(picture: Picture, *, mine: bool, worded: bool) -> SafeString:
    """Return the attributes that tell the scripts which actions a picture allows."""
    held = (
        " data-mine" * mine
        + " data-worded" * worded
        + " data-shared" * picture.shared
        + " data-starred" * picture.winner
        + " data-rejected" * bool(picture.verdict)
        + " data-undrawn" * (not picture.drawable)
    )
    # A number and names of ours: pages have fifty of them, and format_html takes its time.
    return SafeString(f'data-request="{picture.generation_id}"{held}')


@register.filter
def money(amount: Decimal | None) -> str:
    """Format dollars exactly as recorded: "$1.20", "$0.040", "$0.000125"; None is "unknown"."""
    if amount is None:
        return gettext("unknown")
    least = 2 if amount == 0 or abs(amount) >= 1 else 3
    return _dollars(amount.quantize(MICRO, ROUND_HALF_UP), least)


@register.filter
def signed(amount_micros: int) -> str:
    """Format a change in micro-dollars with its sign: "+$0.010"."""
    sign = "+" if amount_micros > 0 else "\N{MINUS SIGN}" if amount_micros else ""
    return sign + money(dollars(abs(amount_micros)))


register.filter("dollars", dollars)
register.filter("say", say)
register.filter("tell", tell)


@register.filter
def column(amount: Decimal | None) -> str:
    """Format dollars to a tenth of a cent, for columns, with the exact amount as tooltip.

    None is a dash; a smaller non-zero amount is shown as less than a tenth of a cent.
    """
    if amount is None:
        return "–"
    rounded = round(amount, 3)
    shown = _dollars(rounded or LEAST.copy_sign(amount) if amount else rounded, 3)
    sign = "" if rounded or not amount else "< " if amount > 0 else "> "
    return _exact_beside(amount, f"{sign}{shown}", rounded)


@register.filter
def aligned(amount: Decimal | None, places: int) -> str:
    """Format dollars with the same number of decimals as others beside it; None is unknown."""
    return money(None) if amount is None else _dollars(round(amount, places), places)


def places_for(amounts: Iterable[Decimal | None]) -> int:
    """Return the number of decimals that shows each of some amounts exactly, at least three."""
    known = [one for one in amounts if one]
    return next((n for n in (3, 4, 5) if all(one == round(one, n) for one in known)), 6)


@register.filter
def total(amount: Decimal | None) -> str:
    """Format a sum to the cent, with the exact amount as tooltip; below a cent it is exact."""
    if amount is None:
        return money(None)
    rounded = round(amount, 2)
    if amount and not rounded:
        return _dollars(amount, 2)
    return _exact_beside(amount, _dollars(rounded, 2), rounded)


@register.filter
def billed(is_practice: bool) -> str:
    """Return the label above what was spent: practice costs nothing."""
    return gettext("Practice") if is_practice else gettext("Billed")


@register.filter
def plain_dollars(amount: Decimal | None) -> str:
    """Format dollars as typed into a form: "25.00"; None is an empty field."""
    return "" if amount is None else f"{amount:.2f}"


@register.filter
def about(amount: Decimal | None) -> str:
    """Format an estimate so that it never looks like a bill: "about $0.16", "price not known"."""
    if amount is None:
        return gettext("price not known")
    return gettext("about %(amount)s") % {"amount": estimate(amount)}


@register.filter
def estimate(amount: Decimal) -> str:
    """Format an estimate without "about": at most three decimals, unless those are all zero."""
    step = Decimal("0.001") if abs(amount) >= Decimal("0.001") else MICRO
    return _dollars(amount.quantize(step, ROUND_HALF_UP), 2)


@register.filter
def left(amount: Decimal) -> str:
    """Format what is left of a budget, rounded down so that it never promises a cent too much.

    Less than a cent is shown exactly, since it is more than nothing.
    """
    step = CENT if not amount or abs(amount) >= CENT else MICRO
    return _dollars(amount.quantize(step, ROUND_DOWN), 2)


@register.filter
def seconds(duration: float | Decimal | None) -> str:
    """Format a duration in seconds: "0.8 s", "5.2 s", "24 s", "2 min 5 s"."""
    if duration is None:
        return "–"
    if duration >= 60:
        minutes, rest = divmod(round(duration), 60)
        return gettext("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": rest}
    shown = f"{duration:.1f}".removesuffix(".0") if duration < 10 else f"{duration:.0f}"
    return gettext("%(seconds)s s") % {"seconds": _local(shown)}


@register.filter
def grouped(count: int) -> str:
    """Format a whole number with the separators of the language: "12,340"."""
    return number_format(count, force_grouping=True)


@register.filter(name="bytes")
def size(count: int | None) -> str:
    """Format a number of bytes, in powers of 1000: "812 B", "1.5 MB".

    No line breaks between number and unit.
    """
    if count is None:
        return "–"
    amount, unit = float(count), "B"
    for unit in UNITS:
        if amount < 1000 or unit == UNITS[-1]:
            break
        amount /= 1000
    shown = f"{amount:.0f}" if unit == "B" or amount >= 100 else _local(f"{amount:.1f}")
    return f"{shown}\N{NO-BREAK SPACE}{gettext(unit)}"


@register.filter
def ago(moment: datetime | None) -> str:
    """Format how long ago a moment was ("just now", "5 min ago", "today, 14:02"), then the date."""
    if moment is None:
        return "–"
    passed = int((timezone.now() - moment).total_seconds())
    if passed < 45:
        return gettext("just now")
    if passed < 3600:
        minutes = max(1, round(passed / 60))
        return ngettext("%(n)d min ago", "%(n)d min ago", minutes) % {"n": minutes}
    local, today = timezone.localtime(moment), timezone.localdate()
    days = (today - local.date()).days
    clock = date_format(local, "H:i")
    if days == 0:
        return gettext("today, %(time)s") % {"time": clock}
    if days == 1:
        return gettext("yesterday, %(time)s") % {"time": clock}
    return date_format(local, gettext("j M") if local.year == today.year else gettext("j M Y"))


@register.filter
def initials(name: object) -> str:
    """Return one or two letters for an avatar."""
    words = str(name).replace(".", " ").replace("_", " ").replace("-", " ").split()
    letters = words[0][:2] if len(words) == 1 else "".join(word[0] for word in words[:2])
    return letters.upper()


@register.filter
def item(mapping: Mapping[str, Any], key: str) -> Any:
    """Return the value under a key that only the template knows; "" if missing."""
    return mapping.get(key, "")


@register.filter
def undo_path(tags: str | None) -> str:
    """Return the path in a message's extra tag "undo:/path/", to which its Undo button posts."""
    return tags.removeprefix("undo:") if tags and tags.startswith("undo:/") else ""


def _local(number: str) -> str:
    """Use the decimal separator of the language; money keeps its point."""
    return number.replace(".", str(get_format("DECIMAL_SEPARATOR")))


def _exact_beside(amount: Decimal, shown: str, rounded: Decimal) -> str:
    if amount == rounded:
        return shown
    # Tables have hundreds: only a "<" of ours can be in it, of "less than".
    return SafeString(f'<span title="{money(amount)}">{escape(shown)}</span>')


def _dollars(amount: Decimal, least: int) -> str:
    """Format a sign, a dollar sign and thousands, with `least` decimals and no zeros beyond."""
    whole, _, places_ = f"{abs(amount):,f}".partition(".")
    places_ = places_.rstrip("0").ljust(least, "0")
    return f"{'−' if amount < 0 else ''}${whole}.{places_}"
