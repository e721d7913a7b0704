"""A real Chromium against the real pages; a person who is logged in."""

import os
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from omixa_studio.models import Person
from tests.factories import make_person

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    """One Chromium for all tests of a process."""
    # Playwright keeps an event loop in this thread; Django would refuse queries beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
        yield running
        running.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def person(transactional_db: None) -> Person:
    return make_person("mara", first_name="Mara", last_name="Kalnina")


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer, person: Person) -> Iterator[OpenPage]:
    """Open an address as `person`, on a screen of a width, with or without script.

    A message of an error on the console fails the test at its end.
    """
    contexts, troubles = [], []

    def note(message: ConsoleMessage) -> None:
        # A refused form is an answer, though Chromium reports every 4xx.
        if message.type == "error" and "status of 422" not in message.text:
            troubles.append(message.text)

    def opened(
        path: str,
        *,
        width: int = 1440,
        theme: str = "light",
        script: bool = True,
        touch: bool = False,
    ) -> Page:
        client = Client()
        client.force_login(person)
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            java_script_enabled=script,
            has_touch=touch,
        )
        contexts.append(context)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("console", note)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(path)
        return page

    yield opened
    # Closing cuts off answers on their way, which is no trouble of the page.
    before_closing = list(troubles)
    for context in contexts:
        context.close()
    assert not before_closing


def violations(page: Page) -> list[str]:
    """What axe finds wrong on a page, one line each."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:200]} {node['failureSummary']}"
        for one in found
        for node in one["nodes"]
    ]


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """A function that gives the accessibility faults of a page."""
    return violations
