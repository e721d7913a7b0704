"""Thousands of odd uploads, the same ones for a seed; run as a program it feeds them to `prepare`.

The program prints what it met as JSON: a process of its own has a peak of memory of its own.
"""

import io
import json
import random
import re
import resource
import struct
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pillow_heif
from PIL import Image, ImageCms

from omixa_studio.services.decoding import prepare
from omixa_studio.services.pixels import ImageRefused

SIDES = (64, 70, 90, 120, 200)
KINDS = ("PNG", "JPEG", "WEBP", "HEIF")
MODES = {
    "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "JPEG": ("L", "RGB", "CMYK"),
    "WEBP": ("RGB", "RGBA"),
    "HEIF": ("L", "RGB", "RGBA"),
}
MAGIC = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff\xe0",
    b"\xff\xd8\xff\xe1",
    b"RIFF\0\0\1\0WEBPVP8 ",
    b"RIFF\0\0\1\0WEBPVP8X",
    b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    b"\0\0\0\x18ftypavif\0\0\0\0",
    b"GIF89a",
    b"BM",
    b"II*\0",
    b"MM\0*",
    b"<svg xmlns='http://www.w3.org/2000/svg'>",
    b"%!PS-Adobe-3.0 EPSF-3.0\n",
    b"\0\0\0\x0cjP  \r\n\x87\n",
    b"PK\3\4",
)
PAGE = b"<!doctype html><script>alert(document.domain)</script>"


def originals(seeded: random.Random) -> list[bytes]:
    """Honest files of every kind and mode, plain and with everything that may hang on one."""
    files = [_saved(seeded, kind, mode) for kind in KINDS for mode in MODES[kind]]
    files += [_saved(seeded, kind, "RGB", **_laden(seeded)) for kind in KINDS[:3]]
    files += [_saved(seeded, "JPEG", "RGB", progressive=True), _saved(seeded, "MPO", "RGB")]
    clear = {"transparency": bytes(range(0, 256, 2)) * 2}
    files += [_saved(seeded, "PNG", "P", **clear), _saved(seeded, "PNG", "L", transparency=9)]
    files += [_deep_png(seeded, colour) for colour in (0, 2, 4, 6)]
    return files + [_moving(kind) for kind in ("PNG", "WEBP", "GIF")]


def cases(count: int, seed: int) -> Iterator[bytes]:
    """So many uploads: honest ones, broken ones, and some that never were pictures."""
    seeded = random.Random(seed)
    files = originals(seeded)
    yield from files[:count]
    for _ in range(count - len(files)):
        yield seeded.choice(WAYS)(seeded, bytearray(seeded.choice(files)))


def cut(seeded: random.Random, data: bytearray) -> bytes:
    return bytes(data[: seeded.randrange(len(data))])


def flip(seeded: random.Random, data: bytearray) -> bytes:
    for _ in range(seeded.choice((1, 3, 20, 200))):
        data[seeded.randrange(len(data))] = seeded.randrange(256)
    return bytes(data)


def spoil_head(seeded: random.Random, data: bytearray) -> bytes:
    for _ in range(seeded.choice((1, 2, 6))):
        data[seeded.randrange(min(len(data), 64))] = seeded.choice((0, 1, 127, 128, 255))
    return bytes(data)


def repeat_a_part(seeded: random.Random, data: bytearray) -> bytes:
    start = seeded.randrange(len(data))
    part = data[start : start + seeded.randrange(1, 400)]
    return bytes(data[:start] + part * seeded.choice((2, 5, 100)) + data[start:])


def lose_a_part(seeded: random.Random, data: bytearray) -> bytes:
    start = seeded.randrange(len(data))
    return bytes(data[:start] + data[start + seeded.randrange(1, 400) :])


def join_two(seeded: random.Random, data: bytearray) -> bytes:
    return bytes(data) + seeded.choice((PAGE, b"PK\3\4" + seeded.randbytes(200), bytes(data)))


def begin_otherwise(seeded: random.Random, data: bytearray) -> bytes:
    return seeded.choice(MAGIC) + bytes(data[seeded.choice((0, 8, 100)) :])


def random_bytes(seeded: random.Random, data: bytearray) -> bytes:
    head = seeded.choice((b"", *MAGIC))
    return head + seeded.randbytes(seeded.choice((0, 1, 20, 300, 5000)))


def claim_a_size(seeded: random.Random, data: bytearray) -> bytes:
    """A PNG of any size, depth and kind of colours by its head, with rows for hardly any."""
    sides = (0, 1, 63, 64, 80, 2049, 7071, 7072, 65_535, 2**31 - 1)
    width, height = seeded.choice(sides), seeded.choice(sides)
    depth, colour = seeded.choice((1, 2, 4, 8, 16, 3)), seeded.choice((0, 2, 3, 4, 6, 7))
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, seeded.choice((0, 1)))
    rows = zlib.compress(bytes(seeded.choice((0, 100, 100_000))))
    palette = _chunk(b"PLTE", seeded.randbytes(3 * seeded.choice((0, 1, 255, 257))))
    clear = _chunk(b"tRNS", seeded.randbytes(seeded.choice((0, 1, 2, 6, 256, 300))))
    extra = seeded.choice((b"", palette, clear, palette + clear))
    return MAGIC[0] + _chunk(b"IHDR", head) + extra + _chunk(b"IDAT", rows) + _chunk(b"IEND")


def burden(seeded: random.Random, data: bytearray) -> bytes:
    """An honest PNG with a strange chunk: text that unpacks to much, a huge or hostile EXIF."""
    plain = _saved(seeded, "PNG", seeded.choice(("RGB", "RGBA", "P")))
    name, content = seeded.choice(BURDENS)
    return plain[:33] + _chunk(name, content(seeded)) + plain[33:]


def nothing_packed(head: bytes) -> Callable[[random.Random], bytes]:
    """Two million packed zeros behind a head, made once for all uploads."""
    content = head + zlib.compress(bytes(2_000_000))
    return lambda _seeded: content


# What a strange chunk holds, made only when it is chosen.
BURDENS: tuple[tuple[bytes, Callable[[random.Random], bytes]], ...] = (
    (b"zTXt", nothing_packed(b"Comment\0\0")),
    (b"iTXt", nothing_packed(b"XML:com.adobe.xmp\0\1\0\0\0")),
    (b"iCCP", nothing_packed(b"icc\0\0")),
    (b"iCCP", lambda seeded: b"icc\0\0" + zlib.compress(seeded.randbytes(3000))),
    (b"eXIf", lambda seeded: _greedy_exif(seeded)),
    (b"eXIf", lambda seeded: seeded.randbytes(500_000)),
    (b"acTL", lambda seeded: struct.pack(">II", seeded.choice((1, 2, 2**31 - 1)), 0)),
    (b"tRNS", lambda seeded: seeded.randbytes(seeded.choice((1, 2, 6, 256)))),
)
WAYS: tuple[Callable[[random.Random, bytearray], bytes], ...] = (
    cut,
    flip,
    flip,
    spoil_head,
    repeat_a_part,
    lose_a_part,
    join_two,
    begin_otherwise,
    random_bytes,
    claim_a_size,
    burden,
)


def bombs(folder: Path) -> None:
    """Write files that are as large unpacked as may be, or a little larger."""
    for width, height in ((7000, 7100), (7100, 7100)):
        for depth, colour, pixel in ((1, 0, 0.125), (8, 6, 4), (16, 2, 6), (8, 3, 1)):
            name = f"{colour}-{depth}-{width}.png"
            (folder / name).write_bytes(_plain_png(width, height, depth, colour, pixel))
    grey = Image.new("L", (7000, 7100), 90)
    grey.save(folder / "scans.jpg", progressive=True)
    Image.new("CMYK", (6000, 6000), (9, 80, 70, 0)).save(folder / "cmyk.jpg")
    Image.new("RGB", (4990, 5000), (9, 80, 70)).save(folder / "large.webp", method=0)
    Image.new("RGBA", (5100, 5000), (9, 80, 70, 9)).save(folder / "larger.webp", method=0)
    camera = pillow_heif.from_pillow(Image.new("RGB", (4000, 3000)))
    camera.save(folder / "camera.heic", enc_params={"preset": "ultrafast"})


def _saved(seeded: random.Random, kind: str, mode: str, **options: Any) -> bytes:
    side = seeded.choice(SIDES)
    grey = Image.frombytes("L", (side, side + 10), seeded.randbytes(side * (side + 10)))
    image = grey.convert("I").convert("I;16") if mode == "I;16" else grey.convert(mode)
    if kind == "MPO":
        options |= {"save_all": True, "append_images": [image]}
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _laden(seeded: random.Random) -> dict[str, object]:
    exif = Image.Exif()
    exif[0x0112] = seeded.randrange(1, 9)
    exif[0x010E] = "x" * 60_000
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return {"exif": exif, "icc_profile": profile}


def _moving(kind: str) -> bytes:
    frames = [Image.new("RGB", (80, 80), colour) for colour in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:])
    return out.getvalue()


def _deep_png(seeded: random.Random, colour: int) -> bytes:
    """Sixteen bits a channel, which Pillow itself writes for greys alone."""
    channels = {0: 1, 2: 3, 4: 2, 6: 4}[colour]
    row = b"\0" + seeded.randbytes(70 * channels * 2)
    clear = _chunk(b"tRNS", b"\1\2" * channels) if colour in (0, 2) else b""
    head = struct.pack(">IIBBBBB", 70, 70, 16, colour, 0, 0, 0)
    rows = _chunk(b"IDAT", zlib.compress(row * 70))
    return MAGIC[0] + _chunk(b"IHDR", head) + clear + rows + _chunk(b"IEND")


def _plain_png(width: int, height: int, depth: int, colour: int, pixel: float) -> bytes:
    """A PNG of one colour, written row by row: it is small, and so is what it takes to make it."""
    packing = zlib.compressobj(1)
    row = bytes(1 + int(width * pixel + 0.99))
    rows = b"".join([*(packing.compress(row) for _ in range(height)), packing.flush()])
    palette = _chunk(b"PLTE", bytes(6)) + _chunk(b"tRNS", b"\7") if colour == 3 else b""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return MAGIC[0] + _chunk(b"IHDR", head) + palette + _chunk(b"IDAT", rows) + _chunk(b"IEND")


def _greedy_exif(seeded: random.Random) -> bytes:
    """Tags that each claim the whole block: read one by one they are gigabytes."""
    count = 2000
    tags = b"".join(struct.pack("<HHII", 1000 + n, 7, 400_000, 8) for n in range(count))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", count) + tags + seeded.randbytes(400_000)


def _chunk(name: bytes, content: bytes = b"") -> bytes:
    check = zlib.crc32(name + content).to_bytes(4, "big")
    return len(content).to_bytes(4, "big") + name + content + check


def feed(uploads: Iterator[bytes]) -> dict[str, Any]:
    """Prepare each upload; count what is taken and refused, note other endings and the slowest."""
    faults: list[str] = []
    met: dict[str, Any] = {"taken": 0, "refused": 0, "slowest": 0.0}
    for number, data in enumerate(uploads):
        start = time.process_time()
        try:
            made, mime, size = prepare(io.BytesIO(data))
            met["taken"] += bool(made and mime and min(size) >= 64)
        except ImageRefused:
            met["refused"] += 1
        except Exception as fault:  # noqa: BLE001 any other ending is what is looked for
            faults.append(f"{number}: {fault!r}")
        met["slowest"] = max(met["slowest"], time.process_time() - start)
    met["faults"] = faults
    met["megabytes"] = peak_megabytes()
    return met


def peak_megabytes() -> float:
    """The most memory this program has held; Linux's own figure is that of who started it."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())[0]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    given: Iterator[bytes]
    if sys.argv[1] == "files":
        given = (Path(name).read_bytes() for name in sys.argv[2:])
    else:
        given = cases(int(sys.argv[1]), int(sys.argv[2]))
    print(json.dumps(feed(given)))
