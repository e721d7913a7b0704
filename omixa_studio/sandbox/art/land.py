"""Compositions that remember landscapes: hills, dunes, sea, forest, night, city."""

import math

from PIL import Image, ImageDraw

from .brush import Canvas, Outline, PaperSheet, Point, circle, cut, glow, lay, ridge, shine
from .palettes import Colour, mix, ramp

STEPS = 160


def sky(canvas: Canvas) -> Image.Image:
    """A ground of two or three colours with soft lights in it."""
    palette = canvas.palette
    top = mix(palette[2], palette.paper, canvas.rng.uniform(0.1, 0.6))
    warm = mix(palette.accent, palette.paper, 0.45)
    ground = [top, mix(palette[1], palette.paper, 0.4), palette.paper]
    return glow(canvas, ground, [(warm, 0.6), (palette[1], 0.6), (warm, 0.5)])


def sun(canvas: Canvas, picture: Image.Image, colour: Colour, *, height: float) -> None:
    """A disc with a halo, somewhere at a height between 0 (top) and 1."""
    rng, unit = canvas.rng, canvas.unit
    radius = unit * rng.uniform(0.07, 0.17)
    centre = canvas.at(rng.choice((0.26, 0.38, 0.62, 0.74)), height)
    shine(picture, centre, radius * 3.4, colour=mix(colour, (255, 255, 255), 0.25), strength=0.55)
    lay(
        picture,
        cut(canvas.size, circle(centre, radius)),
        mix(colour, (255, 255, 255), 0.14),
        colour,
    )


def slope(canvas: Canvas, base: float, height: float, *, rough: float) -> list[Point]:
    """A ridge line closed at the bottom. `base` is a share of the height; so is `height`, but
    of a canvas no taller than 1.3 times its width."""
    rise = min(canvas.height, canvas.width * 1.3) * height
    heights = ridge(canvas.rng, STEPS, rough)
    edge = [
        (canvas.width * i / STEPS, canvas.height * base - rise * value)
        for i, value in enumerate(heights)
    ]
    return [*edge, (canvas.width, canvas.height), (0, canvas.height)]


def hills(canvas: Canvas) -> Image.Image:
    """Hills behind hills, cut from paper, fading into haze."""
    palette, rng = canvas.palette, canvas.rng
    picture = sky(canvas)
    sun(canvas, picture, mix(palette.accent, palette.paper, 0.12), height=rng.uniform(0.2, 0.4))
    count, rough = rng.choice((5, 6, 7)), rng.uniform(0.3, 0.6)
    colours = (mix(palette[1], palette.paper, 0.35), *palette[1:5])
    for i in range(count):
        share = i / (count - 1)
        outline = slope(canvas, 0.46 + 0.46 * share, 0.12 - 0.03 * share, rough=rough)
        colour = ramp(colours, share)
        haze = (colour, colour, mix(colour, palette.paper, 0.3 * (1 - share)))
        lay(picture, cut(canvas.size, outline), *haze, shadow=0.28, drop=(0.0, -0.012))
    return picture


def dunes(canvas: Canvas) -> Image.Image:
    """Long dunes with a lit and a shaded side."""
    palette, rng = canvas.palette, canvas.rng
    picture = sky(canvas)
    sun(canvas, picture, mix(palette.accent, palette.paper, 0.3), height=rng.uniform(0.18, 0.34))
    for i in range(4):
        share = i / 3
        outline = slope(canvas, 0.52 + 0.32 * share, 0.1, rough=0.26)
        lit = ramp((palette.paper, *palette[1:4]), 0.25 + share * 0.55)
        dark = mix(lit, palette.deep, 0.5)
        lay(
            picture,
            cut(canvas.size, outline),
            lit,
            mix(lit, palette.deep, 0.45),
            shadow=0.3,
            drop=(0, -0.01),
        )
        lay(picture, cut(canvas.size, shade(canvas, outline)), dark, mix(dark, lit, 0.35))
    return picture


def shade(canvas: Canvas, outline: list[Point]) -> Outline:
    """The part of a dune right of a winding line from its crest to the bottom."""
    crest = min(outline[20:-30], key=lambda point: point[1])
    sway, begin = canvas.rng.uniform(-0.3, 0.1) * canvas.width, outline.index(crest)
    line = []
    for i in range(41):
        t = i / 40
        bend = math.sin(t * math.pi * 1.6) * 0.06 * canvas.width * t
        line.append((crest[0] + sway * t * t + bend, crest[1] + (canvas.height - crest[1]) * t))
    reach = min(STEPS, begin + 70)
    end, foot = outline[reach], line[-1]
    back = []
    for i in range(1, 21):
        t = i / 20
        back.append((end[0] + (foot[0] - end[0]) * t**1.6, end[1] + (foot[1] - end[1]) * t**0.8))
    return [*outline[begin : reach + 1], *back, *reversed(line)]


def sea(canvas: Canvas) -> Image.Image:
    """Rolling waves of paper under a low sun."""
    palette, rng = canvas.palette, canvas.rng
    picture = sky(canvas)
    sun(canvas, picture, mix(palette.accent, palette.paper, 0.08), height=rng.uniform(0.24, 0.4))
    count, top = rng.choice((7, 8, 9)), rng.uniform(0.42, 0.55)
    for i in range(count):
        share = i / (count - 1)
        colour = ramp(palette[1:5], share**0.9)
        outline = swell(canvas, top + (0.95 - top) * share, 0.01 + 0.036 * share)
        colours = (mix(colour, palette.paper, 0.16), colour, mix(colour, palette.deep, 0.35))
        lay(picture, cut(canvas.size, outline), *colours, shadow=0.34, drop=(0.0, -0.01))
    return picture


def swell(canvas: Canvas, base: float, height: float) -> Outline:
    """A row of waves with round hollows and pointed crests, on a longer roll."""
    rng, steps = canvas.rng, 260
    count, phase = rng.uniform(1.6, 3.4) * canvas.width / canvas.unit, rng.uniform(0, math.tau)
    lean, rise = rng.uniform(0, math.tau), min(canvas.height, canvas.width * 1.3) * height
    edge = []
    for i in range(steps + 1):
        t = i / steps
        wave = 1 - abs(math.sin(t * count * math.pi + phase)) ** 0.8 * 2
        drift = math.sin(t * math.tau * 0.8 + lean) * 1.1
        edge.append((canvas.width * t, canvas.height * base - rise * (wave + drift)))
    return [*edge, (canvas.width, canvas.height), (0, canvas.height)]


def forest(canvas: Canvas) -> Image.Image:
    """Firs in layers of fog."""
    palette, rng = canvas.palette, canvas.rng
    picture = sky(canvas)
    sun(canvas, picture, mix(palette.accent, palette.paper, 0.5), height=rng.uniform(0.18, 0.34))
    for i in range(5):
        share = i / 4
        colour = ramp((mix(palette[1], palette.paper, 0.5), *palette[2:5]), share)
        fog = mix(colour, palette.paper, 0.6 - 0.5 * share)
        row = plant(canvas, 0.55 + 0.34 * share, share)
        lay(picture, row, colour, mix(colour, fog, 0.35), fog, shadow=0.12, drop=(0, 0.004))
    return picture


def plant(canvas: Canvas, base: float, share: float) -> PaperSheet:
    """One row of firs on a soft slope; nearer rows (`share` to 1) have fewer and larger ones."""
    rng = canvas.rng
    ground = slope(canvas, base, 0.05, rough=0.35)
    count = round((30 - 21 * share) * canvas.width / canvas.unit)
    firs = []
    for i in range(count):
        x = canvas.width * (i + rng.uniform(0.05, 0.95)) / count
        foot = ground[min(STEPS, round(x / canvas.width * STEPS))][1] + canvas.unit * 0.03
        firs.append(fir(x, foot, canvas.unit * (0.15 + 0.25 * share) * rng.uniform(0.55, 1.25)))
    return cut(canvas.size, ground, *firs)


def fir(x: float, foot: float, tall: float) -> Outline:
    """A fir of stacked branches, from the top down the right side and up the left."""
    side: list[Point] = [(0.0, 1.0)]
    for j in range(1, 8):
        wide = 0.19 * (j / 7) ** 0.9
        side += [(wide, 1 - j / 7.4), (wide * 0.55, 1 - j / 7.4 + 0.015)]
    right = [(x + a * tall, foot - b * tall) for a, b in (*side, (0.02, 0.0))]
    left = [(2 * x - px, py) for px, py in reversed(right)]
    return right + left


def night(canvas: Canvas) -> Image.Image:
    """A moon over dark hills and still water."""
    palette, rng = canvas.palette, canvas.rng
    dark = mix(palette.deep, (6, 8, 20), 0.35)
    ground = [dark, mix(palette[3], dark, 0.25), mix(palette[2], dark, 0.1)]
    lights = [(palette[2], 0.45), (mix(palette.accent, palette[3], 0.6), 0.4)]
    picture = glow(canvas, ground, lights)
    stars(canvas, picture)
    sun(canvas, picture, mix(palette.accent, (255, 252, 240), 0.6), height=rng.uniform(0.14, 0.3))
    for i in range(3):
        colour = mix(palette[3], dark, 0.25 + 0.32 * i)
        outline = slope(canvas, 0.58 + 0.05 * i, 0.08 - 0.015 * i, rough=0.5)
        lay(picture, cut(canvas.size, outline), colour, mix(colour, palette[2], 0.15))
    reflect(canvas, picture, int(canvas.height * rng.uniform(0.66, 0.74)))
    return picture


def stars(canvas: Canvas, picture: Image.Image) -> None:
    rng, draw = canvas.rng, ImageDraw.Draw(picture)
    white, dark = mix(canvas.palette.paper, (255, 255, 255), 0.5), canvas.palette.deep
    for _ in range(110):
        centre = canvas.at(rng.random(), 0.6 * rng.random() ** 1.3)
        radius = canvas.unit * rng.uniform(0.0006, 0.0021)
        draw.circle(centre, radius, fill=mix(dark, white, rng.uniform(0.35, 0.95)))


def reflect(canvas: Canvas, picture: Image.Image, shore: int) -> None:
    """Turn what is above the shore upside down below it, darker and in ripples."""
    depth = canvas.height - shore
    part = picture.crop((0, max(0, shore - depth * 2), canvas.width, shore))
    part = part.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((canvas.width, depth))
    picture.paste(
        Image.blend(part, Image.new("RGB", part.size, canvas.palette.deep), 0.35), (0, shore)
    )
    draw = ImageDraw.Draw(picture, "RGBA")
    light = (*mix(canvas.palette[1], (255, 255, 255), 0.3), 46)
    for i in range(46):
        t = (i / 46) ** 1.5
        x, y = canvas.rng.uniform(-0.1, 1) * canvas.width, shore + depth * t
        wide = canvas.width * canvas.rng.uniform(0.03, 0.22) * (0.4 + t)
        thick = max(1, round(canvas.unit * 0.0025 * (0.5 + t)))
        draw.line([(x, y), (x + wide, y)], fill=light, width=thick)


def city(canvas: Canvas) -> Image.Image:
    """Rows of towers in haze, a few windows lit."""
    palette, rng = canvas.palette, canvas.rng
    picture = sky(canvas)
    sun(canvas, picture, mix(palette.accent, palette.paper, 0.2), height=rng.uniform(0.22, 0.4))
    for i in range(4):
        share = i / 3
        colour = ramp((mix(palette[1], palette.paper, 0.35), *palette[2:5]), share)
        towers = [tower(canvas, x / 11, share) for x in range(-1, 12)]
        fog = mix(colour, palette.paper, 0.5 - 0.4 * share)
        lay(picture, cut(canvas.size, *towers), colour, fog, shadow=0.2, drop=(0, 0))
        if share > 0.5:
            windows(canvas, picture, towers)
    return picture


def tower(canvas: Canvas, x: float, share: float) -> list[Point]:
    """A tower with a plain, stepped or slanted head."""
    rng = canvas.rng
    left = canvas.width * (x + rng.uniform(0, 0.05))
    right = left + canvas.width * rng.uniform(0.05, 0.1)
    top = canvas.height * (0.34 + 0.24 * share + rng.uniform(0, 0.3))
    middle, step = (left + right) / 2, canvas.unit * 0.03
    head = rng.choice(
        (
            [(left, top), (right, top)],
            [
                (left, top + step),
                (middle - step, top + step),
                (middle - step, top),
                (middle + step, top),
                (middle + step, top + step),
                (right, top + step),
            ],
            [(left, top + step * 2), (right, top)],
        )
    )
    return [*head, (right, canvas.height), (left, canvas.height)]


def windows(canvas: Canvas, picture: Image.Image, towers: list[list[Point]]) -> None:
    rng, draw, step = canvas.rng, ImageDraw.Draw(picture), canvas.unit * 0.022
    light = mix(canvas.palette.accent, (255, 240, 200), 0.35)
    for points in towers:
        left, right, top = points[-1][0], points[-2][0], max(y for _, y in points[:-2])
        for _ in range(9):
            x = left + step * (0.5 + rng.randrange(max(1, int((right - left) / step) - 1)))
            y = top + step * (1 + rng.randrange(14)) * 1.2
            draw.rectangle((x, y, x + step * 0.4, y + step * 0.55), fill=light)
