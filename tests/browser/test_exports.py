"""Exports in a real browser: asked for, made, downloaded; and the way back from a file."""

import base64
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from omixa_studio import storage
from omixa_studio.models import Person
from omixa_studio.services import background, xmp
from omixa_studio.services.background_kinds import KINDS
from omixa_studio.services.converting import Target, convert
from tests.browser.conftest import AxeFaults
from tests.factories import draw_png, make_generation, make_picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
MERGER = "gpt-image-1.5"
TILES = "#references .reference:not(.waiting)"
DROP = """([data]) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], "one.png", { type: "image/png" }));
    const told = { bubbles: true, cancelable: true, dataTransfer: transfer };
    document.querySelector("main").dispatchEvent(new DragEvent("drop", told));
}"""


def drop(page: Page, data: bytes) -> None:
    page.evaluate(DROP, [base64.b64encode(data).decode()])


def copy_with(**settings: object) -> bytes:
    packet = xmp.packet("0" * 64, composite=False, settings=settings)
    return convert(draw_png((80, 80)), "png", Target("png"), packet, seconds=None)


def test_it_exports_what_is_selected(open_page: OpenPage, person: Person, axe: AxeFaults) -> None:
    for n in range(3):
        make_picture(make_generation(person, prompt=f"Fox {n}"), size=(80, 60))
    page = open_page("/gallery/")
    page.locator("[data-picture]").first.focus()
    page.keyboard.press("x")
    page.locator("#selection").get_by_text("More").click()
    page.get_by_role("button", name="Export").click()
    dialog = page.locator("#ask")
    expect(dialog).to_contain_text("fox-2-")
    expect(page.locator("#selection details[open]")).to_have_count(0)
    dialog.get_by_role("textbox", name="File names").fill("{prompt}")
    dialog.get_by_text("For a client").click()
    expect(dialog.locator(".names .error")).to_contain_text("would tell a client")
    assert not axe(page)
    dialog.get_by_role("button", name="Make the ZIP file").click()
    expect(dialog.get_by_role("alert")).to_contain_text("would tell a client")
    dialog.get_by_role("textbox", name="File names").fill("fox {n}")
    expect(dialog.locator(".names")).to_contain_text("fox 1.png")
    dialog.get_by_role("button", name="Make the ZIP file").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("link", name="Show exports").click()
    expect(page.locator("[data-export]")).to_contain_text("0 of 1")
    assert not axe(page)
    while background.take_turn(KINDS, "w1"):
        continue
    with page.expect_download() as loading:
        page.get_by_role("link", name="Download").click()
    with zipfile.ZipFile(Path(loading.value.path())) as whole:
        assert sorted(whole.namelist()) == ["export.json", "fox 1.png", "fox 1.xmp", "pictures.csv"]


def test_it_downloads_a_picture_in_another_format(open_page: OpenPage, person: Person) -> None:
    picture = make_picture(make_generation(person, prompt="A fox"), size=(800, 600))
    page = open_page(f"/pictures/{picture.pk}/")
    page.get_by_role("link", name="Download as another format").click()
    dialog = page.locator("#ask")
    expect(dialog.get_by_label("Longest side")).to_be_hidden()
    dialog.get_by_role("radio", name="WebP").check()
    dialog.get_by_label("Longest side").select_option("512")
    with page.expect_download() as loading:
        dialog.get_by_role("button", name="Download").click()
    assert loading.value.suggested_filename == f"a-fox-{picture.pk}.webp"
    expect(dialog).to_be_hidden()


def test_it_leads_back_from_a_file(open_page: OpenPage, person: Person, axe: AxeFaults) -> None:
    made = make_generation(person, prompt="A fox in the snow", model=MERGER, options={})
    picture = make_picture(made, size=(80, 80))
    page = open_page(f"/?model={MERGER}")
    drop(page, storage.get(picture.name))
    note = page.locator(".origin")
    expect(note).to_contain_text("Made here on")
    assert not axe(page)
    note.get_by_role("link", name="Use its settings").click()
    expect(page.locator("#prompt")).to_have_value("A fox in the snow")
    expect(note).to_have_count(0)

    drop(page, storage.get(picture.name))
    note.get_by_role("link", name="Use as reference").click()
    expect(page.locator(TILES)).to_have_count(1)

    drop(page, copy_with(model=MERGER, prompt="A hen", options={}))
    expect(note).to_contain_text("its picture is not here")
    note.get_by_role("button", name="Use its settings").click()
    expect(page.locator("#prompt")).to_have_value("A hen")
    drop(page, copy_with(model=MERGER, prompt="A hen", options={}))
    note.get_by_role("button", name="Use as reference").click()
    expect(page.locator(TILES)).to_have_count(1)
    drop(page, draw_png((90, 80)))
    expect(page.locator(TILES)).to_have_count(2)
    expect(note).to_have_count(0)


def test_it_leads_back_from_a_file_in_the_gallery(open_page: OpenPage, person: Person) -> None:
    picture = make_picture(make_generation(person, prompt="A fox"), size=(80, 60))
    page = open_page("/gallery/")
    drop(page, draw_png((90, 80)))
    expect(page.locator("#toasts")).to_contain_text("not made in this studio")
    drop(page, storage.get(picture.name))
    page.locator(".origin").get_by_role("link", name="Open the picture").click()
    page.wait_for_url(f"**/pictures/{picture.pk}/")
