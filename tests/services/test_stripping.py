"""Where a file can hide a text: each place is found, and nothing that is drawn goes with it."""

import io
import json
import zlib

import pytest
from PIL import Image

from omixa_studio.services import reading, stripping
from omixa_studio.services.file_metadata import tells_nothing
from tests import corpus

PROMPT = 'Кот "у моря",\nдва чайника и одна чашка'
TEXT = b"a secret lighthouse"


def drawn(kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((48, 32), 40).convert("RGB").save(out, kind.upper(), **options)
    return out.getvalue()


def segment(marker: int, data: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(data) + 2).to_bytes(2, "big") + data


def chunk(name: bytes, data: bytes) -> bytes:
    checked = name + data
    return len(data).to_bytes(4, "big") + checked + zlib.crc32(checked).to_bytes(4, "big")


JPEG, PNG, WEBP = drawn("jpeg"), drawn("png"), drawn("webp")
PROGRESSIVE = drawn("jpeg", progressive=True)
LAST_SCAN = PROGRESSIVE.rfind(b"\xff\xda")
COMMENT = segment(0xFE, TEXT)
HIDDEN = {
    "a comment": ("jpeg", JPEG[:2] + COMMENT + JPEG[2:]),
    "a comment behind filling": ("jpeg", JPEG[:2] + b"\xff\xff" + COMMENT + JPEG[2:]),
    "a comment between scans": (
        "jpeg",
        PROGRESSIVE[:LAST_SCAN] + COMMENT + PROGRESSIVE[LAST_SCAN:],
    ),
    "a second picture": ("jpeg", JPEG + JPEG[:2] + COMMENT + JPEG[2:]),
    "pieces of FlashPix": ("jpeg", JPEG[:2] + segment(0xE2, b"FPXR\0" + TEXT) + JPEG[2:]),
    "a comment behind the end": ("jpeg", JPEG + COMMENT),
    "a chunk of somebody's own": ("png", PNG[:33] + chunk(b"meTa", TEXT) + PNG[33:]),
    "behind the end": ("png", PNG + TEXT),
    "a part of somebody's own": ("webp", WEBP + b"NOTE\x14\0\0\0" + TEXT + b"\0"),
}


@pytest.mark.parametrize(("kind", "data"), HIDDEN.values(), ids=HIDDEN)
def test_a_text_goes_wherever_it_stands(kind: str, data: bytes) -> None:
    assert not tells_nothing(data, kind, "")
    plain = stripping.without_texts(data, kind, prompt="")
    assert plain
    assert TEXT not in plain
    assert tells_nothing(plain, kind, "")
    assert pixels(plain) == pixels(data)


@pytest.mark.parametrize(("kind", "data"), [("png", PNG), ("jpeg", JPEG), ("jpeg", PROGRESSIVE)])
def test_a_file_without_texts_stays_as_it_is(kind: str, data: bytes) -> None:
    assert stripping.without_texts(data, kind, prompt=PROMPT) == data
    padded = data + b"\0" * 3
    assert (stripping.without_texts(padded, kind, prompt="") == padded) == (kind == "jpeg")


@pytest.mark.parametrize("said", [PROMPT, json.dumps(PROMPT)[1:-1], json.dumps({"a": PROMPT})])
def test_a_signature_that_tells_the_prompt_goes(said: str) -> None:
    signature = b"jumb" + said.encode()
    for kind, plain, data in (
        ("png", PNG, PNG[:33] + chunk(b"caBX", signature) + PNG[33:]),
        ("jpeg", JPEG, JPEG[:2] + segment(0xEB, b"JP" + signature) + JPEG[2:]),
    ):
        assert not tells_nothing(data, kind, PROMPT)
        assert stripping.without_texts(data, kind, prompt=PROMPT) == plain
        assert tells_nothing(data, kind, "Another prompt altogether")


def test_what_breaks_off_is_not_taken_for_plain() -> None:
    whole = JPEG[:2] + COMMENT + JPEG[2:]
    assert stripping.without_texts(whole[:10], "jpeg", prompt="") == b""
    cut = whole[:-40]
    plain = stripping.without_texts(cut, "jpeg", prompt="")
    assert plain
    assert TEXT not in plain


KINDS = [(kind, name) for kind in ("png", "jpeg", "webp") for name in corpus.KINDS[kind]]


@pytest.mark.parametrize(("kind", "name"), KINDS)
def test_what_is_left_looks_like_the_original(kind: str, name: str) -> None:
    data = corpus.KINDS[kind][name]()
    plain = stripping.without_texts(data, kind, prompt="")
    assert stripping.without_texts(plain, kind, prompt="") == plain
    if plain != data and plain:
        assert seen(plain, kind) == seen(data, kind)


def test_it_stays_turned_and_tells_nothing_else() -> None:
    about = Image.Exif()
    about[0x0112], about[0x010E] = 6, TEXT.decode()
    for kind in ("png", "jpeg"):
        data = drawn(kind, exif=about.tobytes())
        plain = stripping.without_texts(data, kind, prompt="")
        assert TEXT in data
        assert TEXT not in plain
        assert dict(Image.open(io.BytesIO(plain)).getexif()) == {0x0112: 6}
        assert tells_nothing(plain, kind, "")


def seen(data: bytes, kind: str) -> tuple[tuple[int, int], bytes]:
    """What people see of a picture."""
    with reading.opened(io.BytesIO(data), (reading.DRAWN[kind],)) as image:
        shown = reading.read(image, 500)
    return shown.size, shown.tobytes()


def pixels(data: bytes) -> bytes:
    return Image.open(io.BytesIO(data)).tobytes()
