"""Compositions out of plain forms: discs, arches, stones, leaves, soft bands, orbits."""

import math
from itertools import pairwise

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .brush import (
    BICUBIC,
    Canvas,
    Outline,
    PaperSheet,
    Point,
    blob,
    circle,
    cut,
    glow,
    lay,
    oval,
    shrunk,
)
from .palettes import Colour, mix

WHITE = (255, 255, 255)
# Middle and radius of each arch, as shares of the width and of the shorter side.
ROWS_OF_ARCHES = (
    ((0.28, 0.38), (0.76, 0.3), (0.5, 0.2)),
    ((0.5, 0.42),),
    ((0.36, 0.42), (0.78, 0.24)),
    ((0.14, 0.22), (0.4, 0.3), (0.68, 0.22), (0.9, 0.28)),
)


def paper(canvas: Canvas) -> Image.Image:
    """A pale sheet with a hint of light."""
    palette = canvas.palette
    ground = [palette.paper, mix(palette.paper, palette[1], 0.3)]
    return glow(canvas, ground, [(WHITE, 0.35), (mix(palette.paper, palette[1], 0.6), 0.4)])


def rings(
    canvas: Canvas,
    circles: list[tuple[Point, float, float]],
    colour: Colour,
    *,
    picture: Image.Image,
) -> None:
    """Circles drawn as lines: centre, radius and thickness in pixels each."""
    large = Image.new("L", (canvas.width * 2, canvas.height * 2))
    draw = ImageDraw.Draw(large)
    for (x, y), radius, thick in circles:
        draw.circle((x * 2, y * 2), radius * 2, outline=255, width=max(1, round(thick * 2)))
    lay(picture, PaperSheet(large.reduce(2)), colour)


def discs(canvas: Canvas) -> Image.Image:
    """Large transparent discs on paper, darker where they meet."""
    palette, rng, unit = canvas.palette, canvas.rng, canvas.unit
    picture = paper(canvas)
    colours = [palette[1], palette[2], palette[3], palette.accent, palette[1], palette.accent]
    rng.shuffle(colours)
    count, turn = rng.choice((4, 5, 6)), rng.uniform(0, math.tau)
    for i in range(count):
        angle, reach = turn + i * math.tau / count, rng.uniform(0.16, 0.32)
        centre = canvas.at(0.5 + reach * math.cos(angle), 0.5 + reach * math.sin(angle))
        sheet = cut(canvas.size, circle(centre, unit * rng.uniform(0.12, 0.32)))
        box = (sheet.left, sheet.top, sheet.left + sheet.mask.width, sheet.top + sheet.mask.height)
        tone = Image.new("RGB", sheet.mask.size, mix(colours[i], WHITE, 0.15))
        picture.paste(ImageChops.multiply(picture.crop(box), tone), box, sheet.mask)
    thin = [
        (canvas.at(rng.random(), rng.random()), unit * rng.uniform(0.1, 0.4), unit * 0.0028)
        for _ in range(3)
    ]
    rings(canvas, thin, palette.deep, picture=picture)
    spot = canvas.at(rng.uniform(0.25, 0.75), rng.uniform(0.25, 0.75))
    lay(picture, cut(canvas.size, circle(spot, unit * rng.uniform(0.012, 0.028))), palette.deep)
    return picture


def orbits(canvas: Canvas) -> Image.Image:
    """Planets on their rings."""
    palette, rng, unit = canvas.palette, canvas.rng, canvas.unit
    dark = rng.random() < 0.6
    base, ink = (palette.deep, palette.paper) if dark else (palette.paper, palette.deep)
    lights = [(palette[3] if dark else palette[1], 0.6), (palette[2], 0.5)]
    picture = glow(canvas, [base, mix(base, palette[2], 0.35)], lights)
    centre = canvas.at(rng.uniform(0.3, 0.7), rng.uniform(0.35, 0.65))
    lay(
        picture,
        cut(canvas.size, circle(centre, unit * 0.1)),
        mix(palette.accent, WHITE, 0.3),
        palette.accent,
        shadow=0.3,
    )
    radii = [unit * (0.18 + 0.1 * i) * rng.uniform(0.94, 1.06) for i in range(6)]
    rings(canvas, [(centre, r, unit * 0.002) for r in radii], mix(base, ink, 0.55), picture=picture)
    for radius in radii:
        angle, size = rng.uniform(0, math.tau), unit * rng.uniform(0.012, 0.05)
        place = (centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle))
        colour = rng.choice((*palette[1:4], palette.accent, ink))
        lay(
            picture,
            cut(canvas.size, circle(place, size)),
            mix(colour, WHITE, 0.2),
            mix(colour, palette.deep, 0.3),
            shadow=0.4,
        )
    return picture


def arches(canvas: Canvas) -> Image.Image:
    """Rainbows of paper standing on the lower edge."""
    palette, rng, unit = canvas.palette, canvas.rng, canvas.unit
    picture = paper(canvas)
    disc = circle(
        canvas.at(rng.uniform(0.25, 0.75), rng.uniform(0.14, 0.24)), unit * rng.uniform(0.07, 0.12)
    )
    lay(picture, cut(canvas.size, disc), palette.accent, shadow=0.25)
    places = rng.choice(ROWS_OF_ARCHES)
    mirror, tall = rng.random() < 0.5, min(1.5, canvas.height / unit)
    for x, size in places:
        crown = (
            canvas.width * (1 - x if mirror else x),
            canvas.height - unit * size * tall * rng.uniform(0.85, 1.15),
        )
        arch(canvas, picture, crown, radius=unit * size)
    return picture


def arch(canvas: Canvas, picture: Image.Image, crown: Point, *, radius: float) -> None:
    """One rainbow: nested doors; the centre of the crown and the outer radius in pixels."""
    palette = canvas.palette
    colours = [*palette[1:5], palette.accent, palette.paper]
    canvas.rng.shuffle(colours)
    for i in range(4):
        r = radius * (1 - i / 4.6)
        door = [
            *circle(crown, r, 180, end=360),
            (crown[0] + r, canvas.height),
            (crown[0] - r, canvas.height),
        ]
        lay(picture, cut(canvas.size, door), mix(colours[i], WHITE, 0.05), colours[i], shadow=0.3)


def stones(canvas: Canvas) -> Image.Image:
    """Pebbles balanced on one another."""
    palette, rng, unit = canvas.palette, canvas.rng, canvas.unit
    picture = paper(canvas)
    if rng.random() < 0.6:
        disc = circle(
            canvas.at(rng.uniform(0.3, 0.7), rng.uniform(0.28, 0.42)), unit * rng.uniform(0.2, 0.3)
        )
        lay(
            picture,
            cut(canvas.size, disc),
            mix(palette.accent, palette.paper, 0.35),
            mix(palette.accent, palette.paper, 0.7),
        )
    ground, floor = canvas.height * 0.84, mix(palette[1], palette.paper, 0.35)
    table = [(0, ground), (canvas.width, ground), *(canvas.at(1, 1), canvas.at(0, 1))]
    lay(picture, cut(canvas.size, table), floor, mix(floor, palette[2], 0.35))
    for x in rng.choice(((0.5,), (0.34, 0.7), (0.62, 0.26))):
        pile(canvas, picture, (canvas.width * x, ground + unit * 0.03), count=rng.choice((3, 4, 5)))
    return picture


def pile(canvas: Canvas, picture: Image.Image, foot: Point, *, count: int) -> None:
    palette, rng = canvas.palette, canvas.rng
    colours = [*palette[1:5], palette.accent, mix(palette[2], palette.paper, 0.5)]
    rng.shuffle(colours)
    wide, (x, y) = canvas.unit * rng.uniform(0.18, 0.24), foot
    for colour in colours[:count]:
        flat = rng.uniform(0.42, 0.72)
        y -= wide * flat
        centre = (x + wide * rng.uniform(-0.12, 0.12), y)
        outline = [(px, y + (py - y) * flat) for px, py in blob(rng, centre, wide, wobble=0.05)]
        light, dark = mix(colour, WHITE, 0.25), mix(colour, palette.deep, 0.45)
        lay(
            picture,
            cut(canvas.size, outline),
            light,
            colour,
            dark,
            shadow=0.42,
            drop=(0.008, 0.016),
        )
        y -= wide * flat * 0.82
        wide *= rng.uniform(0.62, 0.86)


def leaves(canvas: Canvas) -> Image.Image:
    """Cut-out fronds and pebbles over blocks of colour."""
    palette, rng, unit = canvas.palette, canvas.rng, canvas.unit
    picture = paper(canvas)
    blocks(canvas, picture)
    colours = [palette[3], palette.deep, palette.accent, palette[2], palette.paper]
    rng.shuffle(colours)
    turn, count = rng.uniform(0, math.tau), rng.choice((4, 5, 6))
    for i in range(count):
        angle = turn + i * math.tau / count
        root = canvas.at(0.5 + 0.3 * math.cos(angle), 0.5 + 0.3 * math.sin(angle))
        lean = angle + math.pi * rng.uniform(0.2, 0.8)
        sheet = cut(canvas.size, *frond(canvas, root, unit * rng.uniform(0.4, 0.6), angle=lean))
        lay(picture, sheet, colours[i % 5], shadow=0.25, drop=(0.003, 0.008))
    for _ in range(4):
        pebble = blob(
            rng, canvas.at(rng.random(), rng.random()), unit * rng.uniform(0.02, 0.05), wobble=0.25
        )
        lay(picture, cut(canvas.size, pebble), rng.choice(colours), shadow=0.2)
    return picture


def blocks(canvas: Canvas, picture: Image.Image) -> None:
    """Four blocks of soft colours around a point off the middle."""
    palette, rng = canvas.palette, canvas.rng
    x, y = canvas.at(rng.uniform(0.3, 0.7), rng.uniform(0.3, 0.7))
    draw, (w, h) = ImageDraw.Draw(picture), canvas.size
    tints = [mix(palette[1], palette.paper, 0.25), mix(palette[2], palette.paper, 0.35)]
    tints += [palette.paper, mix(palette.accent, palette.paper, 0.55)]
    rng.shuffle(tints)
    for box, colour in zip(
        ((0, 0, x, y), (x, 0, w, y), (0, y, x, h), (x, y, w, h)), tints, strict=True
    ):
        draw.rectangle(box, fill=colour)


def frond(canvas: Canvas, middle: Point, length: float, *, angle: float) -> list[Outline]:
    """A leaf with round fingers on both sides of a bent stem."""
    rng = canvas.rng
    fingers, bend = rng.choice((4, 5, 6)), rng.uniform(-0.9, 0.9)
    parts: list[Outline] = []
    spine = []
    for i in range(fingers + 1):
        t = i / fingers - 0.5
        lean = angle + bend * t
        spine.append(
            (middle[0] + length * t * math.cos(lean), middle[1] + length * t * math.sin(lean))
        )
    for i, (x, y) in enumerate(spine):
        share = i / fingers
        reach = length * (0.16 + 0.3 * math.sin(math.pi * (0.15 + share * 0.8)))
        for side in (-1, 1):
            lean = angle + bend * (share - 0.5) + side * (1.15 - 0.75 * share)
            tip = (x + math.cos(lean) * reach * 0.42, y + math.sin(lean) * reach * 0.42)
            parts.append(oval(tip, reach, length * 0.105, angle=lean))
    stem = [
        oval(
            ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2),
            length / fingers * 1.3,
            length * 0.05,
            angle=angle,
        )
        for a, b in pairwise(spine)
    ]
    return [*parts, *stem]


def bands(canvas: Canvas) -> Image.Image:
    """Two or three fields of colour with breathing edges."""
    palette, rng = canvas.palette, canvas.rng
    size = shrunk(canvas.size, 256)
    ground = rng.choice((palette.deep, palette[3], mix(palette.accent, palette.deep, 0.3)))
    picture = Image.new("RGB", size, ground)
    colours = [colour for colour in (*palette[:5], palette.accent) if colour != ground]
    rng.shuffle(colours)
    cuts = sorted(rng.choice(((0.38,), (0.62,), (0.3, 0.44), (0.52, 0.66), (0.24, 0.7))))
    gap = 0.018
    for (top, bottom), colour in zip(
        zip((0.05, *cuts), (*cuts, 0.95), strict=True), colours, strict=False
    ):
        sheet = PaperSheet(Image.new("L", size))
        box = (size[0] * 0.07, size[1] * (top + gap), size[0] * 0.93, size[1] * (bottom - gap))
        ImageDraw.Draw(sheet.mask).rectangle(box, fill=225)
        breath = Image.frombytes("L", (6, 24), rng.randbytes(144)).resize(size, BICUBIC)
        worn = ImageChops.subtract(sheet.mask, breath.point([v // 6 for v in range(256)]))
        lay(
            picture,
            PaperSheet(worn.filter(ImageFilter.GaussianBlur(4.5))),
            colour,
            mix(colour, ground, 0.18),
        )
    return picture.resize(canvas.size, BICUBIC)
