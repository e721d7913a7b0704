"""Brushes: soft grounds, smooth edges, paper sheets with shadows, grain. Pillow only.

Soft things are drawn small and enlarged, edges at twice the size and halved.
"""

import functools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .palettes import Colour, Palette, mix

Size = tuple[int, int]
Point = tuple[float, float]
Outline = Sequence[Point]
BICUBIC = Image.Resampling.BICUBIC
BILINEAR = Image.Resampling.BILINEAR
NEAREST = Image.Resampling.NEAREST
GRAIN_SIDE = 512


@dataclass(frozen=True, slots=True)
class Canvas:
    """Where a composition is drawn: pixels, chance and colours."""

    width: int
    height: int
    rng: random.Random
    palette: Palette

    @property
    def size(self) -> Size:
        return self.width, self.height

    @property
    def unit(self) -> int:
        """The shorter side in pixels: lengths are shares of it."""
        return min(self.width, self.height)

    def at(self, x: float, y: float) -> Point:
        """The point at shares of width and height."""
        return x * self.width, y * self.height


@dataclass(frozen=True, slots=True)
class PaperSheet:
    """A cut-out: its mask and the place of its upper left corner."""

    mask: Image.Image
    left: int = 0
    top: int = 0


def down(size: Size, colours: Sequence[Colour]) -> Image.Image:
    """Colours running from top to bottom."""
    strip = Image.new("RGB", (1, len(colours)))
    strip.putdata(list(colours))
    return strip.resize((1, size[1]), BICUBIC).resize(size, NEAREST)


def glow(
    canvas: Canvas, ground: Sequence[Colour], lights: Sequence[tuple[Colour, float]]
) -> Image.Image:
    """Colours from top to bottom with large soft lights, each a colour and a strength to 1."""
    rng = canvas.rng
    small = down(shrunk(canvas.size, 160), ground)
    for colour, strength in lights:
        reach = rng.uniform(90, 230)
        shine(
            small,
            (rng.random() * small.width, rng.random() * small.height),
            reach,
            colour=colour,
            strength=strength,
        )
    return small.resize(canvas.size, BICUBIC)


def shine(
    picture: Image.Image, centre: Point, radius: float, *, colour: Colour, strength: float
) -> None:
    """One round soft light; `radius` in pixels."""
    side = max(2, int(radius * 2))
    left, top = int(centre[0] - radius), int(centre[1] - radius)
    box = (
        max(0, left),
        max(0, top),
        min(picture.width, left + side),
        min(picture.height, top + side),
    )
    if box[0] >= box[2] or box[1] >= box[3]:
        return
    scale = 256 / side
    x, y = (box[0] - left) * scale, (box[1] - top) * scale
    width, height = box[2] - box[0], box[3] - box[1]
    part = (x, y, x + width * scale, y + height * scale)
    halo = halo_mask().resize((width, height), BILINEAR, box=part)
    picture.paste(colour, box, halo.point([int(v * strength) for v in range(256)]))


@functools.cache
def halo_mask() -> Image.Image:
    """255 in the middle, falling smoothly to 0 at the rim."""
    curve = [round(255 * math.cos(min(1.0, v / 180) * math.pi / 2) ** 2) for v in range(256)]
    return Image.radial_gradient("L").point(curve)


def shrunk(size: Size, side: int) -> Size:
    scale = side / max(size)
    return max(2, round(size[0] * scale)), max(2, round(size[1] * scale))


def cut(size: Size, *outlines: Outline) -> PaperSheet:
    """A sheet of filled polygons with smooth edges, no larger than it has to be."""
    xs = [x for outline in outlines for x, _ in outline]
    ys = [y for outline in outlines for _, y in outline]
    left, top = max(0, math.floor(min(xs))), max(0, math.floor(min(ys)))
    right, bottom = min(size[0], math.ceil(max(xs))), min(size[1], math.ceil(max(ys)))
    large = Image.new("L", (max(1, right - left) * 2, max(1, bottom - top) * 2))
    draw = ImageDraw.Draw(large)
    for outline in outlines:
        draw.polygon([((x - left) * 2, (y - top) * 2) for x, y in outline], fill=255)
    return PaperSheet(large.reduce(2), left, top)


def circle(centre: Point, radius: float, start: float = 0, *, end: float = 360) -> list[Point]:
    """Points on an arc, in degrees clockwise from the right; a whole circle by default."""
    angles = [math.radians(start + (end - start) * i / 120) for i in range(121)]
    return [(centre[0] + radius * math.cos(a), centre[1] + radius * math.sin(a)) for a in angles]


def lay(
    picture: Image.Image,
    sheet: PaperSheet,
    *colours: Colour,
    shadow: float = 0.0,
    drop: Point = (0.004, 0.012),
) -> None:
    """Put a sheet on the picture, its colours running from top to bottom. `shadow` (0 to 1)
    darkens what lies below; `drop` is its offset as shares of the shorter side."""
    if shadow:
        cast(picture, sheet, shadow, drop=drop)
    mask = sheet.mask
    box = (sheet.left, sheet.top, sheet.left + mask.width, sheet.top + mask.height)
    picture.paste(colours[0] if len(colours) == 1 else down(mask.size, colours), box, mask)


def cast(picture: Image.Image, sheet: PaperSheet, strength: float, *, drop: Point) -> None:
    """The shadow of a sheet, a little larger than the sheet itself."""
    unit, step = min(picture.size), 8
    pad = math.ceil(unit * 0.05 / step)
    small = sheet.mask.reduce(step)
    around = Image.new("L", (small.width + 2 * pad, small.height + 2 * pad))
    around.paste(small, (pad, pad))
    soft = around.filter(ImageFilter.GaussianBlur(unit * 0.018 / step))
    soft = soft.point([int(v * strength) for v in range(256)])
    soft = soft.resize((soft.width * step, soft.height * step), BILINEAR)
    left = sheet.left - pad * step + round(drop[0] * unit)
    top = sheet.top - pad * step + round(drop[1] * unit)
    picture.paste(shadow_colour(picture), (left, top, left + soft.width, top + soft.height), soft)


def shadow_colour(picture: Image.Image) -> Colour:
    """A dark relative of the picture's colours: grey shadows look dead."""
    mean = picture.resize((8, 8), NEAREST).resize((1, 1), Image.Resampling.BOX).tobytes()
    return mix((mean[0], mean[1], mean[2]), (10, 8, 24), 0.78)


def ridge(rng: random.Random, steps: int, rough: float) -> list[float]:
    """Heights from about -1 to 1 along a line, from soft waves; `rough` adds small ones."""
    waves = [(rng.uniform(0.6, 1.6) * 2**k, rng.uniform(0, math.tau), rough**k) for k in range(6)]
    whole = sum(weight for _, _, weight in waves)
    return [
        sum(math.sin(f * math.tau * i / steps + p) * w for f, p, w in waves) / whole * 1.6
        for i in range(steps + 1)
    ]


def blob(rng: random.Random, centre: Point, radius: float, *, wobble: float) -> list[Point]:
    """The outline of a pebble."""
    waves = [(k, rng.uniform(0, math.tau), wobble / k) for k in (2, 3, 4)]
    outline = []
    for i in range(120):
        angle = i / 120 * math.tau
        r = radius * (1 + sum(w * math.sin(k * angle + p) for k, p, w in waves))
        outline.append((centre[0] + r * math.cos(angle), centre[1] + r * math.sin(angle)))
    return outline


def oval(centre: Point, length: float, width: float, *, angle: float) -> list[Point]:
    """An ellipse turned by an angle in radians."""
    across, along = math.cos(angle), math.sin(angle)
    return [
        (
            centre[0] + x * length * across - y * width * along,
            centre[1] + x * length * along + y * width * across,
        )
        for x, y in circle((0, 0), 0.5)
    ]


def grain(picture: Image.Image, strength: float) -> Image.Image:
    """The picture with paper grain; `strength` 1 is strong."""
    tile = grain_tile(round(strength * 20))
    sheet = Image.new("RGB", picture.size)
    for left in range(0, picture.width, GRAIN_SIDE):
        for top in range(0, picture.height, GRAIN_SIDE):
            sheet.paste(tile, (left, top))
    return ImageChops.overlay(picture, sheet)


@functools.cache
def grain_tile(strength: int) -> Image.Image:
    """Grey noise around 128, always the same."""
    rng, area = random.Random(20), (GRAIN_SIDE, GRAIN_SIDE)
    layers = [Image.frombytes("L", area, rng.randbytes(GRAIN_SIDE**2)) for _ in range(3)]
    fine = Image.blend(layers[0], layers[1], 0.5)
    mixed = Image.blend(fine, layers[2].filter(ImageFilter.GaussianBlur(1.2)), 0.35)
    grey = mixed.point(
        [max(0, min(255, round(128 + (v - 128) * strength / 34))) for v in range(256)]
    )
    return grey.convert("RGB")
