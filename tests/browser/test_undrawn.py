"""Pictures that were paid for and cannot be drawn: a plain tile, a sentence, the bytes."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, expect

from omixa_studio.models import Person, Picture
from tests import corpus
from tests.factories import make_generation, make_picture
from tests.workers import buy

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
NAMES = {"png": "PNG", "svg": "SVG", "jxl": "JPEG XL", "jp2": "JPEG 2000", "tiff": "TIFF"}
WHY = {
    "png": "The picture is broken or cut off.",
    "tiff": "The picture is broken or cut off.",
    "large": "The picture has more than 50 megapixels.",
}


@pytest.fixture
def undrawn(person: Person, tmp_path: Path) -> dict[str, Picture]:
    """One of each, bought from a sandbox that speaks the gateway's HTTP."""
    made = corpus.undrawable()
    return dict(zip(made, buy(person, list(made.values()), tmp_path), strict=True))


def test_it_draws_what_is_seldom_sent(open_page: OpenPage, person: Person, tmp_path: Path) -> None:
    originals = corpus.seldom_drawn()
    kept = buy(person, list(originals.values()), tmp_path)
    assert [picture.format for picture in kept] == list(originals)
    page = open_page("/gallery/")
    expect(page.locator("[data-picture]")).to_have_count(len(kept))
    assert not page.locator("[data-undrawn]").count()
    for picture in kept:
        page.goto(f"/pictures/{picture.pk}/")
        shown = page.locator(".canvas img")
        assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 120


def test_it_hangs_a_plain_tile_and_says_why(
    open_page: OpenPage, undrawn: dict[str, Picture]
) -> None:
    page = open_page("/gallery/")
    tiles = page.locator("[data-undrawn]")
    expect(tiles).to_have_count(len(undrawn))
    wide = "images => Promise.all(images.map(async i => (await i.decode(), i.naturalWidth)))"
    assert page.locator("[data-undrawn] img").evaluate_all(wide) == [512] * len(undrawn)
    for name, picture in undrawn.items():
        page.goto(f"/pictures/{picture.pk}/")
        kind = NAMES.get(name, "PNG")
        plain = page.locator(".canvas.plain")
        expect(plain).to_contain_text(f"{kind}, no preview")
        expect(plain).to_contain_text(WHY.get(name, kind))
        expect(page.get_by_role("link", name="Upscale")).to_have_count(0)
    page.goto(f"/pictures/{undrawn['large'].pk}/")
    expect(page.locator("dl.pairs", has_text="Pixels")).to_contain_text("60000 × 60000")


def test_it_saves_the_bytes_and_runs_none(open_page: OpenPage, undrawn: dict[str, Picture]) -> None:
    page = open_page("/gallery/")
    originals = corpus.undrawable()
    for name, picture in undrawn.items():
        page.goto(f"/pictures/{picture.pk}/")
        with page.expect_download() as saving:
            page.locator(".canvas.plain a").click()
        assert Path(saving.value.path()).read_bytes() == originals[name]
        answer = page.request.get(f"/pictures/{picture.pk}/file")
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert answer.headers["x-content-type-options"] == "nosniff"
    # An address typed by hand leads to a file, too: nothing is opened, so nothing runs.
    with page.expect_download() as saving, pytest.raises(Error, match="Download is starting"):
        page.goto(f"/pictures/{undrawn['svg'].pk}/file")
    assert saving.value.suggested_filename.endswith(".svg")


def test_it_offers_no_work_on_what_cannot_be_drawn(
    open_page: OpenPage, person: Person, undrawn: dict[str, Picture]
) -> None:
    drawn = make_picture(make_generation(person))
    page = open_page("/gallery/")
    menu = page.locator("studio-tile-menu")
    for pk, offered in ((undrawn["svg"].pk, False), (drawn.pk, True)):
        page.locator(f'[data-picture="{pk}"]').hover()
        menu.locator("summary").click()
        expect(menu.get_by_role("link", name="Download", exact=True)).to_be_visible()
        for name in ("Edit", "Upscale", "Remove background", "Download as…"):
            expect(menu.get_by_role("link", name=name)).to_be_visible(visible=offered)
        page.keyboard.press("Escape")
    page.goto("/references/pick/")
    offered = page.locator("[data-choice]").evaluate_all(
        "tiles => tiles.map(t => t.dataset.choice)"
    )
    assert offered == [str(drawn.pk)]
