"""The studio's first screen: example prompts, the team's newest pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.templatetags.static import static
from django.utils.translation import gettext as _

from omixa_studio.catalogue.records import N_
from omixa_studio.models import Person
from omixa_studio.presenters.pictures.tiles import Tile, tiles_for
from omixa_studio.queries.pictures import newest_shared

MOST_SHARED = 12
# Drawings in static/img/examples, each with the prompt that it illustrates.
EXAMPLES = {
    "kitchen": N_(
        "A lighthouse keeper's kitchen at dusk, copper pans, rain on the window, warm lamp"
    ),
    "fox": N_("Paper-cut fox in a birch forest, morning fog, limited palette"),
    "mountains": N_("Misty mountains in blue layers under a red sun, 1960s travel poster"),
    "teapot": N_("A ceramic teapot on raw linen, studio light, long soft shadows"),
    "shapes": N_("Poster of circles, arches and stripes in teal, ochre and coral, Bauhaus"),
    "dunes": N_("Terracotta dunes at noon, a small caravan crossing, turquoise sky"),
}


@dataclass(frozen=True)
class Example:
    """A prompt to begin with, and the address of its drawing."""

    prompt: str
    drawing: str


@dataclass(frozen=True)
class Welcome:
    """Examples, and what the team shared last."""

    examples: Sequence[Example]
    shared: Sequence[Tile]


def welcome_for(person: Person) -> Welcome:
    """Draw the first screen of a person without requests."""
    examples = [Example(_(EXAMPLES[name]), static(f"img/examples/{name}.svg")) for name in EXAMPLES]
    return Welcome(examples, tiles_for(newest_shared(person, MOST_SHARED), person))
