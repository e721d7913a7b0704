"""Compositions that repeat: a board of tiles, striped ribbons."""

import math
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageDraw

from .brush import Canvas, Point, cast, circle, cut, glow, lay, ridge
from .palettes import Colour, mix, ramp

STRIPES = 13


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
            paint = rng.choice(TILES)
            paint(PatternTile(draw, x, y, side, front, third, rng.randrange(4)))
    return large.reduce(2)


@dataclass(frozen=True, slots=True)
class PatternTile:
    """One square of the board at double size, its two colours and how it is turned (0 to 3)."""

    draw: ImageDraw.ImageDraw
    left: float
    top: float
    side: float
    front: Colour
    third: Colour
    turn: int

    def at(self, x: float, y: float) -> Point:
        """The point at shares of the square."""
        return self.left + x * self.side, self.top + y * self.side

    def pie(self, centre: Point, radius: float, degrees: int) -> None:
        """A piece of pie from this turn on, and a smaller one on it; `radius` is a share."""
        x, y = centre
        for reach, colour in (
            (radius * self.side, self.front),
            (radius * self.side / 2, self.third),
        ):
            box = (x - reach, y - reach, x + reach, y + reach)
            self.draw.pieslice(box, self.turn * 90, self.turn * 90 + degrees, fill=colour)


def quarter(tile: PatternTile) -> None:
    corner = ((0, 0), (1, 0), (1, 1), (0, 1))[tile.turn]
    tile.pie(tile.at(*corner), 1, 90)


def half(tile: PatternTile) -> None:
    middle = ((0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5))[tile.turn]
    tile.pie(tile.at(*middle), 0.5, 180)


def dot(tile: PatternTile) -> None:
    middle = tile.at(0.5, 0.5)
    tile.draw.circle(middle, tile.side * 0.5, fill=tile.front)
    tile.draw.circle(middle, tile.side * (0.32, 0.2, 0.12, 0.25)[tile.turn], fill=tile.third)


def leaf(tile: PatternTile) -> None:
    bow = [(x, 1 + y) for x, y in circle((0, 0), 1, start=-90, end=0)]
    outline = [*bow, *((1 - x, 1 - y) for x, y in bow)]
    mirror = tile.turn % 2
    tile.draw.polygon([tile.at(1 - x if mirror else x, y) for x, y in outline], fill=tile.front)


def bars(tile: PatternTile) -> None:
    for i in (0, 2, 4):
        upright = (*tile.at(i / 6, 0), *tile.at((i + 1) / 6, 1))
        lying = (*tile.at(0, i / 6), *tile.at(1, (i + 1) / 6))
        tile.draw.rectangle(upright if tile.turn % 2 else lying, fill=tile.front)


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
        cast(picture, whole, 0.4, drop=(0.004, 0.02))
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
