"""What the sandbox does to input pictures, so that everyone can see that it did."""

import random

from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps

from .art.brush import Canvas, Size, blob, cast, circle, cut, grain, lay
from .art.forms import frond
from .art.palettes import choose_palette, mix
from .shapes import upscaled

# How much of the source an edit repaints, and how many cut-outs it adds.
FIDELITY = {"low": (0.85, 7), "auto": (0.6, 4), "high": (0.3, 2)}
# Saturation and contrast of the documented styles of the creative upscaler.
STYLES = {
    "enhance": (1.15, 1.1),
    "photographic": (1.0, 1.15),
    "cinematic": (0.8, 1.3),
    "anime": (1.7, 1.15),
    "digital-art": (1.4, 1.25),
}
CORNER = 12


def opaque(picture: Image.Image) -> Image.Image:
    """The picture in RGB; what was transparent becomes white."""
    if "A" not in picture.getbands() and picture.mode != "P":
        return picture.convert("RGB")
    layered = picture.convert("RGBA")
    ground = Image.new("RGB", picture.size, (255, 255, 255))
    ground.paste(layered, (0, 0), layered)
    return ground


def edit(
    sources: tuple[Image.Image, ...],
    size: Size,
    rng: random.Random,
    *,
    prompt: str,
    fidelity: str = "auto",
    mask: Image.Image | None = None,
) -> Image.Image:
    """The first source in the prompt's colours, the others as cut-outs on it, and a few leaves
    and discs. With a mask only its transparent part changes."""
    strength, count = FIDELITY.get(fidelity, FIDELITY["auto"])
    base = ImageOps.fit(opaque(sources[0]), size, Image.Resampling.LANCZOS)
    canvas = Canvas(*size, rng, choose_palette(prompt, rng))
    picture = toned(base, canvas, strength)
    for source, x in zip(sources[1:], (0.72, 0.28, 0.5, 0.2, 0.8), strict=False):
        collage(canvas, picture, opaque(source), x=x)
    decorate(canvas, picture, count)
    picture = grain(picture, 0.3)
    if mask is not None:
        keep = mask.getchannel("A").resize(size, Image.Resampling.BILINEAR)
        picture.paste(base, (0, 0), keep)
    return picture


def toned(base: Image.Image, canvas: Canvas, strength: float) -> Image.Image:
    """The picture between its own colours and those of the palette."""
    palette = canvas.palette
    grey = ImageOps.autocontrast(base.convert("L"), 1)
    duo = ImageOps.colorize(
        grey, palette.deep, palette.paper, mix(palette[2], palette.accent, 0.25)
    )
    return Image.blend(base, duo, strength)


def collage(canvas: Canvas, picture: Image.Image, source: Image.Image, *, x: float) -> None:
    """Another source as a pebble of paper with a shadow."""
    rng, unit = canvas.rng, canvas.unit
    outline = blob(rng, canvas.at(x, rng.uniform(0.4, 0.65)), unit * 0.27, wobble=0.1)
    sheet = cut(canvas.size, outline)
    cast(picture, sheet, 0.5, drop=(0.006, 0.014))
    part = ImageOps.fit(source, sheet.mask.size, Image.Resampling.LANCZOS)
    picture.paste(part, (sheet.left, sheet.top), sheet.mask)


def decorate(canvas: Canvas, picture: Image.Image, count: int) -> None:
    """Leaves and discs around the edges."""
    palette, rng, unit = canvas.palette, canvas.rng, canvas.unit
    colours = [palette.accent, palette[3], palette.paper, palette.deep, palette[1]]
    for i in range(count):
        spot = canvas.at(rng.choice((0.1, 0.9, 0.85, 0.15)), rng.uniform(0.05, 0.95))
        if i % 3 == 0:
            sheet = cut(canvas.size, circle(spot, unit * rng.uniform(0.06, 0.13)))
        else:
            sheet = cut(
                canvas.size,
                *frond(canvas, spot, unit * rng.uniform(0.3, 0.5), angle=rng.uniform(0, 6)),
            )
        lay(picture, sheet, colours[i % 5], shadow=0.35)


def remove_background(source: Image.Image) -> Image.Image:
    """RGBA of the same size: what differs from the corners, inside a soft ellipse, stays."""
    picture = opaque(source)
    small = picture.resize((256, 256), Image.Resampling.BILINEAR)
    alpha = ImageChops.multiply(ellipse(), standing_out(small))
    result = picture.convert("RGBA")
    result.putalpha(alpha.resize(picture.size, Image.Resampling.BICUBIC))
    return result


def ellipse() -> Image.Image:
    """Opaque in the middle, fading out towards the edges of 256 x 256 pixels."""
    return Image.radial_gradient("L").point([max(0, min(255, (170 - v) * 6)) for v in range(256)])


def standing_out(small: Image.Image) -> Image.Image:
    """How far each pixel is from the colours of all four corners. Where nothing much stands out
    the ellipse alone has to do."""
    nearest = Image.new("L", small.size, 255)
    far = small.width - CORNER
    for left, top in ((0, 0), (far, 0), (0, far), (far, far)):
        colour = small.crop((left, top, left + CORNER, top + CORNER)).resize(
            (1, 1), Image.Resampling.BOX
        )
        apart = ImageChops.difference(small, colour.resize(small.size))
        red, green, blue = apart.split()
        nearest = ImageChops.darker(
            nearest, ImageChops.lighter(ImageChops.lighter(red, green), blue)
        )
    cut_off = nearest.point([max(0, min(255, (v - 14) * 9)) for v in range(256)])
    soft = cut_off.filter(ImageFilter.GaussianBlur(2))
    covered = soft.resize((1, 1), Image.Resampling.BOX).tobytes()[0]
    return soft if covered > 30 else Image.new("L", small.size, 255)


def upscale(
    source: Image.Image, *, creativity: float, style: str = "", creative: bool
) -> Image.Image:
    """The source enlarged two to four times (4096 pixels at most) and sharpened; the creative
    way adds fine detail, more with `creativity`."""
    side = max(source.size)
    factor = 4 if side <= 640 else 3 if side <= 1024 else 2
    alpha = source.getchannel("A") if "A" in source.getbands() else None
    size = upscaled(source.size, factor)
    large = source.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    large = large.filter(ImageFilter.UnsharpMask(2, 90, 2))
    if creative:
        large = detailed(large, creativity, style)
    if alpha is not None:
        large.putalpha(alpha.resize(size, Image.Resampling.LANCZOS))
    return large


def detailed(large: Image.Image, creativity: float, style: str) -> Image.Image:
    """Local contrast, a brushed relief and grain."""
    relief = large.convert("L").filter(ImageFilter.EMBOSS)
    relief = relief.point(
        [max(0, min(255, round(128 + (v - 128) * creativity * 4))) for v in range(256)]
    )
    brushed = ImageChops.overlay(large, Image.merge("RGB", (relief, relief, relief)))
    saturation, contrast = STYLES.get(style, (1.05 + creativity / 2, 1.05))
    vivid = ImageEnhance.Contrast(ImageEnhance.Color(brushed).enhance(saturation)).enhance(contrast)
    return grain(vivid, 0.4 + creativity)
