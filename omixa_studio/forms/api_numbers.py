"""What a query of the API may hold: stated once, read here, told in the schema."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_

from .api_images import FieldRefused, wrong
from .generation import ID


@dataclass(frozen=True)
class QueryNumber:
    """A whole number that a query may have, from `least` to `most`; what it does, in English."""

    least: int
    most: int
    about: str

    @property
    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True)
class QueryText:
    """A text that a query may have, with its JSON Schema; what it does, in English."""

    about: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})


QueryPart = QueryNumber | QueryText


def read_numbers(data: Mapping[str, str], known: Mapping[str, QueryPart]) -> dict[str, int]:
    """Return the numbers of a query. Raises FieldRefused for an unknown name or another value.

    Of the texts only those with an enumeration are looked at.
    """
    for name in data:
        _look_at(name, data.get(name, ""), known.get(name))
    return {name: int(data.get(name, "")) for name in data if isinstance(known[name], QueryNumber)}


def _look_at(name: str, text: str, part: QueryPart | None) -> None:
    if part is None:
        unknown = N_("This address knows no %(name)s.")
        raise FieldRefused(Fault(name[:40], unknown, {"name": name[:40]}), "unknown_parameter")
    if isinstance(part, QueryText):
        if text not in part.schema.get("enum", [text]):
            raise wrong(name, text)
    elif not ID.fullmatch(text) or not part.least <= int(text) <= part.most:
        bounds = {"name": name, "least": part.least, "most": part.most}
        said = N_("%(name)s is a whole number from %(least)s to %(most)s.")
        raise FieldRefused(Fault(name, said, bounds))
