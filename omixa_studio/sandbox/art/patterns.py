"""Compositions that repeat: a board of tiles, threads between two curves."""

import math

from PIL import Image, ImageDraw

from .brush import BICUBIC, Canvas, Point, glow, ridge
from .palettes import Colour, mix, ramp

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


def threads(canvas: Canvas) -> Image.Image:
    """A ribbon of threads between two waving curves."""
    palette, rng = canvas.palette, canvas.rng
    dark = rng.random() < 0.6
    base = mix(palette.deep, (0, 0, 0), 0.2) if dark else palette.paper
    lights = [(mix(base, palette[3], 0.5), 0.7), (mix(base, palette[2], 0.3), 0.6)]
    large = glow(canvas, [base, mix(base, palette[2], 0.15)], lights)
    large = large.resize((canvas.width * 2, canvas.height * 2), BICUBIC)
    draw = ImageDraw.Draw(large)
    colours = (palette.accent, *palette[1:4]) if dark else (palette.accent, *palette[2:5])
    for ribbon in range(rng.choice((1, 2))):
        first, last = edge(canvas, 0.25 + 0.3 * ribbon), edge(canvas, 0.65 + 0.1 * ribbon)
        count = 52
        for i in range(count):
            t = i / (count - 1)
            line = [(x, y + (last[j][1] - y) * t) for j, (x, y) in enumerate(first)]
            draw.line(line, fill=ramp(colours, t), width=max(1, round(canvas.unit / 330)))
    return large.reduce(2)


def edge(canvas: Canvas, base: float) -> list[Point]:
    """A soft curve from left to right at double size."""
    steps = 64
    heights = ridge(canvas.rng, steps, 0.22)
    return [
        (canvas.width * 2 * i / steps, canvas.height * 2 * (base + 0.22 * value))
        for i, value in enumerate(heights)
    ]
