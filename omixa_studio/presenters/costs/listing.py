"""The requests behind a figure, with the pictures and prompts that the reader may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omixa_studio.dates import date_format
from omixa_studio.filters.facets import OPERATIONS
from omixa_studio.models import Person, Picture, State, dollars
from omixa_studio.models.spans import Span
from omixa_studio.places import numbered
from omixa_studio.queries.cost_sums import LedgerSum, UnknownSum
from omixa_studio.queries.review_sums import sums_by, unknown_by
from omixa_studio.queries.spent import Place, Spent, spent_page
from omixa_studio.templatetags.studio import aligned, money, places_for
from omixa_studio.templatetags.tiles import escaped

from .addresses import query_of
from .days import days_named
from .labels import labels_of
from .sheet import Only, only_of

HEADINGS = {
    "": gettext_lazy("Requests"),
    "open": gettext_lazy("Requests with a reserve"),
    "failed": gettext_lazy("Failed requests"),
    "unknown": gettext_lazy("Requests of unknown cost"),
}
SHOWN_PICTURES = 4
LONGEST_TITLE, LONGEST_ALT = 160, 120


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownSpent:
    """A request as the texts that `{% tiles %}` fills in: its prompt, if that may be read, and
    `said`, its reserve or its state.

    `seen` are thumbnails with their pages; `private` is set where there may be some not to be seen.
    """

    pk: str
    title: str
    private: str
    facts: str
    said: str
    billed: str
    seen: SafeString
    more: str


@dataclass(frozen=True)
class Listing:
    """The page of a list; `following` is the address of the next page, "" on the last one."""

    span: Span
    state: str
    heading: str
    days: str
    only: Sequence[Only]
    total: LedgerSum
    unknown: UnknownSum
    rows: Sequence[ShownSpent]
    is_first: bool
    newest: str
    following: str
    back: str
    is_own: bool


def build_listing(
    span: Span, person: Person, *, state: str, before: Place | None, is_own: bool = False
) -> Listing:
    """Read and describe a page of the requests of a span.

    `is_own` is whether it is a page of that person's own requests.
    """
    target = settings.GATEWAY_TARGET
    page = spent_page(target, span, person, state=state, before=before)
    names = {
        "model": labels_of("model", {row.model for row in page.rows}, target, person),
        "person": labels_of("person", {row.person_id for row in page.rows}, target, person),
    }
    places = places_for(dollars(row.billed) for row in page.rows)
    return Listing(
        span=span,
        state=state,
        heading=str(HEADINGS[state]),
        days=days_named(span.first, span.last),
        only=only_of(
            span.without("person_id") if is_own else span,
            target,
            person,
            lambda other: query_of(other, state=state),
        ),
        total=sums_by(target, span).get((), LedgerSum()),
        unknown=unknown_by(target, span).get((), UnknownSum()),
        rows=[_shown(row, names, person, places) for row in page.rows],
        is_first=before is None,
        newest=query_of(span, state=state),
        following=_from(page.following, span, state) if page.following else "",
        back=reverse("spending" if is_own else "costs") + query_of(span),
        is_own=is_own,
    )


def _from(place: Place, span: Span, state: str) -> str:
    """Return the query of the page that begins after a place."""
    day, pk = place
    return query_of(span, state=state, before=f"{day}.{pk}")


def _shown(
    row: Spent, names: Mapping[str, Mapping[Any, str]], person: Person, places: int
) -> ShownSpent:
    title, more = _title(row), len(row.pictures) - SHOWN_PICTURES
    return ShownSpent(
        pk=str(row.pk),
        title=_shortened(title, LONGEST_TITLE),
        private="private" if row.is_private else "",
        facts=_facts(row, names, person),
        said=_said(row),
        billed=_billed(row, places),
        seen=_thumbnails(row.pictures[:SHOWN_PICTURES], _shortened(title, LONGEST_ALT)),
        more=f"+{more}" if more > 0 else "",
    )


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _thumbnails(pictures: Sequence[Picture], alt: str) -> SafeString:
    page, thumb = numbered("picture"), numbered("picture_thumb")
    html = (
        f'<a href="{page(one.pk)}"><img src="{thumb(one.pk)}" loading="lazy"'
        f' width="{one.shown_width}" height="{one.shown_height}" alt="{escaped(alt)}"></a>'
        for one in pictures
    )
    return SafeString("".join(html))


def _title(row: Spent) -> str:
    if row.is_private:
        return _("Private")
    if row.generation is None:
        return f"G-{row.pk}"
    return row.generation.prompt or str(OPERATIONS.get(row.operation, row.operation))


def _said(row: Spent) -> str:
    if row.held:
        return _("%(held)s reserved") % {"held": money(dollars(row.held))}
    return str(State(row.generation.state).label) if row.generation else ""


def _facts(row: Spent, names: Mapping[str, Mapping[Any, str]], person: Person) -> str:
    day = date_format(row.day, "j E Y")
    if row.generation:
        zone = timezone.get_default_timezone()
        clicked = timezone.localtime(row.generation.created_at, zone)
        day = f"{day}, {date_format(clicked, 'H:i')}"
    who = "" if row.person_id == person.pk else names["person"][row.person_id]
    return " · ".join(one for one in (who, names["model"][row.model], day) if one)


def _billed(row: Spent, places: int) -> str:
    if row.billed is not None:
        return aligned(dollars(row.billed), places)
    is_open = row.generation is not None and row.generation.is_open
    return _("not final yet") if is_open else _("cost unknown")
