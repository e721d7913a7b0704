"""A real Chromium against the real pages; a person who is logged in.

A test that fails leaves pictures, pages and traces of its windows under test-results/browser;
a trace is read with `python -m playwright show-trace FILE`, and shows the page at each step
where the tests run in one process, without `-n`.
"""

import os
from collections.abc import Callable, Generator, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)
from pytest_django.live_server_helper import LiveServer

from omixa_studio.models import Person, Picture, aspect_of
from tests.chromium import Chromium, leave_traces
from tests.factories import make_generation, make_person, make_picture

FAILED = pytest.StashKey[bool]()
# A refused form is an answer, though Chromium reports every 4xx; a search is given up for the
# next one, which htmx reports as it does what went wrong.
NO_TROUBLE = ("status of 422", "htmx:sendAbort", "htmx:afterRequest")
OpenPage = Callable[..., Page]
OpenWindow = Callable[..., BrowserContext]
AxeFaults = Callable[[Page], list[str]]
# Of the pictures of a long gallery.
SHAPES = ((160, 90), (90, 160), (100, 100), (130, 91), (91, 130), (200, 50))
# The page at each step costs a sixth of a test: it is for who looks for the fault of one.
EACH_STEP = "PYTEST_XDIST_WORKER" not in os.environ
# What a page shows is waited for as long as what is pressed: a busy machine is no fault.
MOST_MILLISECONDS = 30_000
expect.set_options(timeout=MOST_MILLISECONDS)


@pytest.fixture(scope="session")
def chromium(chromium_path: str) -> Iterator[Chromium]:
    """The browser of this process."""
    # Playwright keeps an event loop in this thread; Django would refuse queries beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = Chromium(playwright, chromium_path)
        yield chromium
        chromium.close(chromium.running())
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note for the fixtures' ends that a test has failed."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture
def person(transactional_db: None) -> Person:
    return make_person("mara", first_name="Mara", last_name="Kalnina")


@pytest.fixture
def long(person: Person) -> list[Picture]:
    """700 pictures of fourteen months, newest first; they share their files."""
    generation = make_generation(person, prompt="A grey harbour", count=1)
    pattern = make_picture(generation, size=(90, 90))
    same = ("person", "model", "name", "thumb", "sha256", "format", "bytes", "cost_micros")
    values = {name: getattr(pattern, name) for name in same}
    now = timezone.now()
    rows = []
    for index in range(1, 700):
        width, height = SHAPES[index % len(SHAPES)]
        size = {"width": width, "height": height, "aspect": aspect_of(width, height)}
        at = now - timedelta(hours=14 * index)
        row = Picture(generation=generation, index=index, created_at=at, **size, **values)
        rows.append(row)
    Picture.objects.bulk_create(rows)
    return list(Picture.objects.order_by("-created_at", "-id"))


@pytest.fixture
def troubles() -> list[str]:
    """The errors that the pages of a test have told on their consoles."""
    return []


@pytest.fixture
def posted() -> list[str]:
    """The paths to which the pages of a test have sent something, as soon as it is sent."""
    return []


@pytest.fixture
def open_window(
    request: pytest.FixtureRequest, chromium: Chromium, live_server: LiveServer, troubles: list[str]
) -> Iterator[OpenWindow]:
    """Open a window of a stranger; takes the options of playwright's `new_context`."""
    windows: list[BrowserContext] = []

    def opened(**options: Any) -> BrowserContext:
        window = chromium.running().new_context(base_url=live_server.url, **options)
        windows.append(window)
        window.tracing.start(snapshots=EACH_STEP)
        return window

    yield opened
    # Closing cuts off answers on their way, which is no trouble of the page.
    before_closing = list(troubles)
    if before_closing or request.node.stash.get(FAILED, False):
        leave_traces(request.node.name, windows)
    for window in windows:
        chromium.close(window)
    assert not before_closing


@pytest.fixture
def open_page(
    open_window: OpenWindow,
    live_server: LiveServer,
    person: Person,
    troubles: list[str],
    posted: list[str],
) -> OpenPage:
    """Open an address as `person`, on a screen of a width, with or without script.

    A message of an error on the console fails the test at its end.
    """

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(one in message.text for one in NO_TROUBLE):
            troubles.append(message.text)

    def note_post(request: Request) -> None:
        if request.method == "POST":
            posted.append(urlsplit(request.url).path)

    def opened(
        path: str,
        *,
        width: int = 1440,
        theme: str = "light",
        script: bool = True,
        touch: bool = False,
    ) -> Page:
        window = open_window(
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            java_script_enabled=script,
            has_touch=touch,
        )
        log_in(window, person, live_server.url)
        page = window.new_page()
        page.set_default_timeout(MOST_MILLISECONDS)
        page.on("console", note)
        page.on("request", note_post)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(path)
        return page

    return opened


def log_in(window: BrowserContext, person: Person, url: str) -> None:
    """Let a window of the studio at `url` be a person's."""
    client = Client()
    client.force_login(person)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    window.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])


def violations(page: Page) -> list[str]:
    """What axe finds wrong on a page, one line each; colours count when they have settled."""
    page.evaluate(
        """() => document.getAnimations()
            .filter(one => one instanceof CSSTransition).forEach(one => one.finish())"""
    )
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:200]} {node['failureSummary']}"
        for one in found
        for node in one["nodes"]
    ]


@pytest.fixture
def axe() -> AxeFaults:
    """A function that gives the accessibility faults of a page."""
    return violations
