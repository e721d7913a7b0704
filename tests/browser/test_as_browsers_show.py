"""What the studio draws of a picture is what Chromium shows of the original."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from omixa_studio.models import Person, Picture
from omixa_studio.services.inputs import keep_upload
from omixa_studio.services.pixels import ImageRefused
from tests import corpus
from tests.workers import buy

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
# JPEG and WebP at the quality of thumbnails stay within this, of 255.
FAR = 10
# Sides, and the colours in the middle of six fields, read back from a canvas in sRGB.
READ = """async addresses => {
  const read = async address => {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    const size = [image.naturalWidth, image.naturalHeight];
    const [width, height] = [canvas.width, canvas.height] = size;
    const pen = canvas.getContext("2d", { colorSpace: "srgb" });
    pen.drawImage(image, 0, 0);
    const [across, down] = width > height ? [3, 2] : [2, 3];
    const colours = [];
    for (let y = 0.5; y < down; y++)
      for (let x = 0.5; x < across; x++)
        colours.push([...pen.getImageData(x * width / across, y * height / down, 1, 1).data]);
    return { size, colours };
  };
  const found = await Promise.all(addresses.map(read));
  return Object.fromEntries(addresses.map((address, at) => [address, found[at]]));
}"""
PIXELS = """async addresses => {
  const found = {};
  for (const address of addresses) {
    const page = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
    const names = [...page.querySelectorAll("dl.pairs dt")];
    const pixels = names.find(name => name.textContent === "Pixels");
    found[address] = pixels.nextElementSibling.textContent;
  }
  return found;
}"""


def uploaded(person: Person, data: bytes) -> str:
    """The address of a picture as it is sent along, "" where it is not taken."""
    try:
        return f"/inputs/{keep_upload(person, io.BytesIO(data)).pk}/file"
    except ImageRefused:
        return ""


def differ(shown: dict[str, Any], drawn: dict[str, Any]) -> float:
    """How far the colours are apart at most; clear pixels have none."""
    return float(
        max(
            abs(one - other)
            for expected, found in zip(shown["colours"], drawn["colours"], strict=True)
            for one, other in zip(expected, found, strict=True)
            if expected[3] or found[3]
        )
    )


def faults(picture: Picture, upload: str, seen: dict[str, Any], pixels: str | None) -> list[str]:
    """What is wrong with the copies of a picture, and with what is said of it."""
    there = f"/pictures/{picture.pk}/"
    shown = seen[f"{there}file"]
    wrong = [
        f"{address} is {differ(shown, seen[address])} off"
        for address in (f"{there}thumb", f"{there}preview", upload)
        if address and differ(shown, seen[address]) > FAR
    ]
    width, height = shown["size"]
    if [picture.width, picture.height] != [width, height]:
        wrong.append(f"is {width} × {height}, not {picture.width} × {picture.height}")
    if pixels not in (None, f"{width} × {height}"):
        wrong.append(f"is {width} × {height}, and its page says {pixels}")
    return wrong


@pytest.mark.parametrize("kind", corpus.KINDS)
def test_it_draws_what_the_browser_shows(
    open_page: OpenPage, person: Person, kind: str, tmp_path: Path
) -> None:
    drawn = {name: draw() for name, draw in corpus.KINDS[kind].items()}
    originals = list(drawn.values())
    kept = buy(person, originals, tmp_path)
    assert len(kept) == len(originals)
    assert all(picture.drawable for picture in kept)
    uploads = [uploaded(person, data) for data in originals]
    there = [f"/pictures/{picture.pk}/" for picture in kept]
    page = open_page("/gallery/")
    addresses = [f"{place}{copy}" for place in there for copy in ("file", "thumb", "preview")]
    seen = page.evaluate(READ, [*addresses, *filter(None, uploads)])
    turned = [place for place, name in zip(there, drawn, strict=True) if "turn" in name]
    pixels = page.evaluate(PIXELS, turned)
    assert not {
        name: found
        for name, place, picture, upload in zip(drawn, there, kept, uploads, strict=True)
        if (found := faults(picture, upload, seen, pixels.get(place)))
    }
