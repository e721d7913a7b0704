"""The active filters of a gallery as chips, and the available ones as menus."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from omixa_studio.filters import FILTERS, Filter, Names
from omixa_studio.forms.gallery import Sought


@dataclass(frozen=True)
class FilterChoice:
    """One filter value: its label, and the query that applies it."""

    label: str
    query: str
    chosen: bool = False


@dataclass(frozen=True)
class Typed:
    """A text input of a filter: its name in the address, its label, its HTML attributes."""

    name: str
    label: Promise | str
    attributes: Mapping[str, str]
    text: str


@dataclass(frozen=True)
class Menu:
    """A filter menu: its choices, and the text inputs under them with their button.

    `kept` are the values of the other filters, which stay.
    """

    label: Promise | str
    choices: Sequence[FilterChoice]
    typed: Sequence[Typed]
    button: Promise | str
    kept: Mapping[str, str]


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


def menus_of(sought: Sought, names: Mapping[str, Names], *, team: bool) -> list[Menu]:
    """Return the menus of a gallery, in the order of FILTERS."""
    return [
        _menu(row, sought, names.get(name, {}))
        for name, row in FILTERS.items()
        if row.label and (team or not row.team_only)
    ]


def _menu(row: Filter, sought: Sought, names: Names) -> Menu:
    return Menu(
        label=row.label,
        choices=[
            FilterChoice(label, sought.query_with(**parts), _is_chosen(sought, row, parts))
            for label, parts in row.offered(names)
        ],
        typed=[
            Typed(name, part.label, part.attributes, sought.texts.get(name, ""))
            for name, part in row.parts.items()
            if part.label
        ],
        button=row.typed,
        kept=sought.without(row.parts),
    )


def _is_chosen(sought: Sought, row: Filter, parts: Mapping[str, str]) -> bool:
    return all(sought.texts.get(name, "") == parts.get(name, "") for name in row.parts)
