"""The originals of the demonstration: a few hundred pictures drawn by the stand-in gateway.

Drawn once and stored under many names, since drawing 100,000 would take hours. This module does not
need Django, so that it can run in processes of its own.
"""

import hashlib
import os
import random
from collections.abc import Collection, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from omixa_studio.sandbox.art.compose import compose, cut_out
from omixa_studio.sandbox.pictures import encode
from omixa_studio.services.renditions import Rendered, render

from .words import SUBJECTS

TAKES = 3


@dataclass(frozen=True, slots=True)
class Shape:
    """The pixels and format of a picture, with the options that request them."""

    size: tuple[int, int]
    format: str
    weight: int
    takes: int = TAKES
    aspect_ratio: str = "1:1"
    bucket: str = ""
    cut_out: bool = False


SHAPES = {
    "square": Shape((1024, 1024), "jpeg", 40),
    "wide": Shape((1408, 768), "webp", 20, aspect_ratio="16:9"),
    "landscape": Shape((1280, 896), "jpeg", 18, aspect_ratio="4:3"),
    "portrait": Shape((896, 1280), "jpeg", 17, aspect_ratio="3:4"),
    "tall": Shape((768, 1408), "png", 4, takes=1, aspect_ratio="9:16"),
    "large": Shape((2816, 1536), "jpeg", 1, takes=1, aspect_ratio="16:9", bucket="2K"),
    "clear": Shape((1024, 1024), "png", 0, takes=1, cut_out=True),
}


@dataclass(frozen=True, slots=True)
class Motif:
    """The key of one original: the number of its subject, its shape, and the number of its take."""

    subject: int
    shape: str
    take: int


@dataclass(frozen=True, slots=True)
class Original:
    """A drawn picture: its bytes and the result of `render`."""

    motif: Motif
    data: bytes
    format: str
    sha256: str
    rendered: Rendered


def motif_of(subject: int, shape: str, index: int) -> Motif:
    """Return the original to use as picture number `index` of a generation."""
    return Motif(subject, shape, index % SHAPES[shape].takes)


def draw_all(motifs: Collection[Motif], seed: str) -> Iterator[Original]:
    """Draw originals on all cores, in the order given."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(_draw, motifs, [seed] * len(motifs))


def _draw(motif: Motif, seed: str) -> Original:
    shape = SHAPES[motif.shape]
    rng = random.Random(f"{seed} {motif}")
    picture = compose(SUBJECTS[motif.subject].english[0], shape.size, rng)
    data = encode(cut_out(picture, rng) if shape.cut_out else picture, shape.format)
    digest = hashlib.sha256(data).hexdigest()
    return Original(motif, data, shape.format, digest, render(data, shape.format))
