"""What a row of the table of filters holds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.forms import Field
from django.utils.functional import Promise

# The clean values of an address by the names of their parts; what is not asked for is not there.
Values = Mapping[str, Any]
# What people call the values of a filter, where only the database or the catalogue knows.
Names = Mapping[Any, str]
# An entry of a filter's menu: its words, and the parts of the address that it sets.
Offer = tuple[str, dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of the address: how it is read, what is said when it is odd, and, where it can
    be typed, its label and the attributes of its input."""

    read: Field
    odd: Promise
    label: Promise | str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One filter: the parts of the address it reads, by name, and all that becomes of them.

    `where` narrows to the clean values (of its own parts, at least one there), `indexes` are
    those of Picture that serve it, or none for a filter that has to read the rows; `said` are
    the words of its chip, empty for none; `offered` are the entries of its menu, which is
    called `label`. The two parts of a `span` change places when the first is the greater.
    """

    parts: Mapping[str, Part]
    where: Callable[[Values], Q]
    indexes: tuple[str, ...]
    said: Callable[[Values, Names], str] = lambda values, names: ""
    label: Promise | str = ""
    offered: Callable[[Names], Sequence[Offer]] = lambda names: ()
    typed: Promise | str = ""  # the button under the parts that can be typed
    span: bool = False
    team_only: bool = False

    def own(self, values: Values) -> Values:
        """The values of this filter alone."""
        return {name: value for name, value in values.items() if name in self.parts}
