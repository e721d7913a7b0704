"""Masks: painted with a mouse, by keyboard and with fingers; what reaches the gateway of it."""

import base64
import io
import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from PIL import Image
from playwright.sync_api import CDPSession, FilePayload, Page, expect

from omixa_studio import storage
from omixa_studio.models import Generation, Person
from omixa_studio.sandbox import Sandbox
from omixa_studio.services import offers
from tests.factories import draw_png, make_generation, make_picture
from tests.servers import wait_until
from tests.workers import make_tools, take_turn

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]
Point = tuple[float, float]
GPT, IMAGEN = "gpt-image-1.5", "imagen-4.0-generate-001"
WIDE = (300, 200)
IS_PAINTED = "document.querySelector('mask-editor').painter.surface.share() > 0"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as started:
        yield started


@pytest.fixture
def work(sandbox: Sandbox, tmp_path: Path) -> Callable[[], dict[str, Any]]:
    """A function that does a worker's turn and gives the JSON that reached the gateway."""
    tools = make_tools(sandbox, tmp_path)

    def turn() -> dict[str, Any]:
        assert take_turn(tools) is None
        return dict(json.loads(sandbox.calls[-1].body))

    return turn


@dataclass
class Easel:
    """The open painter: where its picture lies on screen, and its brush."""

    page: Page
    size: tuple[int, int]

    def at(self, x: float, y: float) -> Point:
        """The spot of the window over a point of the fitted picture."""
        box = self.page.locator(".painter canvas").bounding_box()
        assert box is not None
        scale = min((box["width"] - 24) / self.size[0], (box["height"] - 24) / self.size[1])
        scale = min(scale, 16)
        left = box["x"] + (box["width"] - self.size[0] * scale) / 2
        top = box["y"] + (box["height"] - self.size[1] * scale) / 2
        return left + x * scale, top + y * scale

    def line(self, start: Point, end: Point) -> None:
        self.page.mouse.move(*self.at(*start))
        self.page.mouse.down()
        self.page.mouse.move(*self.at(*end), steps=5)
        self.page.mouse.up()

    @property
    def radius(self) -> float:
        """Half the brush in pixels of the picture."""
        return int(self.page.locator(".slide [data-value]").first.inner_text().split()[0]) / 2

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def use(self) -> None:
        self.press("Use mask")
        expect(self.page.locator(".mask-made")).to_contain_text("of the picture changes")


def begin(page: Page, size: tuple[int, int] = WIDE) -> Easel:
    """Choose a reference and open the painter over it."""
    upload = FilePayload(name="hat.png", mimeType="image/png", buffer=draw_png(size))
    page.locator("input[name=input_images]").set_input_files([upload])
    page.get_by_role("button", name="Paint a mask").click()
    return ready(page, size)


def ready(page: Page, size: tuple[int, int]) -> Easel:
    # The brush has its size once the picture is shown.
    expect(page.locator(".slide [data-value]").first).to_have_text(re.compile("px"))
    # While it appears the painter grows, and its places are not yet where they will be.
    page.locator("dialog.painter").evaluate(
        "dialog => Promise.all(dialog.getAnimations().map(one => one.finished)).then(() => true)"
    )
    return Easel(page, size)


def generate(page: Page) -> None:
    page.locator(".go").click()
    expect(page.locator("[data-generation]").first).to_have_attribute("data-state", "queued")


def mask_of(body: dict[str, Any]) -> Image.Image:
    """The mask of a body, after a look whether it has exactly the first input's pixels."""
    mask = body["mask"]
    picture = decoded(body["input_images"][0]["image_url"]["url"])
    image = decoded(mask if isinstance(mask, str) else mask["image_url"]["url"])
    assert (image.format, image.mode, image.size) == ("PNG", "RGBA", picture.size)
    return image


def decoded(url: str) -> Image.Image:
    head, _, data = url.partition(";base64,")
    assert head.startswith("data:image/")
    return Image.open(io.BytesIO(base64.b64decode(data)))


def check_lines(mask: Image.Image, lines: list[tuple[Point, Point]], radius: float) -> None:
    """Clear wherever one of the lines passed, opaque everywhere else."""
    alpha = mask.getchannel("A").load()
    assert alpha is not None
    for x in range(mask.width):
        for y in range(mask.height):
            apart = min(distance((x + 0.5, y + 0.5), *line) for line in lines) - radius
            if abs(apart) > 1.5:
                assert alpha[x, y] == (0 if apart < 0 else 255), (x, y, apart)


def distance(point: Point, start: Point, end: Point) -> float:
    """How far a point is from a line between two others."""
    across, down = end[0] - start[0], end[1] - start[1]
    length = across**2 + down**2
    along = 0.0
    if length:
        passed = (point[0] - start[0]) * across + (point[1] - start[1]) * down
        along = min(max(passed / length, 0), 1)
    return math.hypot(
        point[0] - start[0] - along * across,
        point[1] - start[1] - along * down,
    )


@pytest.mark.parametrize("encoding", ["image_part", "data_url"])
def test_it_sends_what_was_painted_and_nothing_else(
    open_page: OpenPage, work: Callable[[], dict[str, Any]], sandbox: Sandbox, encoding: str
) -> None:
    offers.change_model(settings.MODELS_TOML, GPT, {"mask_encoding": encoding})
    page = open_page(f"/?model={GPT}&prompt=A+red+hat")
    easel = begin(page)
    easel.line((60, 60), (200, 120))
    easel.line((250, 150), (250, 180))
    page.keyboard.press("Control+z")
    radius = easel.radius
    easel.use()
    generate(page)
    body = work()
    check_lines(mask_of(body), [((60, 60), (200, 120))], radius)
    assert sandbox.calls[-1].body == documented_body(encoding)
    expect(page.locator("[data-generation]")).to_have_attribute("data-state", "done")


def documented_body(encoding: str) -> bytes:
    """The documented JSON, written out by hand around the stored files."""
    made = Generation.objects.get()
    stored = [made.sent_inputs.get(is_mask=mask).image.name for mask in (False, True)]
    part = b'{"type":"image_url","image_url":{"url":"%s"}}'
    urls = [b"data:image/png;base64," + base64.b64encode(storage.get(name)) for name in stored]
    sent = part % urls[1] if encoding == "image_part" else b'"%s"' % urls[1]
    start = b'{"model":"gpt-image-1.5","prompt":"A red hat","n":1,'
    return start + b'"input_images":[%s],"mask":%s}' % (part % urls[0], sent)


def test_it_takes_back_erases_inverts_and_clears(
    open_page: OpenPage, work: Callable[[], dict[str, Any]]
) -> None:
    page = open_page(f"/?model={GPT}&prompt=A+hat")
    easel = begin(page)
    easel.line((20, 20), (280, 20))
    easel.press("Clear")
    easel.line((60, 100), (240, 100))
    easel.press("Undo")
    page.keyboard.press("Control+Shift+z")
    page.keyboard.press("e")
    easel.line((150, 20), (150, 180))
    easel.press("Invert")
    easel.use()
    generate(page)
    alpha = mask_of(work()).getchannel("A")
    # Inverted: what was erased and never painted changes, the two ends of the line stay.
    points = [(70, 100), (230, 100), (150, 100), (20, 20), (280, 190)]
    assert [alpha.getpixel(point) for point in points] == [255, 255, 0, 0, 0]


def test_it_paints_soft_edges(open_page: OpenPage, work: Callable[[], dict[str, Any]]) -> None:
    page = open_page(f"/?model={GPT}&prompt=A+hat")
    easel = begin(page)
    # A mouse hits whole pixels: of a small brush that alone is a tenth of its edge.
    page.locator(".painter").get_by_role("slider", name="Size").fill("80")
    page.get_by_role("slider", name="Soft edge").fill("100")
    easel.line((150, 100), (150, 100))
    radius = easel.radius
    easel.use()
    generate(page)
    alpha = mask_of(work()).getchannel("A")
    levels, across = alpha.tobytes(), alpha.width
    row = [levels[100 * across + round(150 + radius * part)] for part in (0, 0.25, 0.5, 0.75, 1.1)]
    assert row == sorted(row)
    assert row[0] < 20
    assert row[2] == pytest.approx(128, abs=20)
    assert row[-1] == 255


def test_it_paints_where_the_hand_is_after_zooming_and_moving(
    open_page: OpenPage, work: Callable[[], dict[str, Any]]
) -> None:
    page = open_page(f"/?model={GPT}&prompt=A+hat")
    easel = begin(page)
    spot = easel.at(100, 80)
    page.mouse.move(*spot)
    page.mouse.wheel(0, -600)
    page.keyboard.down("Space")
    page.mouse.down()
    page.mouse.move(spot[0] + 90, spot[1] + 40)
    page.mouse.up()
    page.keyboard.up("Space")
    # What lay under the hand came along with it.
    page.mouse.down()
    page.mouse.up()
    radius = easel.radius
    easel.use()
    generate(page)
    check_lines(mask_of(work()), [((100, 80), (100, 80))], radius)


def test_it_paints_by_keyboard_alone(
    open_page: OpenPage, work: Callable[[], dict[str, Any]]
) -> None:
    page = open_page(f"/?model={GPT}&prompt=A+hat")
    upload = FilePayload(name="hat.png", mimeType="image/png", buffer=draw_png(WIDE))
    page.locator("input[name=input_images]").set_input_files([upload])
    page.get_by_role("button", name="Paint a mask").focus()
    page.keyboard.press("Enter")
    easel = ready(page, WIDE)
    expect(page.locator(".painter canvas")).to_be_focused()
    before = easel.radius
    page.keyboard.press("[")
    assert easel.radius < before
    step = max(easel.radius * 0.5, 1)
    page.keyboard.press("ArrowUp")
    page.keyboard.down("Space")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.keyboard.up("Space")
    page.keyboard.press("ArrowDown")
    radius = easel.radius
    page.get_by_role("button", name="Use mask").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".mask-made")).to_be_visible()
    expect(page.get_by_role("button", name="Edit mask")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-generation]")).to_have_attribute("data-state", "queued")
    line = ((150, 100 - step), (150 + 4 * step, 100 - step))
    check_lines(mask_of(work()), [line], radius)


@dataclass
class Fingers:
    """Real touches, as the browser gets them from a screen."""

    session: CDPSession

    def start(self, *points: Point) -> None:
        self.send("touchStart", points)

    def move(self, *points: Point) -> None:
        self.send("touchMove", points)

    def lift(self) -> None:
        self.send("touchEnd", ())

    def send(self, kind: str, points: tuple[Point, ...]) -> None:
        touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def test_it_paints_with_one_finger_and_pinches_with_two(
    open_page: OpenPage, work: Callable[[], dict[str, Any]]
) -> None:
    page = open_page(f"/?model={GPT}&prompt=A+hat", width=390, touch=True)
    page.locator(".handle").tap()
    upload = FilePayload(name="hat.png", mimeType="image/png", buffer=draw_png(WIDE))
    page.locator("input[name=input_images]").set_input_files([upload])
    page.get_by_role("button", name="Paint a mask").tap()
    easel = ready(page, WIDE)
    box = page.locator("dialog.painter").bounding_box()
    assert box is not None
    assert (round(box["x"]), round(box["y"])) == (0, 0)
    assert (round(box["width"]), round(box["height"])) == (390, 900)
    hand = Fingers(page.context.new_cdp_session(page))
    start, end = easel.at(60, 100), easel.at(180, 100)
    hand.start(start)
    hand.move(((start[0] + end[0]) / 2, start[1]))
    hand.move(end)
    hand.lift()
    # The second finger takes back what the first began; then both spread around a point.
    middle = easel.at(150, 150)
    hand.start((middle[0] - 20, middle[1]))
    hand.start((middle[0] - 20, middle[1]), (middle[0] + 20, middle[1]))
    hand.move((middle[0] - 60, middle[1]), (middle[0] + 60, middle[1]))
    hand.lift()
    hand.start(middle)
    hand.lift()
    radius = easel.radius
    page.get_by_role("button", name="Use mask").tap()
    expect(page.locator(".mask-made")).to_contain_text("of the picture changes")
    page.locator(".go").tap()
    expect(page.locator("[data-generation]")).to_have_attribute("data-state", "queued")
    lines = [((60.0, 100.0), (180.0, 100.0)), ((150.0, 150.0), (150.0, 150.0))]
    check_lines(mask_of(work()), lines, radius)


def test_it_opens_over_a_picture_of_the_gallery(
    open_page: OpenPage, person: Person, work: Callable[[], dict[str, Any]]
) -> None:
    # 2048 pixels is the most that is sent, so this one is scaled down.
    picture = make_picture(make_generation(person), size=(3000, 2001))
    page = open_page(f"/?mask={picture.pk}")
    easel = ready(page, (2048, 1366))
    easel.line((400, 400), (1500, 700))
    radius = easel.radius
    easel.use()
    page.get_by_role("textbox", name="Prompt").fill("A hat")
    generate(page)
    mask = mask_of(work())
    assert mask.size == (2048, 1366)
    small = mask.reduce(4)
    alpha = small.getchannel("A")
    assert alpha.getpixel((950 // 4, 550 // 4)) == 0
    assert alpha.getpixel((950 // 4, round(550 + radius * 1.5) // 4)) == 255


def test_it_opens_its_own_export_again(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(f"/?model={GPT}&prompt=A+hat")
    easel = begin(page)
    page.get_by_role("slider", name="Soft edge").fill("50")
    easel.line((60, 60), (200, 120))
    with page.expect_download() as first:
        easel.press("Save the mask as PNG")
    first.value.save_as(tmp_path / "mask.png")
    easel.press("Clear")
    page.locator(".painter input[type=file]").set_input_files(tmp_path / "mask.png")
    wait_until(lambda: page.evaluate(IS_PAINTED))
    with page.expect_download() as second:
        easel.press("Save the mask as PNG")
    second.value.save_as(tmp_path / "again.png")
    alphas = [
        Image.open(tmp_path / name).getchannel("A").tobytes() for name in ("mask.png", "again.png")
    ]
    assert alphas[0] == alphas[1]
    assert len(set(alphas[0])) > 50


def test_it_takes_the_mask_off_with_its_picture(open_page: OpenPage) -> None:
    page = open_page(f"/?model={GPT}&prompt=A+hat")
    easel = begin(page)
    easel.line((60, 60), (200, 120))
    easel.use()
    chosen = "document.querySelector('input[name=mask]').files.length"
    assert page.evaluate(chosen) == 1
    other = FilePayload(name="other.png", mimeType="image/png", buffer=draw_png((90, 90)))
    page.locator("input[name=input_images]").set_input_files([other])
    expect(page.locator(".reference")).to_have_count(2)
    page.get_by_role("button", name="Move earlier").last.click()
    expect(page.locator(".mask-made")).to_be_hidden()
    assert page.evaluate(chosen) == 0
    # The picture comes first again, and its mask with it.
    page.get_by_role("button", name="Move earlier").last.click()
    expect(page.locator(".mask-made")).to_be_visible()
    assert page.evaluate(chosen) == 1
    for _ in range(2):
        page.get_by_role("button", name="Remove reference").first.click()
    expect(page.locator("mask-editor")).to_be_hidden()
    assert page.evaluate(chosen) == 0


def test_it_keeps_the_mask_when_the_model_changes(open_page: OpenPage) -> None:
    page = open_page(f"/?model={GPT}&prompt=A+hat")
    easel = begin(page)
    easel.line((60, 60), (200, 120))
    easel.use()
    page.locator(".picker summary").click()
    page.get_by_role("radio", name="MAI Image 2.5").click()
    expect(page.locator(".picker .chosen")).to_contain_text("MAI Image 2.5")
    expect(page.locator(".mask-made")).to_contain_text("of the picture changes")
    generate(page)
    made = Generation.objects.get()
    assert made.model == "MAI-Image-2.5"
    assert made.sent_inputs.filter(is_mask=True).count() == 1


def test_use_again_brings_the_mask_back_to_be_sent_or_painted_on(open_page: OpenPage) -> None:
    page = open_page(f"/?model={GPT}&prompt=A+hat")
    easel = begin(page)
    easel.line((60, 60), (200, 120))
    easel.use()
    generate(page)
    page.evaluate("localStorage.clear()")
    page.goto(f"/?model={IMAGEN}")
    expect(page.locator(".mask-made")).to_have_count(0)
    page.get_by_role("link", name="Use again").click()
    made = page.locator(".mask-made")
    expect(made).to_contain_text("of the picture changes")
    page.get_by_role("button", name="Edit mask").click()
    ready(page, WIDE)
    assert page.evaluate(IS_PAINTED)
    page.locator(".painter").get_by_role("button", name="Cancel").click()
    page.locator(".go").click()
    expect(page.locator("[data-generation]")).to_have_count(2)
    masks = [
        Image.open(io.BytesIO(storage.get(one.sent_inputs.get(is_mask=True).image.name)))
        for one in Generation.objects.all()
    ]
    assert len({mask.getchannel("A").tobytes() for mask in masks}) == 1


def test_it_sends_no_mask_where_painting_was_cancelled(open_page: OpenPage) -> None:
    page = open_page(f"/?model={GPT}&prompt=A+hat")
    easel = begin(page)
    easel.line((60, 60), (200, 120))
    page.keyboard.press("Escape")
    expect(page.locator("dialog.painter")).to_be_hidden()
    generate(page)
    made = Generation.objects.get()
    assert [use.is_mask for use in made.sent_inputs.all()] == [False]


def test_it_takes_a_mask_file_without_script(open_page: OpenPage, person: Person) -> None:
    page = open_page(f"/?model={GPT}&prompt=A+hat", script=False)
    for name, size in (("input_images", WIDE), ("mask", (30, 30))):
        upload = FilePayload(name="file.png", mimeType="image/png", buffer=draw_png(size))
        page.locator(f"input[name={name}]").set_input_files([upload])
    page.locator(".go").click()
    expect(page.get_by_role("alert")).to_contain_text("does not have the same proportions")
    assert not Generation.objects.exists()
