"""The active filters of a gallery as chips, and the available ones as menus."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language

from omixa_studio.filters import FILTERS, Filter, Names
from omixa_studio.forms.gallery import Sought

# Characters of the longest address whose menus are kept: it stands in each of their choices.
LONGEST_KEPT = 300


@dataclass(frozen=True)
class FilterChoice:
    """One filter value: its label, the query that applies it, and "true" if it is applied."""

    label: str
    query: str
    chosen: str = ""


@dataclass(frozen=True)
class Typed:
    """A text input of a filter: its name in the address, its label, its HTML attributes.

    `suggested_by` is the name of the route that completes it, "" if none does.
    """

    name: str
    label: Promise | str
    attributes: Mapping[str, str]
    text: str
    suggested_by: str = ""


@dataclass(frozen=True, eq=False)
class Menu:
    """A filter menu: its choices, and the text inputs under them with their button.

    Those of short addresses are kept: the same menu is the same object, so that what shows it can
    be kept by it.
    `kept` are the values of the other filters, and the colour, which stay; `found_by` is the route
    that finds further choices by what is typed, "" if none does.
    """

    label: Promise | str
    choices: Sequence[FilterChoice]
    typed: Sequence[Typed]
    button: Promise | str
    kept: Mapping[str, str]
    found_by: str = ""

    @property
    def chosen(self) -> str:
        """Return the label of the choice that is set, or what is typed, "" if nothing is."""
        labels = [one.label for one in self.choices if one.chosen]
        return (labels or [" – ".join(filter(None, (one.text for one in self.typed)))])[0]


def chips_of(sought: Sought, names: Mapping[str, Names]) -> list[FilterChoice]:
    """Return the active filters, each with the query that removes it.

    `names` are the labels of filter values that only the database or the catalogue knows.
    """
    chips = []
    for name, row in FILTERS.items():
        own = row.own(sought.values)
        label = row.said(own, names.get(name, {})) if own else ""
        if label:
            chips.append(FilterChoice(label, sought.query_with(**dict.fromkeys(row.parts, ""))))
    return chips


def value_choices(name: str, names: Mapping[int, str], sought: Sought) -> list[FilterChoice]:
    """Return values of the filter `name`, by id with their labels, as choices of its menu."""
    chosen = sought.texts.get(name, "")
    choices = [(str(pk), label) for pk, label in names.items()]
    return [
        FilterChoice(label, sought.query_with(**{name: pk}), "true" if pk == chosen else "")
        for pk, label in choices
    ]


def menus_of(
    sought: Sought, names: Mapping[str, Names], *, team: bool, apart: bool
) -> tuple[Menu, ...]:
    """Return the menus of a gallery that stand apart, or all others, in the order of FILTERS."""
    texts = tuple(sought.texts.items())
    # The day by which FILTERS offers spans of days.
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    menu = _menu if len(sought.query) <= LONGEST_KEPT else _menu.__wrapped__
    return tuple(
        [
            menu(
                name,
                texts,
                sought.colour,
                tuple(names.get(name, {}).items()),
                today,
                get_language(),
            )
            for name, row in FILTERS.items()
            if row.label and row.serves(team=team) and row.apart == apart
        ]
    )


@lru_cache(maxsize=2000)
def _menu(
    name: str,
    texts: tuple[tuple[str, str], ...],
    colour: str,
    named: tuple[tuple[Any, str], ...],
    _today: date,
    _language: str | None,
) -> Menu:
    """Make a menu, of which there is one in each language, and on each day if it offers days."""
    row, sought, names = FILTERS[name], Sought(texts=dict(texts), colour=colour), dict(named)
    return Menu(
        label=row.label,
        choices=[
            FilterChoice(label, sought.query_with(**parts), _chosen(sought, row, parts))
            for label, parts in row.offered(names)
        ],
        typed=[
            Typed(name, part.label, part.attributes, sought.texts.get(name, ""), part.suggested_by)
            for name, part in row.parts.items()
            if part.label
        ],
        button=row.typed,
        kept=sought.beside(row.parts),
        found_by=row.found_by,
    )


def _chosen(sought: Sought, row: Filter, parts: Mapping[str, str]) -> str:
    is_chosen = all(sought.texts.get(name, "") == parts.get(name, "") for name in row.parts)
    return "true" if is_chosen else ""
