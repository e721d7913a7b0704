"""Numbers in the addresses of the API: stated once, read here and told in its schema."""

from collections.abc import Mapping
from dataclasses import dataclass

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_

from .api_images import FieldRefused
from .generation import ID


@dataclass(frozen=True)
class QueryNumber:
    """A whole number that a query may have, from `least` to `most`; what it does, in English."""

    least: int
    most: int
    about: str


def read_numbers(data: Mapping[str, str], known: Mapping[str, QueryNumber]) -> dict[str, int]:
    """Return the numbers of a query. Raises FieldRefused for an unknown name or another value."""
    return {name: _read(name, data.get(name, ""), known.get(name)) for name in data}


def _read(name: str, text: str, number: QueryNumber | None) -> int:
    if number is None:
        unknown = N_("This address knows no %(name)s.")
        raise FieldRefused(Fault(name[:40], unknown, {"name": name[:40]}), "unknown_parameter")
    if not ID.fullmatch(text) or not number.least <= int(text) <= number.most:
        bounds = {"name": name, "least": number.least, "most": number.most}
        said = N_("%(name)s is a whole number from %(least)s to %(most)s.")
        raise FieldRefused(Fault(name, said, bounds))
    return int(text)
