"""The filter of a gallery: from the text of an address to clean values and messages."""

from collections.abc import Container, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from omixa_studio.filters import FILTERS

from .colours import read_colour

LARGEST_ID = 2**63 - 1
CURSORS = ("before", "after", "at")
PARTS = {name: part for row in FILTERS.values() for name, part in row.parts.items()}
PLACE = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_ID)
FIELDS = {name: part.read for name, part in PARTS.items()} | dict.fromkeys(CURSORS, PLACE)


@dataclass(frozen=True)
class Sought:
    """A clean filter. `texts` are its parts as written in the address, `values` the clean values.

    `notes` are messages about parts that were left out; `cursor` is where the page begins, if not
    at the top; `colour` is by what its pictures are coloured, "" for not at all.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    cursor: tuple[str, int] | None = None
    colour: str = ""

    @property
    def is_filtered(self) -> bool:
        return bool(self.texts)

    @property
    def query(self) -> str:
        """Return the filter as the query of an address, without the question mark."""
        return urlencode(self.texts)

    def query_with(self, **parts: str) -> str:
        """Return the query of another page, as coloured; an empty text removes a part."""
        asked = {**self.texts, "colour": self.colour, **parts}
        return urlencode({name: text for name, text in asked.items() if text})

    def ignoring(self, names: Sequence[str]) -> "Sought":
        """Return the filter without some parts, which its notes then tell."""
        notes = (*self.notes, *(str(PARTS[name].odd) for name in names))
        values = {name: value for name, value in self.values.items() if name not in names}
        return replace(self, texts=self.without(names), values=values, notes=notes)

    def without(self, names: Container[str]) -> dict[str, str]:
        """Return the texts of all parts except some."""
        return {name: text for name, text in self.texts.items() if name not in names}

    def beside(self, names: Container[str]) -> dict[str, str]:
        """Return what a form about some parts hands on: the other parts, and the colour."""
        return self.without(names) | ({"colour": self.colour} if self.colour else {})


class SoughtForm(forms.Form):
    """The parts that an address gives, each clean or with its own error."""

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.fields |= {name: deepcopy(FIELDS[name]) for name in FIELDS if name in data}


def read_sought(data: QueryDict, *, team: bool) -> Sought:
    """Read the filter of an address; invalid parts are left out and reported in `notes`."""
    form = SoughtForm(data)
    form.is_valid()
    clean = {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}
    cursor = next(((name, clean[name]) for name in CURSORS if name in clean), None)
    values = _fitting(clean, team=team)
    notes = [str(PARTS[name].odd) if name in PARTS else _nowhere() for name in form.errors]
    return Sought(
        texts={name: str(value) for name, value in values.items()},
        values=values,
        notes=tuple(dict.fromkeys(notes)),
        cursor=cursor,
        colour=read_colour(data),
    )


def _fitting(clean: dict[str, Any], *, team: bool) -> dict[str, Any]:
    """Return the values of the filters that this gallery has, with spans the right way round."""
    values: dict[str, Any] = {}
    for row in FILTERS.values():
        own = dict(row.own(clean)) if row.serves(team=team) else {}
        if row.span and len(own) == 2:
            own = dict(zip(own, sorted(own.values()), strict=True))
        values |= own
    return values


def _nowhere() -> str:
    return _("This position in the gallery no longer exists, so here is its beginning.")
