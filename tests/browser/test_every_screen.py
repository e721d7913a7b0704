"""Every screen, wide and on a phone: nothing that axe finds, nothing that moves by itself,
nothing beside the window, no error and no failed request. A new screen is looked at by itself."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from PIL import Image, ImageChops
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Response, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from omixa_studio.models import Generation, Person
from tests.browser.conftest import OpenWindow, log_in
from tests.browser.screens import Screen, furnish, screens_of
from tests.factories import make_picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MEASURE = Path(__file__).with_name("measure.js")
MOST_SHIFT = 0.01
# The screens are looked at in so many tests, which share the processes of a run.
PARTS = 6
# Of 255: Chromium rounds the edge of a corner differently when it draws only a part anew.
ROUNDING = 1
# What can be chosen looks alike on all screens, so that each kind is looked at once.
KINDS_SEEN: set[str] = set()
PHONE = ViewportSize(width=390, height=844)
# What moves so soon after a press was to be expected.
MILLISECONDS_OF_A_PRESS = 500
# On a machine that is busy with other tests.
MOST_MILLISECONDS = 30_000
NARROWEST = ViewportSize(width=320, height=640)
WIDE = ViewportSize(width=1440, height=900)


@pytest.mark.parametrize("part", range(PARTS))
def test_it_is_sound_on_every_screen(
    open_window: OpenWindow, live_server: LiveServer, person: Person, part: int
) -> None:
    person.role = "admin"
    person.save(update_fields=["role"])
    furnish(person)
    screens = screens_of(person)[part::PARTS]
    faults: list[str] = []
    for strange in (False, True):
        seen = [screen for screen in screens if screen.for_strangers == strange]
        for size, look in ((PHONE, look_on_a_phone), (WIDE, look_at_a_wide_one)):
            window = open_window(viewport=size)
            if not strange:
                log_in(window, person, live_server.url)
            faults += walk(window, seen, look)
    assert not faults, "\n".join(faults)


def walk(
    window: BrowserContext, screens: list[Screen], look: Callable[[Page], list[str]]
) -> list[str]:
    """Open the screens one after the other; give what is wrong with them, a line each."""
    window.add_init_script(path=MEASURE)
    page = window.new_page()
    heard: list[str] = []
    listen(page, heard)
    width = page.evaluate("innerWidth")
    faults: list[str] = []
    for screen in screens:
        heard.clear()
        answer = read(page, screen)
        found = moved(page)
        act(page, screen)
        if not found and moved(page):
            # A press excuses half a second; on a busy machine what it asks for may take longer.
            read(page, screen)
            act(page, screen)
            found = moved(page)
        page.evaluate("all => unfold(all)", width == PHONE["width"])
        page.evaluate(AXE_SCRIPT)
        found += [*look(page), *heard]
        if answer and answer.status != screen.status:
            found.append(f"answered {answer.status}")
        faults += [f"{screen.name} at {width}: {fault}" for fault in found]
    return faults


def read(page: Page, screen: Screen) -> Response | None:
    """Open a screen and read it through; give the answer."""
    answer = page.goto(screen.path)
    page.evaluate("readThrough()")
    return answer


def act(page: Page, screen: Screen) -> None:
    """Do the main thing that one does on a screen."""
    ACTIONS.get(screen.name, unfold_the_first)(page)


def unfold_the_first(page: Page) -> None:
    """Do the least that one can do on a screen, where no dialog stands before it."""
    first = page.locator("main summary:visible").first
    if first.count() and not page.locator("dialog[open]").count():
        first.click()
        page.evaluate("drawn()")
        first.click()


def make_a_picture(page: Page) -> None:
    """Press the button, and let the picture come when a press no longer excuses a movement."""
    page.get_by_role("textbox", name="Prompt").fill("A paper fox")
    page.locator(".go").click()
    card = page.locator("[data-generation]").first
    expect(card).to_contain_text("A paper fox", timeout=MOST_MILLISECONDS)
    page.wait_for_timeout(MILLISECONDS_OF_A_PRESS)
    made = Generation.objects.latest("pk")
    make_picture(made, size=(100, 100))
    Generation.objects.filter(pk=made.pk).update(state="done", charged="no", seconds=4.0)
    expect(card).to_have_attribute("data-state", "done", timeout=MOST_MILLISECONDS)
    page.evaluate("drawn()")


def look_on_a_phone(page: Page) -> list[str]:
    """All that axe knows in light, colours in dark, and whether the narrowest window holds it."""
    page.emulate_media(color_scheme="light")
    found = axe(page)
    page.emulate_media(color_scheme="dark")
    # Colours are all that axe judges anew in another theme.
    found += axe(page, runOnly=["color-contrast"])
    page.set_viewport_size(NARROWEST)
    # A script lays a gallery out anew before the next frame.
    page.evaluate("drawn()")
    beside = page.evaluate("besideWindow()")
    page.set_viewport_size(PHONE)
    return found + ([f"{beside} pixels beside a window of 320"] if beside > 0 else [])


def look_at_a_wide_one(page: Page) -> list[str]:
    """All that axe knows in dark, and what is chosen where the system forces its colours."""
    page.emulate_media(color_scheme="dark")
    found = axe(page)
    page.emulate_media(forced_colors="active")
    for number, kind in enumerate(page.evaluate("findChosen()")):
        if kind not in KINDS_SEEN:
            KINDS_SEEN.add(kind)
            # A poll may change what stands there meanwhile.
            shown = any(shows_what_is_chosen(page, number) for _ in range(3))
            found += [] if shown else [f"looks as if not: {kind}"]
    page.emulate_media(forced_colors="none")
    return found


def shows_what_is_chosen(page: Page, number: int) -> bool:
    """Whether something chosen looks different from what it is when it is not."""
    shown = page.locator(f'[data-chosen="{number}"]')
    pictures = []
    for chosen in (True, False, True):
        page.evaluate("([number, is]) => choose(number, is)", [number, chosen])
        page.evaluate("endTransitions()")
        pictures.append(shown.screenshot(animations="disabled"))
    return differ(pictures[0], pictures[1]) and not differ(pictures[0], pictures[2])


def differ(one: bytes, other: bytes) -> bool:
    """Whether two pictures of the screen differ by more than how their colours are rounded."""
    first, second = (Image.open(BytesIO(data)).convert("RGB") for data in (one, other))
    if first.size != second.size:
        return True
    bands = ImageChops.difference(first, second).split()
    return any(any(band.histogram()[ROUNDING + 1 :]) for band in bands)


def listen(page: Page, heard: list[str]) -> None:
    """Note the errors of a page and the requests that failed."""
    page.on("pageerror", lambda error: heard.append(str(error)))

    def note_answer(answer: Response) -> None:
        # A page that is refused is an answer, and looked at.
        if answer.status >= 400 and not answer.request.is_navigation_request():
            heard.append(f"{answer.status} {urlsplit(answer.url).path}")

    def note_words(message: ConsoleMessage) -> None:
        # Chromium reports refused requests, which are noted above with their address.
        if message.type == "error" and "Failed to load resource" not in message.text:
            heard.append(message.text)

    page.on("response", note_answer)
    page.on("console", note_words)


def moved(page: Page) -> list[str]:
    """What moved by itself, when that is more than nobody notices."""
    shifts = page.evaluate("shifts")
    total = sum(shift["value"] for shift in shifts)
    return [f"moved by {total:.3f}: {shifts}"] if total > MOST_SHIFT else []


def axe(page: Page, **options: Any) -> list[str]:
    """What axe finds, one line each; it stands in the page."""
    page.evaluate("endTransitions()")
    found = page.evaluate("options => axe.run(options)", {"resultTypes": ["violations"], **options})
    return [
        f"{one['id']}: {node['html'][:200]} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


# What one does on a screen, where it is more than to unfold something.
ACTIONS = {"studio": make_a_picture}
