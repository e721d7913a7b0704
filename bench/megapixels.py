"""What the largest pictures cost in memory: twelve uploads at once, twelve answers at once."""

import io
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Any

import pillow_heif
import requests
from PIL import Image

from . import samples
from .processes import cpu_seconds, family, forget_peak, peak_mib, resident_mib, wait_until
from .studio import Studio, gateway, studio
from .table import Figure, Plan

pillow_heif.register_heif_opener()

SECONDS_TO_GIVE_BACK = 10.0
SECONDS_OF_AN_UPLOAD = 240
SIDE = 8000

Encode = Callable[[Image.Image], bytes]


def uploads_peak(plan: Plan) -> Figure:
    """How many MiB above its rest the web process goes under large uploads at once."""
    found = _uploads(plan)
    taken = f"{found['taken']:.0f} of {plan.uploads} taken"
    spent = f"the last after {found['seconds']:.0f} s, {found['cpu_seconds']:.1f} s of CPU"
    return Figure(found["peak_mib"], "MiB", f"{taken}, {spent}", found)


def uploads_kept(plan: Plan) -> Figure:
    """How many MiB above its rest the web process still has ten seconds after them."""
    found = _uploads(plan)
    return Figure(found["kept_mib"], "MiB", f"rest {found['rest_mib']:.0f} MiB", found)


@cache
def _uploads(plan: Plan) -> dict[str, float]:
    files = [encode(_large(plan)) for encode in UPLOADED]
    with tempfile.TemporaryDirectory() as name, studio(Path(name) / "data") as found:
        found.log_in()
        # The first one brings in what decodes; that is no cost of the others.
        _send(found, samples.picture(256))
        servers = family(found.web)
        rest = _resident(servers)
        for pid in servers:
            forget_peak(pid)
        began, spent = time.monotonic(), cpu_seconds(found.web)
        with ThreadPoolExecutor(plan.uploads) as pool:
            sent = [files[number % len(files)] for number in range(plan.uploads)]
            taken = sum(pool.map(partial(_send, found), sent))
        seconds, spent = time.monotonic() - began, cpu_seconds(found.web) - spent
        peak = sum(map(peak_mib, servers)) - rest
        time.sleep(SECONDS_TO_GIVE_BACK if plan.turns > 1 else 1)
        kept = _resident(servers) - rest
    return {
        "peak_mib": peak,
        "kept_mib": kept,
        "rest_mib": rest,
        "taken": taken,
        "seconds": seconds,
        "cpu_seconds": spent,
    }


def answers_of_all_kinds(plan: Plan) -> Figure:
    """The worker's peak in MiB with large answers at once, for the kind that takes most."""
    peaks = {kind: _peak_of(encode(_large(plan)), plan) for kind, encode in ANSWERED.items()}
    worst = max(peaks, key=lambda kind: peaks[kind])
    return Figure(
        value=peaks[worst],
        unit="MiB",
        said=", ".join(f"{kind} {mib:.0f}" for kind, mib in peaks.items()),
        details=peaks,
    )


def _peak_of(picture: bytes, plan: Plan) -> float:
    with tempfile.TemporaryDirectory() as name:
        answer = samples.write_answer(Path(name) / "answer.json", [picture])
        with (
            gateway(answer, 0.2, Path(name)) as address,
            studio(Path(name) / "data", gateway=address) as found,
        ):
            found.log_in()
            found.click("one before")
            wait_until(lambda: found.count("done") == 1, seconds=120)
            forget_peak(found.worker)
            with found.held_back():
                for number in range(plan.uploads - 1):
                    found.click(f"large {number}")
            found.click("the last one wakes it")
            everything = plan.uploads + 1
            wait_until(lambda: found.count("done") == everything, seconds=600, step=0.2)
            return peak_mib(found.worker)


def _send(found: Studio, data: bytes) -> bool:
    """Upload a file; whether it was taken."""
    answer = requests.post(
        f"{found.address}/references/",
        {"csrfmiddlewaretoken": found.form_token()},
        files={"file": ("large.png", data)},
        cookies=found.session.cookies.get_dict(),
        timeout=SECONDS_OF_AN_UPLOAD,
    )
    if answer.status_code not in (200, 422):
        raise RuntimeError(f"the studio answered an upload with {answer.status_code}")
    return answer.status_code == 200


def _resident(servers: list[int]) -> float:
    return sum(map(resident_mib, servers))


def _large(plan: Plan) -> Image.Image:
    """A picture of so many megapixels, with grain in a part of it."""
    size = (plan.megapixels * 10**6 // SIDE, SIDE)
    light = Image.linear_gradient("L").resize(size)
    whole = Image.merge("RGB", (light, light.transpose(Image.Transpose.ROTATE_180), light))
    whole.paste(Image.frombytes("L", (1024, 1024), os.urandom(2**20)).convert("RGB"))
    return whole


def _encoded(image: Image.Image, *, kind: str, mode: str, part: float, **options: Any) -> bytes:
    image = image.crop((0, 0, image.width, round(image.height * part)))
    if mode == "I;16":
        image = Image.frombytes(mode, image.size, image.convert("LA").tobytes())
    out = io.BytesIO()
    image.convert(mode).save(out, kind, **options)
    return out.getvalue()


def _encoder(kind: str, mode: str = "RGB", part: float = 1.0, **options: Any) -> Encode:
    return partial(_encoded, kind=kind, mode=mode, part=part, **options)


# libwebp holds three copies of what it unpacks, so half as many pixels may be uploaded.
UPLOADED = (
    _encoder("JPEG"),
    _encoder("JPEG", progressive=True),
    _encoder("PNG", compress_level=1),
    _encoder("PNG", "RGBA", compress_level=1),
    _encoder("PNG", "P", compress_level=1),
    _encoder("PNG", "I;16", compress_level=1),
    _encoder("WEBP", "RGBA", 0.5, method=0),
    _encoder("WEBP", "RGB", 0.5, lossless=True, method=0, quality=0),
)
ANSWERED = {
    "JPEG": _encoder("JPEG"),
    "progressive JPEG": _encoder("JPEG", progressive=True),
    "PNG": _encoder("PNG", compress_level=1),
    "clear PNG": _encoder("PNG", "RGBA", compress_level=1),
    "deep PNG": _encoder("PNG", "I;16", compress_level=1),
    "WebP": _encoder("WEBP", method=0),
    "lossless WebP": _encoder("WEBP", "RGBA", lossless=True, method=0, quality=0),
    "GIF": _encoder("GIF", "P"),
    "TIFF": _encoder("TIFF", compression="tiff_lzw"),
    "AVIF": _encoder("AVIF", speed=10),
    "HEIC": _encoder("HEIF", enc_params={"preset": "ultrafast"}),
    "BMP": _encoder("BMP", "P"),
}
