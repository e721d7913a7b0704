"""Compositions out of one smooth random field: paper cuts, contour lines, marble, silk."""

import math
import random
from itertools import pairwise

from PIL import Image, ImageChops

from .brush import BICUBIC, Canvas, PaperSheet, Size, down, glow, lay, shine, shrunk
from .palettes import Colour, mix, ramp

# Columns of the grid on which a field is computed; the rest is enlarging.
GRID = 40


def field_of(canvas: Canvas, hills: float, side: int = 320, *, bend: float = 0.35) -> Image.Image:
    """A smooth field of floats from 0 to 255, its longer side `side` pixels. About `hills` of its
    hills fit along the shorter side; `bend` makes them winding."""
    rng = canvas.rng
    width, height = shrunk(canvas.size, GRID)
    waves = [wave(rng, hills * rng.uniform(0.5, 1.2)) for _ in range(6)]
    twists = [wave(rng, hills * 0.5) for _ in range(2)]
    short = min(width, height)
    values = []
    for row in range(height):
        for column in range(width):
            x, y = column / short, row / short
            u, v = (bend * math.sin(a * x + b * y + c) / hills for a, b, c in twists)
            values.append(sum(math.sin(a * (x + u) + b * (y + v) + c) for a, b, c in waves))
    low, high = min(values), max(values)
    small = Image.new("F", (width, height))
    small.putdata([(value - low) * 255 / (high - low) for value in values])
    return small.resize(shrunk(canvas.size, side), BICUBIC)


def wave(rng: random.Random, count: float) -> tuple[float, float, float]:
    """A wave in any direction: its two frequencies (radians) and its phase."""
    angle = rng.uniform(0, math.tau)
    turns = count * math.pi
    return turns * math.cos(angle), turns * math.sin(angle), rng.uniform(0, math.tau)


def rise(field: Image.Image, level: float, gain: float) -> Image.Image:
    """128 where the field has the level, `gain` more for each step above it."""
    return field.point(lambda v: v * gain + (128 - level * gain)).convert("L")


def steep(mask: Image.Image, size: Size) -> Image.Image:
    """A small soft mask at full size with smooth edges of about a pixel."""
    factor = size[0] / mask.width * 3
    table = [max(0, min(255, round(128 + (v - 128) * factor))) for v in range(256)]
    return mask.resize(size, BICUBIC).point(table)


def papercut(canvas: Canvas) -> Image.Image:
    """Sheets of paper with winding holes, lying on one another."""
    palette, rng = canvas.palette, canvas.rng
    field = field_of(canvas, rng.uniform(1.8, 3.0), side=400)
    colours = palette[0:5] if rng.random() < 0.6 else palette[4::-1]
    picture = down(canvas.size, [palette.accent, mix(palette.accent, colours[-1], 0.4)])
    count = rng.choice((5, 6, 7))
    for i in range(count):
        share = 1 - i / (count - 1)
        colour = ramp(colours, share)
        level = 60 + 140 * share + rng.uniform(-6, 6)
        hole = steep(rise(field, level, 14), canvas.size)
        light = mix(colour, (255, 255, 255), 0.1)
        lay(
            picture,
            PaperSheet(ImageChops.invert(hole)),
            light,
            colour,
            mix(colour, palette.deep, 0.1),
            shadow=0.5,
            drop=(0.006, 0.014),
        )
    return picture


def contours(canvas: Canvas) -> Image.Image:
    """Fine lines of equal height over a soft ground."""
    palette, rng = canvas.palette, canvas.rng
    dark = rng.random() < 0.55
    base = mix(palette.deep, (0, 0, 0), 0.15) if dark else palette.paper
    lights = [
        (palette[3 if dark else 1], 0.8),
        (palette[2], 0.7),
        (base, 0.6),
        (palette.accent, 0.6),
    ]
    picture = glow(canvas, [base, mix(base, palette[2], 0.5)], lights)
    field = field_of(canvas, rng.uniform(1.6, 2.8), side=480)
    ink = palette.paper if dark else palette.deep
    lines = outlines(field, [(i + 0.5) * 255 / 18 for i in range(18)], canvas.size, width=2)
    lay(picture, PaperSheet(lines.point([int(v * 0.75) for v in range(256)])), ink)
    bold = outlines(field, [(i + 0.5) * 255 / 18 for i in range(2, 18, 5)], canvas.size, width=5)
    lay(picture, PaperSheet(bold), ink)
    return picture


def outlines(field: Image.Image, levels: list[float], size: Size, *, width: int) -> Image.Image:
    """The lines at some levels: stripes between them, less the same stripes a little aside."""
    stripes = Image.new("L", field.size)
    for i, level in enumerate(levels):
        part = rise(field, level, 24)
        stripes = ImageChops.subtract(stripes, part) if i % 2 else ImageChops.add(stripes, part)
    full = steep(stripes, size)
    shift = max(1, round(width * min(size) / 1024))
    across = ImageChops.difference(full, moved(full, shift, 0))
    return ImageChops.lighter(across, ImageChops.difference(full, moved(full, 0, shift)))


def moved(mask: Image.Image, right: int, below: int) -> Image.Image:
    """The mask shifted, its edge repeated."""
    shifted = mask.copy()
    shifted.paste(mask, (right, below))
    return shifted


def tint(field: Image.Image, colours: tuple[Colour, ...], folds: float) -> Image.Image:
    """The field as colours, running up and down the row of colours `folds` times."""
    row = [ramp(colours, 1 - abs(1 - (v / 255 * folds) % 2)) for v in range(256)]
    grey = field.convert("L")
    return Image.merge("RGB", [grey.point([colour[i] for colour in row]) for i in range(3)])


def stirred(
    picture: Image.Image, rng: random.Random, strength: float, *, cells: int = 16
) -> Image.Image:
    """The picture as if stirred with a comb, and a little enlarged so that no edge shows."""
    width, height = picture.size
    waves = [(wave(rng, 1.6), wave(rng, 1.6)) for _ in range(3)]
    keep = 1 - 7 * strength

    def source(x: int, y: int) -> tuple[float, float]:
        u, v = x / width, y / height
        dx = sum(math.sin(a * u + b * v + c) for (a, b, c), _ in waves) * strength
        dy = sum(math.sin(a * u + b * v + c) for _, (a, b, c) in waves) * strength
        return (0.5 + (u - 0.5) * keep + dx) * width, (0.5 + (v - 0.5) * keep + dy) * height

    xs = [round(width * i / cells) for i in range(cells + 1)]
    ys = [round(height * i / cells) for i in range(cells + 1)]
    mesh = [
        (
            (left, top, right, below),
            (*source(left, top), *source(left, below), *source(right, below), *source(right, top)),
        )
        for left, right in pairwise(xs)
        for top, below in pairwise(ys)
    ]
    return picture.transform(picture.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)


def marble(canvas: Canvas) -> Image.Image:
    """Stirred bands of colour, like the paper in old books."""
    palette, rng = canvas.palette, canvas.rng
    field = field_of(canvas, rng.uniform(1.2, 2.2), side=480, bend=0.8)
    colours = rng.choice(
        (
            (palette.paper, palette[1], palette[2], palette[3], palette.deep),
            (palette.deep, palette[3], palette.accent, palette[1], palette.paper),
        )
    )
    small = tint(field, colours, rng.choice((2.0, 3.0, 4.0)))
    return stirred(small, rng, 0.03).resize(canvas.size, BICUBIC)


def silk(canvas: Canvas) -> Image.Image:
    """Folds of cloth in soft light."""
    palette, rng = canvas.palette, canvas.rng
    size = shrunk(canvas.size, 400)
    long = Image.new("F", (3, 8))
    long.putdata([rng.uniform(0, 255) for _ in range(24)])
    folds = long.resize((size[0] * 2, size[1] * 2), BICUBIC).rotate(
        rng.choice((-38, -24, 24, 38, 52)), BICUBIC
    )
    left, top = size[0] // 2, size[1] // 2
    field = folds.crop((left, top, left + size[0], top + size[1]))
    colours = rng.choice(
        (
            (palette.deep, palette[3], palette[2], palette[1], palette.paper),
            (palette.accent, palette[2], palette[1], palette.paper),
            (palette.deep, palette[3], palette.accent, palette.paper),
        )
    )
    return stirred(tint(field, colours, 2.0), rng, 0.04).resize(canvas.size, BICUBIC)


def lights(canvas: Canvas) -> Image.Image:
    """Large soft lights that run into one another."""
    palette, rng = canvas.palette, canvas.rng
    size = shrunk(canvas.size, 360)
    small = down(size, [palette.deep, palette[3]])
    colours = [
        palette[3],
        palette[2],
        palette.accent,
        palette[1],
        palette[2],
        palette.accent,
        palette.paper,
    ]
    for i, colour in enumerate(colours):
        centre = (size[0] * rng.uniform(0.05, 0.95), size[1] * rng.uniform(0.05, 0.95))
        shine(
            small,
            centre,
            360 * rng.uniform(0.36, 0.6) * (1 - i * 0.07),
            colour=colour,
            strength=0.95,
        )
    return stirred(small, rng, 0.045).resize(canvas.size, BICUBIC)
