"""The columns of the table of filters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.forms import Field
from django.utils.functional import Promise

# The clean values of an address, by the names of their parts; parts not given are missing.
Values = Mapping[str, Any]
# The labels of a filter's values, if only the database or the catalogue knows them.
Names = Mapping[Any, str]
# An entry of a filter's menu: its label, and the parts of the address that it sets.
Offer = tuple[str, dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of the address: the field that reads it, and the message if it is invalid.

    If it can be typed, it has a label and the attributes of its input, and may be completed by
    what a route suggests.
    """

    read: Field
    odd: Promise
    label: Promise | str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    suggested_by: str = ""


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One filter: the parts of the address that it reads, by name, and what they do.

    `where` narrows to the clean values (of its own parts, at least one is given), `indexes` are
    those of Picture that serve it, or none for a filter that has a list of its own; `said` returns
    the text of its chip, "" for none; `offered` returns the entries of its menu, which is called
    `label` and stands `apart` or among the others; the route `found_by` finds further entries by
    what is typed. The two parts of a `span` are swapped if the first is the greater one.
    """

    parts: Mapping[str, Part]
    where: Callable[[Values], Q]
    indexes: tuple[str, ...]
    said: Callable[[Values, Names], str] = lambda values, names: ""
    label: Promise | str = ""
    offered: Callable[[Names], Sequence[Offer]] = lambda names: ()
    typed: Promise | str = ""  # the button under the text inputs
    span: bool = False
    team_only: bool = False
    own_only: bool = False
    apart: bool = False
    found_by: str = ""

    def serves(self, *, team: bool) -> bool:
        """Return whether the team's gallery, or a person's own, has this filter."""
        return not (self.own_only if team else self.team_only)

    def own(self, values: Values) -> Values:
        """Return the values of this filter alone."""
        return {name: value for name, value in values.items() if name in self.parts}
