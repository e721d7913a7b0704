"""Pictures of every kind that browsers show, drawn here: turns, profiles, depths, clear parts."""

import io
import struct
import zlib
from collections.abc import Callable
from functools import partial

from PIL import Image, ImageCms

SIZE = (120, 80)
# Six fields, three beside each other; no turn and no swap of channels leaves them as they are.
FIELDS = (
    ((200, 30, 40), (40, 160, 60), (30, 60, 190)),
    ((220, 200, 60), (120, 120, 120), (90, 30, 140)),
)
# Colourants of Display P3 for the white of profiles (D50), as x, y, z.
DISPLAY_P3 = {
    b"rXYZ": (0.51512, 0.24120, -0.00105),
    b"gXYZ": (0.29198, 0.69225, 0.04189),
    b"bXYZ": (0.15710, 0.06657, 0.78407),
}
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    b'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
)
PNG_HEAD = 33


def fields(mode: str = "RGB", size: tuple[int, int] = SIZE) -> Image.Image:
    """Six flat fields of different colours."""
    image = Image.new("RGB", size)
    wide, high = size[0] // 3, size[1] // 2
    for row, colours in enumerate(FIELDS):
        for column, colour in enumerate(colours):
            left, top = column * wide, row * high
            image.paste(colour, (left, top, left + wide, top + high))
    return image if mode == "RGB" else image.convert(mode)


def clear(mode: str = "RGBA") -> Image.Image:
    """The fields, of which the left third is clear and the middle half clear."""
    alpha = Image.new("L", SIZE, 255)
    alpha.paste(0, (0, 0, 40, 80))
    alpha.paste(128, (40, 0, 80, 80))
    image = fields()
    image.putalpha(alpha)
    return image if mode == "RGBA" else image.convert(mode)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def exif(turn: int) -> bytes:
    block = Image.Exif()
    block[0x0112] = turn
    return block.tobytes()


def profile(tags: dict[bytes, tuple[float, float, float]]) -> bytes:
    """An sRGB profile with other colourants."""
    whole = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for at in range(132, 132 + 12 * int.from_bytes(whole[128:132], "big"), 12):
        name, place = bytes(whole[at : at + 4]), int.from_bytes(whole[at + 4 : at + 8], "big")
        if name in tags:
            whole[place + 8 : place + 20] = struct.pack(
                ">3i", *(round(part * 65536) for part in tags[name])
            )
    return bytes(whole)


def linear() -> bytes:
    """An sRGB profile with a straight line for its curve."""
    whole = bytearray(profile({}))
    at = whole.index(b"para") + 12
    whole[at : at + 20] = struct.pack(">5i", 65536, 65536, 0, 0, 0)
    return bytes(whole)


def swapped() -> bytes:
    """An sRGB profile whose red and green have changed places."""
    whole = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = whole.index(b"rXYZ"), whole.index(b"gXYZ")
    whole[red : red + 4], whole[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(whole)


def grey_profile(gamma: float) -> bytes:
    """A profile of greys with a plain gamma."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    white = b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061)
    words = b"desc" + bytes(4) + struct.pack(">I", 5) + b"grey\0" + bytes(78 + 3)
    parts = {b"desc": words, b"wtpt": white, b"kTRC": curve}
    place, table, body = 128 + 4 + 12 * len(parts), b"", b""
    for name, data in parts.items():
        table += name + struct.pack(">II", place + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    head = bytearray(128)
    head[8:12], head[12:16] = b"\x02\x40\0\0", b"mntr"
    head[16:20], head[20:24], head[36:40] = b"GRAY", b"XYZ ", b"acsp"
    head[68:80] = struct.pack(">3i", 63190, 65536, 54061)
    whole = bytes(head) + struct.pack(">I", len(parts)) + table + body
    return struct.pack(">I", len(whole)) + whole[4:]


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def with_chunks(png: bytes, *chunks: bytes) -> bytes:
    """A PNG with more parts right behind its head."""
    return png[:PNG_HEAD] + b"".join(chunks) + png[PNG_HEAD:]


def deep_png(colour: int, channels: int) -> bytes:
    """A PNG of sixteen bits a channel; `colour` is PNG's own number of the kind."""
    bands = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels]
    image = clear(bands) if bands in ("LA", "RGBA") else fields(bands)
    rows = image.tobytes()
    line = SIZE[0] * channels
    # Low bytes that are no copies of the upper ones.
    raw = b"".join(
        b"\0" + bytes(part for value in rows[at : at + line] for part in (value, 77))
        for at in range(0, len(rows), line)
    )
    head = struct.pack(">IIBBBBB", *SIZE, 16, colour, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(raw)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def shallow_png(depth: int, key: int) -> bytes:
    """A PNG of greys of less than eight bits, of which one is clear."""
    width, height = SIZE
    greys = [value * 2**depth // 256 for value in fields("L").tobytes()]
    rows = (greys[at : at + width] for at in range(0, width * height, width))
    bits = ("".join(f"{grey:0{depth}b}" for grey in row) for row in rows)
    raw = b"".join(b"\0" + int(row, 2).to_bytes(width * depth // 8, "big") for row in bits)
    head = struct.pack(">IIBBBBB", *SIZE, depth, 0, 0, 0, 0)
    clear = chunk(b"tRNS", struct.pack(">H", key))
    parts = (chunk(b"IHDR", head), clear, chunk(b"IDAT", zlib.compress(raw)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _gamma(value: float) -> bytes:
    return chunk(b"gAMA", struct.pack(">I", round(value * 100_000)))


def _chromaticities(*values: float) -> bytes:
    return chunk(b"cHRM", struct.pack(">8I", *(round(value * 100_000) for value in values)))


P3_POINTS = (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)
SRGB_POINTS = (0.3127, 0.3290, 0.640, 0.330, 0.300, 0.600, 0.150, 0.060)


EMPTY_PARTS = (b"cHRM", b"gAMA", b"sRGB", b"iCCP", b"tRNS", b"pHYs", b"acTL", b"eXIf")
SCANS = b"\xff\xda" * 300


def _palette(**options: object) -> bytes:
    return saved(fields().quantize(8), "PNG", **options)


def odd_exif(form: int, count: int) -> bytes:
    """An orientation that is not one short number; 3 is the form of those."""
    return b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<HHHIII", 1, 0x0112, form, count, 6, 0)


def big_endian_exif() -> bytes:
    return b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, 6, 0, 0)


Draw = Callable[[], bytes]


def _rgb_png(**options: object) -> bytes:
    return saved(fields(), "PNG", **options)


def _grey_png(**options: object) -> bytes:
    return saved(fields("L"), "PNG", **options)


def _cicp(*points: int) -> bytes:
    return chunk(b"cICP", bytes(points))


def _png_of_profiles() -> dict[str, Draw]:
    """A PNG that says its colours by an ICC profile, or by nothing."""
    return {
        "plain": _rgb_png,
        "p3": lambda: _rgb_png(icc_profile=profile(DISPLAY_P3)),
        "swapped": lambda: _rgb_png(icc_profile=swapped()),
        "broken profile": lambda: _rgb_png(icc_profile=b"no profile"),
        "clear p3": lambda: saved(clear(), "PNG", icc_profile=profile(DISPLAY_P3)),
        "palette p3": lambda: _palette(icc_profile=profile(DISPLAY_P3)),
        "grey": _grey_png,
        "grey with grey profile": lambda: _grey_png(icc_profile=grey_profile(1.0)),
        "grey with p3": lambda: _grey_png(icc_profile=profile(DISPLAY_P3)),
        "colours with grey profile": lambda: _rgb_png(icc_profile=grey_profile(1.0)),
        "grey with linear colours": lambda: _grey_png(icc_profile=linear()),
        "grey clear with grey profile": lambda: saved(
            clear("LA"), "PNG", icc_profile=grey_profile(1.0)
        ),
        "grey clear with linear colours": lambda: saved(clear("LA"), "PNG", icc_profile=linear()),
        "deep grey with linear colours": lambda: with_chunks(
            deep_png(0, 1), chunk(b"iCCP", b"x\0\0" + zlib.compress(linear()))
        ),
        "deep grey profile": lambda: with_chunks(
            deep_png(0, 1), chunk(b"iCCP", b"x\0\0" + zlib.compress(grey_profile(1.0)))
        ),
    }


def _png_of_gammas() -> dict[str, Draw]:
    """A PNG that says its colours by gAMA and cHRM."""
    return {
        "gamma 1": lambda: with_chunks(_rgb_png(), _gamma(1.0)),
        "gamma 0.45455": lambda: with_chunks(_rgb_png(), _gamma(0.45455)),
        "gamma 0.6": lambda: with_chunks(_rgb_png(), _gamma(0.6)),
        "gamma 1 grey": lambda: with_chunks(_grey_png(), _gamma(1.0)),
        "gamma 1 palette": lambda: with_chunks(_palette(), _gamma(1.0)),
        "gamma 1 clear": lambda: with_chunks(saved(clear(), "PNG"), _gamma(1.0)),
        "gamma and points": lambda: with_chunks(
            _rgb_png(), _gamma(0.45455), _chromaticities(*P3_POINTS)
        ),
        "gamma and usual points": lambda: with_chunks(
            _rgb_png(), _gamma(0.45455), _chromaticities(*SRGB_POINTS)
        ),
        "points alone": lambda: with_chunks(_rgb_png(), _chromaticities(*P3_POINTS)),
        "points on one line": lambda: with_chunks(
            _rgb_png(), _gamma(0.45455), _chromaticities(*[0.0] * 8)
        ),
        "srgb and gamma": lambda: with_chunks(_rgb_png(), chunk(b"sRGB", b"\0"), _gamma(1.0)),
        "profile and gamma": lambda: with_chunks(_rgb_png(icc_profile=swapped()), _gamma(1.0)),
        "deep grey gamma": lambda: with_chunks(deep_png(0, 1), _gamma(1.0)),
    }


def _png_of_code_points() -> dict[str, Draw]:
    """A PNG that says its colours by cICP."""
    return {
        "cicp p3": lambda: with_chunks(_rgb_png(), _cicp(12, 13, 0, 1)),
        "cicp linear": lambda: with_chunks(_rgb_png(), _cicp(9, 8, 0, 1)),
        "cicp video": lambda: with_chunks(_rgb_png(), _cicp(1, 1, 0, 1)),
        "cicp of another curve": lambda: with_chunks(_rgb_png(), _cicp(12, 2, 0, 1)),
        "cicp of half the range": lambda: with_chunks(_rgb_png(), _cicp(12, 13, 0, 0)),
        "cicp grey": lambda: with_chunks(_grey_png(), _cicp(12, 8, 0, 1)),
        "cicp and profile": lambda: with_chunks(
            _rgb_png(icc_profile=swapped()), _cicp(12, 13, 0, 1)
        ),
        "cicp srgb": lambda: with_chunks(_rgb_png(), _cicp(1, 13, 0, 1)),
    }


def _png_of_depths() -> dict[str, Draw]:
    """Sixteen bits a channel, and what is clear by alpha or by a key."""
    return {
        "deep grey": lambda: deep_png(0, 1),
        "deep colours": lambda: deep_png(2, 3),
        "deep grey clear": lambda: deep_png(4, 2),
        "deep colours clear": lambda: deep_png(6, 4),
        "deep grey key": lambda: with_chunks(
            deep_png(0, 1),
            chunk(b"tRNS", bytes((fields("L").tobytes()[20 * SIZE[0] + 20], 77))),
        ),
        "deep grey other key": lambda: with_chunks(
            deep_png(0, 1),
            chunk(b"tRNS", bytes((fields("L").tobytes()[20 * SIZE[0] + 20], 78))),
        ),
        "deep colours key": lambda: with_chunks(
            deep_png(2, 3), chunk(b"tRNS", bytes((200, 77, 30, 77, 40, 77)))
        ),
        "deep colours dark key": lambda: with_chunks(
            deep_png(2, 3), chunk(b"tRNS", bytes((0, 200, 0, 30, 0, 40)))
        ),
        "grey of one bit key": lambda: shallow_png(1, 1),
        "grey of one bit no key": lambda: shallow_png(1, 255),
        "grey of two bits key": lambda: shallow_png(2, 1),
        "grey of four bits key": lambda: shallow_png(4, 7),
        "colours long key": lambda: with_chunks(
            _rgb_png(), chunk(b"tRNS", bytes((1, 200, 1, 30, 1, 40)))
        ),
        "grey of eight bits long key": lambda: with_chunks(
            _grey_png(), chunk(b"tRNS", struct.pack(">H", 256 + fields("L").tobytes()[0]))
        ),
        "palette": _palette,
        "palette key": lambda: _palette(transparency=1),
        "palette alphas": lambda: _palette(transparency=bytes(range(0, 240, 30))),
        "grey key": lambda: _grey_png(transparency=fields("L").getpixel((20, 20))),
        "colours key": lambda: _rgb_png(transparency=(200, 30, 40)),
        "clear": lambda: saved(clear(), "PNG"),
        "grey clear": lambda: saved(clear("LA"), "PNG"),
        "black and white": lambda: saved(fields("1"), "PNG"),
    }


def _png_turned() -> dict[str, Draw]:
    """A PNG that says how to turn it."""
    return {
        "turn as long": lambda: _rgb_png(exif=odd_exif(4, 1)),
        "turn big-endian": lambda: _rgb_png(exif=big_endian_exif()),
        "xmp": lambda: with_chunks(
            _rgb_png(), chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)
        ),
        "late exif": lambda: _rgb_png()[:-12] + chunk(b"eXIf", exif(6)[6:]) + _rgb_png()[-12:],
        **{f"turn {n}": partial(_rgb_png, exif=exif(n)) for n in range(10)},
    }


def _png_of_odd_parts() -> dict[str, Draw]:
    """A PNG with what browsers step over."""
    return {
        "long text": lambda: with_chunks(_rgb_png(), packed(b"zTXt", b"", 2**21)),
        "long profile": lambda: with_chunks(
            _rgb_png(), packed(b"iCCP", profile(DISPLAY_P3), 2**21)
        ),
        "nothing in its parts": lambda: with_chunks(
            _rgb_png(), *(chunk(name, b"") for name in EMPTY_PARTS)
        ),
        "zeros behind its end": lambda: _rgb_png() + bytes(200_000),
    }


def _png() -> dict[str, Draw]:
    return {
        **_png_of_profiles(),
        **_png_of_gammas(),
        **_png_of_code_points(),
        **_png_of_depths(),
        **_png_turned(),
        **_png_of_odd_parts(),
        "small": lambda: saved(fields(size=(6, 4)), "PNG"),
        "small clear": lambda: saved(clear().resize((6, 4), Image.Resampling.NEAREST), "PNG"),
    }


def packed(name: bytes, data: bytes, zeros: int) -> bytes:
    return chunk(name, b"x\0\0" + zlib.compress(data + bytes(zeros)))


def _jpeg() -> dict[str, Draw]:
    def rgb(**options: object) -> bytes:
        return saved(fields(), "JPEG", quality=95, **options)

    def of(mode: str, **options: object) -> bytes:
        return saved(fields(mode), "JPEG", quality=95, **options)

    return {
        "plain": rgb,
        "progressive": lambda: rgb(progressive=True),
        "grey": lambda: of("L"),
        "kept as rgb": lambda: rgb(keep_rgb=True),
        "cmyk": lambda: of("CMYK"),
        "cmyk turned": lambda: of("CMYK", exif=exif(6)),
        "cmyk with p3": lambda: of("CMYK", icc_profile=profile(DISPLAY_P3)),
        "p3": lambda: rgb(icc_profile=profile(DISPLAY_P3)),
        "swapped": lambda: rgb(icc_profile=swapped()),
        "swapped turned": lambda: rgb(icc_profile=swapped(), exif=exif(8)),
        "broken profile": lambda: rgb(icc_profile=b"no profile"),
        "grey with grey profile": lambda: of("L", icc_profile=grey_profile(1.0)),
        "grey with p3": lambda: of("L", icc_profile=profile(DISPLAY_P3)),
        "colours with grey profile": lambda: rgb(icc_profile=grey_profile(1.0)),
        "xmp": lambda: rgb(xmp=XMP),
        "xmp against exif": lambda: rgb(xmp=XMP, exif=exif(3)),
        "grey with linear colours": lambda: of("L", icc_profile=linear()),
        "scans in a note": lambda: rgb(comment=SCANS),
        "scans behind its end": lambda: rgb() + SCANS,
        "turn as long": lambda: rgb(exif=odd_exif(4, 1)),
        "turn with sign": lambda: rgb(exif=odd_exif(8, 1)),
        "two turns": lambda: rgb(exif=odd_exif(3, 2)),
        "turn big-endian": lambda: rgb(exif=big_endian_exif()),
        "large": lambda: saved(
            fields(size=(2400, 1200)), "JPEG", quality=90, exif=exif(6), icc_profile=swapped()
        ),
        **{f"turn {n}": partial(rgb, exif=exif(n)) for n in range(10)},
    }


def _webp() -> dict[str, Draw]:
    def rgb(**options: object) -> bytes:
        return saved(fields(), "WEBP", **{"quality": 95, **options})

    return {
        "plain": rgb,
        "lossless": lambda: rgb(lossless=True),
        "clear": lambda: saved(clear(), "WEBP", lossless=True),
        "p3": lambda: rgb(icc_profile=profile(DISPLAY_P3)),
        "clear p3": lambda: saved(clear(), "WEBP", icc_profile=profile(DISPLAY_P3)),
        "swapped": lambda: rgb(icc_profile=swapped()),
        "xmp": lambda: rgb(xmp=XMP),
        "moving": lambda: saved(
            fields(), "WEBP", save_all=True, append_images=[Image.new("RGB", SIZE)]
        ),
        **{f"turn {n}": partial(rgb, exif=exif(n)) for n in range(10)},
    }


def partial_gif(image: Image.Image) -> bytes:
    """A GIF that is half as wide again as its only frame."""
    whole = saved(image, "GIF")
    return whole[:6] + struct.pack("<H", SIZE[0] * 3 // 2) + whole[8:]


def _gif() -> dict[str, Draw]:
    return {
        "plain": lambda: saved(fields(), "GIF"),
        "key": lambda: saved(fields().quantize(8), "GIF", transparency=1),
        "frame of a part": partial(partial_gif, fields().quantize(8)),
        "frame of a part with key": partial(partial_gif, clear().quantize(8)),
        "moving": lambda: saved(
            fields(), "GIF", save_all=True, append_images=[Image.new("RGB", SIZE)], duration=60_000
        ),
    }


def _avif() -> dict[str, Draw]:
    def rgb(**options: object) -> bytes:
        return saved(fields(), "AVIF", quality=95, **options)

    return {
        "plain": rgb,
        "clear": lambda: saved(clear(), "AVIF", quality=95),
        "p3": lambda: rgb(icc_profile=profile(DISPLAY_P3)),
        "swapped": lambda: rgb(icc_profile=swapped()),
        "xmp": lambda: rgb(xmp=XMP),
        **{f"turn {n}": partial(rgb, exif=exif(n)) for n in range(1, 9)},
    }


def _bmp() -> dict[str, Draw]:
    return {
        "plain": lambda: saved(fields(), "BMP"),
        "palette": lambda: saved(fields().quantize(8), "BMP"),
        "clear": lambda: saved(clear(), "BMP"),
        "grey": lambda: saved(fields("L"), "BMP"),
    }


KINDS = {
    "png": _png(),
    "jpeg": _jpeg(),
    "webp": _webp(),
    "gif": _gif(),
    "avif": _avif(),
    "bmp": _bmp(),
}


def undrawable() -> dict[str, bytes]:
    "What is a picture by its bytes, and no preview."
    whole = saved(Image.new("RGB", (64, 48), (90, 30, 140)), "PNG")
    large = bytearray(whole)
    large[16:24] = (60_000).to_bytes(4, "big") * 2
    large[29:33] = zlib.crc32(large[12:29]).to_bytes(4, "big")
    return {
        "png": whole[:60],
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "jxl": b"\xff\x0a" + bytes(40),
        "jp2": b"\xff\x4f\xff\x51" + bytes(40),
        "tiff": b"II*\0" + bytes(40),
        "large": bytes(large),
    }


def seldom_drawn() -> dict[str, bytes]:
    """Kinds that people may not upload, and a PNG with a damaged note: drawn all the same."""
    note = chunk(b"tEXt", b"Comment\0made by hand")
    damaged = note[:-4] + bytes(4)
    return {
        "avif": saved(fields(), "AVIF"),
        "gif": saved(fields(), "GIF"),
        "heic": saved(fields(), "HEIF"),
        "tiff": saved(fields(), "TIFF"),
        "png": with_chunks(saved(fields(), "PNG"), damaged),
    }


def lossless_jpeg() -> bytes:
    """The fields as greys in a JPEG of the kind that loses nothing (SOF3): left neighbours."""
    image = fields("L")
    width, height = SIZE
    bits = "".join(_coded(image.tobytes(), at, width) for at in range(width * height))
    bits += "1" * (-len(bits) % 8)
    packed = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    parts = (
        (0xC3, struct.pack(">BHHB3B", 8, height, width, 1, 1, 0x11, 0)),
        # Nine lengths of differences, each with a code of four bits.
        (0xC4, bytes([0, 0, 0, 0, 9, *[0] * 12, *range(9)])),
        (0xDA, bytes([1, 1, 0, 1, 0, 0])),
    )
    heads = b"".join(
        b"\xff" + bytes([name]) + struct.pack(">H", len(data) + 2) + data for name, data in parts
    )
    return b"\xff\xd8" + heads + packed + b"\xff\xd9"


def _coded(pixels: bytes, at: int, width: int) -> str:
    """The difference of a pixel to the one at its left (above, in the first column) as bits."""
    before = pixels[at - 1] if at % width else pixels[at - width] if at else 128
    step = pixels[at] - before
    length = abs(step).bit_length()
    value = step if step > 0 else step + 2**length - 1
    return f"{length:04b}" + (f"{value:0{length}b}" if length else "")
