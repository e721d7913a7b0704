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

    If it can be typed, it has a label and the attributes of its input.
    """

    read: Field
    odd: Promise
    label: Promise | str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One filter: the parts of the address that it reads, by name, and what they do.

    `where` narrows to the clean values (of its own parts, at least one is given), `indexes` are
    those of Picture that serve it, or none for a filter that has to read the rows; `said` returns
    the text of its chip, "" for none; `offered` returns the entries of its menu, which is called
    `label`. The two parts of a `span` are swapped if the first is the greater one.
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

    def own(self, values: Values) -> Values:
        """Return the values of this filter alone."""
        return {name: value for name, value in values.items() if name in self.parts}
