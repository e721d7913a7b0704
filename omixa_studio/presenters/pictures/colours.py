"""The colours of a gallery: what one can choose, and what each colour means."""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from omixa_studio.catalogue import Catalogue, load_catalogue
from omixa_studio.forms.colours import COLOURINGS
from omixa_studio.models import dollars
from omixa_studio.queries import colours
from omixa_studio.queries.geometry import MappedMonth, PictureByte
from omixa_studio.templatetags.studio import money

# So many models have colours of their own; the others share one.
MOST_TOLD_APART = 8
# A byte, what it means, and the name of its colour in colours.css.
Legend = list[tuple[int, str, str]]
# A tone without a meaning of its own.
PLAIN = "none"


@dataclass(frozen=True)
class ColourChoice:
    """A way to colour a gallery, and the address of the gallery in it."""

    name: str
    label: str
    address: str
    chosen: bool


@dataclass(frozen=True)
class Colouring:
    """What a page offers; `fetched` is the address of the colours, "" while there are none."""

    chosen: str
    choices: Sequence[ColourChoice]
    fetched: str

    @property
    def start(self) -> str:
        """Return the address of the gallery by cost, "" while it has colours."""
        return "" if self.chosen else self.choices[1].address


def colouring_of(route: str, query: str, chosen: str) -> Colouring:
    """Return the choices of a gallery ("gallery" or "team") at the query of its filters."""
    labels = {"": _("None"), "cost": _("Cost"), "model": _("Model"), "verdict": _("Verdict")}
    choices = [
        ColourChoice(name, labels[name], _address(reverse(route), query, name), name == chosen)
        for name in ("", *COLOURINGS)
    ]
    fetched = _address(reverse(f"{route}_colours"), query, chosen) if chosen else ""
    return Colouring(chosen, choices, fetched)


def byte_of(colour: str) -> PictureByte:
    """Return the byte by which a gallery is coloured."""
    if colour == "model":
        return colours.by_model(_slugs(load_catalogue(settings.MODELS_TOML)))
    return colours.by_verdict() if colour == "verdict" else colours.by_cost()


def colours_head(mapped: Sequence[MappedMonth], colour: str, *, version: str) -> bytes:
    """Return the length of a header (four bytes) and the header in JSON: what colours mean."""
    counts = {byte: sum(one.map.aspects.count(byte) for one in mapped) for byte in range(1, 256)}
    found = {byte: count for byte, count in counts.items() if count}
    header = {
        "version": version,
        "grows": colour == "cost",
        "legend": LEGENDS[colour](found),
    }
    text = json.dumps(header, separators=(",", ":")).encode()
    return struct.pack("<I", len(text)) + text


def _address(path: str, query: str, colour: str) -> str:
    parts = "&".join(filter(None, [query, f"colour={colour}" * bool(colour)]))
    return f"{path}?{parts}" if parts else path


def _slugs(catalogue: Catalogue) -> list[str]:
    return sorted(catalogue.models)


def _of_cost(found: Mapping[int, int]) -> Legend:
    """Return the steps of the scale, all of them: a scale with holes cannot be read."""
    steps = [money(dollars(most)) for most in colours.COST_STEPS]
    below = [_("up to %(cost)s") % {"cost": step} for step in steps]
    above = _("more than %(cost)s") % {"cost": steps[-1]}
    first = colours.FIRST_COST
    legend = [(first + n, said, f"cost{n + 1}") for n, said in enumerate([*below, above])]
    rare = [(colours.COST_FREE, _("free"), "cost0"), (colours.COST_UNKNOWN, _("unknown"), PLAIN)]
    return [*legend, *(one for one in rare if one[0] in found)]


def _of_model(found: Mapping[int, int]) -> Legend:
    """Return the models with the most pictures, then the others together."""
    catalogue = load_catalogue(settings.MODELS_TOML)
    slugs = _slugs(catalogue)
    known = [byte for byte in found if byte != colours.OTHER_MODEL]
    ranked = sorted(known, key=lambda byte: -found[byte])
    legend = [
        (byte, catalogue.models[slugs[byte - colours.FIRST_MODEL]].name, f"kind{n + 1}")
        for n, byte in enumerate(ranked[:MOST_TOLD_APART])
    ]
    others = [*ranked[MOST_TOLD_APART:], *(byte for byte in found if byte == colours.OTHER_MODEL)]
    return [*legend, *((byte, _("other models"), PLAIN) for byte in others)]


def _of_verdict(found: Mapping[int, int]) -> Legend:
    return [
        (colours.STARRED, _("with a star"), "kind1"),
        (colours.APPROVED, _("approved"), "kind3"),
        (colours.NEEDS_WORK, _("needs work"), "kind4"),
        (colours.REJECTED, _("rejected"), "kind6"),
        (colours.NO_VERDICT, _("no verdict"), PLAIN),
    ]


LEGENDS = {"cost": _of_cost, "model": _of_model, "verdict": _of_verdict}
