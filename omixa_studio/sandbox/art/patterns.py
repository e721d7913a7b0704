"""Compositions that repeat: a board of tiles, striped ribbons."""

import math
from itertools import pairwise

from PIL import Image, ImageDraw

from .brush import Canvas, Point, cast, cut, glow, lay, ridge
from .palettes import Colour, mix, ramp

STRIPES = 13
Box = tuple[float, float, float, float]


def tiles(canvas: Canvas) -> Image.Image:
    """A board of quarter circles, discs, leaves and bars."""
    palette, rng = canvas.palette, canvas.rng
    side = canvas.unit * 2 / rng.choice((3, 4, 5))
    large = Image.new("RGB", (canvas.width * 2, canvas.height * 2), palette.paper)
    draw = ImageDraw.Draw(large)
    colours = [palette.paper, palette.paper, *palette[1:6], palette.deep]
    # Started off the edge, so that the cut tiles of odd shapes look meant.
    left, top = (-(side - extent % side) / 2 % side - side for extent in large.size)
    for column in range(math.ceil(large.width / side) + 1):
        for row in range(math.ceil(large.height / side) + 1):
            ground, front, third = rng.sample(colours, 3)
            x, y = left + column * side, top + row * side
            draw.rectangle((x, y, x + side, y + side), fill=ground)
            rng.choice(TILES)(draw, (x, y, x + side, y + side), front, third, rng.randrange(4))
    return large.reduce(2)


def quarter(draw: ImageDraw.ImageDraw, box: Box, front: Colour, third: Colour, turn: int) -> None:
    left, top, right, bottom = box
    x, y = ((left, top), (right, top), (right, bottom), (left, bottom))[turn]
    for radius, colour in ((right - left, front), ((right - left) * 0.5, third)):
        draw.pieslice(
            (x - radius, y - radius, x + radius, y + radius), turn * 90, turn * 90 + 90, fill=colour
        )


def half(draw: ImageDraw.ImageDraw, box: Box, front: Colour, third: Colour, turn: int) -> None:
    left, top, right, bottom = box
    x, y, side = (left + right) / 2, (top + bottom) / 2, right - left
    x, y = ((x, top), (right, y), (x, bottom), (left, y))[turn]
    for radius, colour in ((side * 0.5, front), (side * 0.25, third)):
        draw.pieslice(
            (x - radius, y - radius, x + radius, y + radius),
            turn * 90,
            turn * 90 + 180,
            fill=colour,
        )


def dot(draw: ImageDraw.ImageDraw, box: Box, front: Colour, third: Colour, turn: int) -> None:
    left, top, right, bottom = box
    x, y, side = (left + right) / 2, (top + bottom) / 2, right - left
    draw.circle((x, y), side * 0.5, fill=front)
    draw.circle((x, y), side * (0.32, 0.2, 0.12, 0.25)[turn], fill=third)


def leaf(draw: ImageDraw.ImageDraw, box: Box, front: Colour, third: Colour, turn: int) -> None:
    left, top, right, bottom = box
    side, angles = right - left, [i / 24 * math.pi / 2 for i in range(25)]
    bow = [(left + side * math.sin(a), bottom - side * math.cos(a)) for a in angles]
    points = [*bow, *((left + right - x, top + bottom - y) for x, y in bow)]
    if turn % 2:
        points = [(left + right - x, y) for x, y in points]
    draw.polygon(points, fill=front)


def bars(draw: ImageDraw.ImageDraw, box: Box, front: Colour, third: Colour, turn: int) -> None:
    left, top, right, bottom = box
    step = (right - left) / 6
    for i in (0, 2, 4):
        across = (left + i * step, top, left + (i + 1) * step, bottom)
        along = (left, top + i * step, right, top + (i + 1) * step)
        draw.rectangle(across if turn % 2 else along, fill=front)


TILES = (quarter, quarter, quarter, half, half, dot, leaf, leaf, bars)


def ribbons(canvas: Canvas) -> Image.Image:
    """Striped ribbons that turn between two waving curves."""
    palette, rng = canvas.palette, canvas.rng
    dark = rng.random() < 0.6
    base = mix(palette.deep, (0, 0, 0), 0.2) if dark else palette.paper
    lights = [(mix(base, palette[3], 0.5), 0.7), (mix(base, palette[2], 0.3), 0.6)]
    picture = glow(canvas, [base, mix(base, palette[2], 0.15)], lights)
    rows = [
        (palette.accent, *palette[1:4]),
        (palette.paper, palette[1], palette[2], palette.accent),
    ]
    for colours, base_line in zip(rng.sample(rows, rng.choice((1, 2))), (0.5, 0.36), strict=False):
        first, last = edge(canvas, base_line - 0.14), edge(canvas, base_line + 0.18)
        bounds = [between(first, last, i / STRIPES) for i in range(STRIPES + 1)]
        whole = cut(canvas.size, [*first, *reversed(last)])
        cast(picture, whole, 0.4, (0.004, 0.02))
        for i, (upper, lower) in enumerate(pairwise(bounds)):
            colour = mix(ramp(colours, i / (STRIPES - 1)), palette.deep, 0.16 * (i % 2))
            lay(picture, cut(canvas.size, [*upper, *reversed(lower)]), colour)
    return picture


def between(first: list[Point], last: list[Point], share: float) -> list[Point]:
    """The curve at a share of the way from one curve to another."""
    pairs = zip(first, last, strict=True)
    return [(x, y + (other - y) * share) for (x, y), (_, other) in pairs]


def edge(canvas: Canvas, base: float) -> list[Point]:
    """A soft curve from left to right around a share of the height."""
    heights = ridge(canvas.rng, 96, 0.2)
    return [
        (canvas.width * i / 96, canvas.height * (base + 0.2 * value))
        for i, value in enumerate(heights)
    ]
