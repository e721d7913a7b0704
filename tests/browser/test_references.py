"""References in a real browser: chosen, dropped, pasted, ordered, struck out, sent."""

import base64
from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import FilePayload, Page, expect

from omixa_studio.models import Generation, InputImage, Person
from tests.browser.conftest import AxeFaults
from tests.factories import draw_png, make_generation, make_person, make_picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
MERGER = "gpt-image-1.5"
CUTTER = "stability-remove-background"
TILES = "#references .reference:not(.waiting)"

BRING = """([how, data]) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], "one.png", { type: "image/png" }));
    const told = { bubbles: true, cancelable: true };
    const event = how === "drop"
        ? new DragEvent("drop", { ...told, dataTransfer: transfer })
        : new ClipboardEvent("paste", { ...told, clipboardData: transfer });
    document.querySelector(how === "drop" ? ".board" : "#prompt").dispatchEvent(event);
}"""


def file(name: str = "one.png", size: tuple[int, int] = (80, 80)) -> FilePayload:
    return FilePayload(name=name, mimeType="image/png", buffer=draw_png(size))


def choose(page: Page, *files: FilePayload) -> None:
    """Choose files and wait until each has its tile."""
    before = page.locator(TILES).count()
    page.locator("#references input[type=file]").set_input_files(list(files))
    expect(page.locator(TILES)).to_have_count(before + len(files))


def ids(page: Page, name: str = "input_uploads") -> list[str]:
    return list(
        page.locator(f"#references [name={name}]").evaluate_all("all => all.map(x => x.value)")
    )


def test_it_sends_what_was_chosen_dropped_and_pasted_in_order(
    open_page: OpenPage, person: Person
) -> None:
    page = open_page(f"/?model={MERGER}&prompt=Join+them")
    choose(page, file(), file("two.png"))
    for how in ("drop", "paste"):
        data = base64.b64encode(draw_png((90, 80))).decode()
        before = page.locator(TILES).count()
        page.evaluate(BRING, [how, data])
        expect(page.locator(TILES)).to_have_count(before + 1)
    page.get_by_role("button", name="Remove reference").nth(3).click()
    order = ids(page)
    page.get_by_role("button", name="Move later").first.click()
    assert ids(page) == [order[1], order[0], order[2]]
    expect(page.locator("#references [data-weighs]")).to_contain_text("of 8 MB")
    expect(page.locator(".go")).to_contain_text("Merge 3")
    wanted = [int(pk) for pk in ids(page)]
    page.locator(".go").click()
    expect(page.locator("[data-generation]")).to_have_count(1)
    sent = Generation.objects.get().sent_inputs.order_by("position")
    assert list(sent.values_list("image_id", flat=True)) == wanted


def test_it_orders_by_dragging(open_page: OpenPage, person: Person) -> None:
    page = open_page(f"/?model={MERGER}")
    choose(page, file(), file("two.png"))
    first, second = ids(page)
    page.locator(TILES).nth(0).drag_to(page.locator(TILES).nth(1))
    assert ids(page) == [second, first]


def test_it_takes_a_picture_dragged_from_the_board(open_page: OpenPage, person: Person) -> None:
    picture = make_picture(make_generation(person), size=(600, 480))
    page = open_page(f"/?model={MERGER}")
    page.locator(".board .tile img").drag_to(page.locator("#prompt"))
    expect(page.locator(TILES)).to_have_count(1)
    image = InputImage.objects.get()
    assert (image.picture, image.width) == (picture, 600)


def test_it_keeps_what_another_model_does_not_take(open_page: OpenPage, person: Person) -> None:
    page = open_page(f"/?model={MERGER}")
    choose(page, file(), file("two.png"))
    page.locator(".picker summary").click()
    page.locator(f".model-option:has([value={CUTTER}])").click()
    expect(page.locator("#references .spare")).to_have_count(1)
    expect(page.locator("#references [data-spare]")).to_be_visible()
    expect(page.locator(".go")).to_contain_text("Remove background")
    page.wait_for_timeout(300)  # htmx puts the server's classes back a moment after the swap
    expect(page.locator("#references input[type=file]")).to_be_hidden()
    assert (len(ids(page)), len(ids(page, "spare_uploads"))) == (1, 1)
    page.locator(".picker summary").click()
    page.locator(f".model-option:has([value='{MERGER}'])").click()
    expect(page.locator("#references .spare")).to_have_count(0)
    assert len(ids(page)) == 2


def test_it_chooses_from_the_galleries(open_page: OpenPage, person: Person, axe: AxeFaults) -> None:
    mine = make_picture(make_generation(person, prompt="A fox"), size=(80, 80))
    team = make_picture(make_generation(make_person(), prompt="A hen"), size=(80, 80), shared=True)
    page = open_page(f"/?model={MERGER}")
    page.get_by_role("link", name="From the gallery").click()
    page.locator(f"#choosing [data-choice='{mine.pk}']").click()
    expect(page.locator(f"#choosing [data-choice='{mine.pk}']")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.locator("#choosing").get_by_role("radio", name="Team").check()
    page.locator("#choosing input[type=search]").fill("hen")
    page.locator(f"#choosing [data-choice='{team.pk}']").click()
    expect(page.locator(TILES)).to_have_count(2)
    assert not axe(page)
    page.get_by_role("button", name="Done").click()
    assert set(InputImage.objects.values_list("picture_id", flat=True)) == {mine.pk, team.pk}


def test_pictures_to_choose_from_do_not_overlap(open_page: OpenPage, person: Person) -> None:
    for _ in range(40):
        make_picture(make_generation(person), size=(80, 60))
    page = open_page(f"/?model={MERGER}")
    page.get_by_role("link", name="From the gallery").click()
    tiles = page.locator("#choosing [data-choice]")
    expect(tiles).to_have_count(40)
    boxes = tiles.evaluate_all("all => all.map(one => one.getBoundingClientRect().toJSON())")
    tops = sorted({box["top"] for box in boxes})
    height = max(box["height"] for box in boxes)
    assert len(tops) > 1
    assert all(lower - upper >= height for upper, lower in pairwise(tops))


def test_it_says_why_a_file_is_refused_and_keeps_the_others(
    open_page: OpenPage, person: Person
) -> None:
    page = open_page(f"/?model={MERGER}")
    broken = FilePayload(name="notes.png", mimeType="image/png", buffer=b"no picture")
    page.locator("#references input[type=file]").set_input_files([broken, file()])
    expect(page.locator(TILES)).to_have_count(1)
    trouble = page.locator("#references [data-trouble]")
    expect(trouble).to_have_text("notes.png: This is not a PNG, JPEG, WebP or HEIC picture.")


def test_it_edits_a_picture_with_an_empty_prompt_in_focus(
    open_page: OpenPage, person: Person
) -> None:
    picture = make_picture(make_generation(person), size=(80, 80))
    page = open_page(f"/pictures/{picture.pk}/")
    page.get_by_role("link", name="Edit", exact=True).click()
    prompt = page.get_by_role("textbox", name="Prompt")
    expect(prompt).to_be_focused()
    expect(prompt).to_have_value("")
    expect(page.locator(TILES)).to_have_attribute("data-kind", "upload")
    assert InputImage.objects.get().picture == picture
    expect(page.locator(".go")).to_contain_text("Edit")


def test_it_shows_likeness_and_mask_only_beside_references(
    open_page: OpenPage, person: Person
) -> None:
    page = open_page(f"/?model={MERGER}")
    page.locator("details.options summary").first.click()
    likeness = page.locator("[name=input_fidelity]").first
    field = page.get_by_role("group", name="Likeness")
    mask = page.get_by_role("button", name="Paint a mask")
    for one in (field, mask):
        expect(one).to_be_hidden()
    choose(page, file())
    for one in (field, mask):
        expect(one).to_be_visible()
    expect(mask).to_be_enabled()
    assert likeness.count() == 1


def test_it_works_without_script(open_page: OpenPage, person: Person) -> None:
    picture = make_picture(make_generation(person), size=(80, 80))
    page = open_page(f"/?edit={picture.pk}", script=False)
    page.get_by_role("textbox", name="Prompt").fill("Join them")
    page.locator("#references input[type=file]").set_input_files([file()])
    page.locator(".go").click()
    expect(page.locator("[data-generation]")).to_have_count(2)
    made = Generation.objects.latest("pk")
    assert (made.operation, made.sent_inputs.count()) == ("merge", 2)
