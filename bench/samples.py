"""Answers of the gateway for measuring: real pictures of stated sizes."""

import io
import json
import os
import random
from functools import cache
from pathlib import Path

import pybase64
from PIL import Image

from omixa_studio.sandbox.art.compose import compose

PROMPT = "a calm sea with a lighthouse"


@cache
def picture(side: int = 1024) -> bytes:
    """A drawn picture as PNG; at 1024 px it has about 1.5 MB, as the gateway's own do."""
    drawn = compose(PROMPT, (side, side), random.Random(3))
    out = io.BytesIO()
    drawn.save(out, "PNG", compress_level=6)
    return out.getvalue()


def noisy_picture(side: int) -> bytes:
    """A PNG that hardly compresses: at 4096 px about 21 MB, the worst that may come."""
    noise = os.urandom(side * side // 4)
    rows = Image.frombytes("L", (side // 2, side // 2), noise).resize(
        (side, side), Image.Resampling.NEAREST
    )
    smooth = Image.linear_gradient("L").resize((side, side))
    grain = Image.frombytes("L", (side, side), os.urandom(side * side))
    out = io.BytesIO()
    Image.merge("RGB", (rows, smooth, grain)).save(out, "PNG", compress_level=1)
    return out.getvalue()


def write_answer(path: Path, pictures: list[bytes]) -> Path:
    """Write the documented envelope around pictures; the list price is billed."""
    data = [{"b64_json": pybase64.b64encode_as_string(one), "url": None} for one in pictures]
    answer = {"created": 1, "data": data, "usage": {"billed_amount": f"{0.04 * len(data):.6f}"}}
    path.write_text(json.dumps(answer), encoding="ascii")
    return path
