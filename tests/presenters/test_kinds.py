"""The plain tile of a picture that cannot be drawn here."""

import re
import xml.etree.ElementTree as ET

import pytest
from django.utils import translation

from omixa_studio.models import Picture
from omixa_studio.presenters.pictures import kinds
from omixa_studio.presenters.pictures.kinds import KINDS, plain_tile


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def test_its_words_can_be_read() -> None:
    low, high = sorted(map(luminance, (kinds.GROUND, kinds.WORDS)))
    assert (high + 0.05) / (low + 0.05) >= 4.5
    tile = plain_tile(Picture(format="jp2", width=300, height=200))
    assert set(re.findall(r'fill="([^"]+)"', tile)) == {kinds.GROUND, kinds.WORDS}


@pytest.mark.parametrize("kind", [*KINDS, "a kind of a newer version"])
@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("shape", [(100, 1000), (1000, 10)])
def test_its_words_fit_into_it_whatever_its_shape(
    kind: str, language: str, shape: tuple[int, int]
) -> None:
    width, height = shape
    with translation.override(language):
        tile = ET.fromstring(plain_tile(Picture(format=kind, width=width, height=height)))
    tall = int(tile.attrib["viewBox"].split()[3])
    for text in tile.iterfind("{*}text"):
        size = int(text.attrib["font-size"])
        room = min(tall, 200) if text.get("class") == "small" else 200
        assert len(text.text or "") * size * 0.6 <= 0.9 * room or text.get("class") == "name"
        assert size * 0.7 < int(text.attrib["y"]) < tall
