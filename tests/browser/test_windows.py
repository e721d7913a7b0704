"""The browser of the tests itself: a window that hangs, what a failed test leaves."""

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from tests import chromium as ours
from tests.chromium import Chromium, leave_traces

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OpenPage = Callable[..., Page]


def test_a_window_that_hangs_is_ended_and_the_next_one_opens(
    open_page: OpenPage, chromium: Chromium, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ours, "SECONDS_TO_CLOSE", 1.0)
    page = open_page("/")
    os.kill(chromium.process, signal.SIGSTOP)
    with pytest.warns(UserWarning, match=r"did not close within 1\.0 s"):
        chromium.close(page.context)
    expect(open_page("/")).to_have_title("Studio · Omixa Studio")


def test_a_failed_test_leaves_a_picture_and_a_trace(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ours, "RESULTS", tmp_path)
    page = open_page("/")
    leave_traces("test_it[390-light]", [page.context])
    folder = tmp_path / "test_it-390-light"
    left = sorted(path.name for path in folder.iterdir())
    assert left == ["trace-1.zip", "window-1.html", "window-1.png"]
    assert '<main id="main"' in (folder / "window-1.html").read_text(encoding="utf-8")
    with ZipFile(folder / "trace-1.zip") as trace:
        assert b'"method":"goto"' in trace.read("trace.trace")


def test_a_window_loads_no_page_of_the_browser_itself(
    open_page: OpenPage, chromium: Chromium
) -> None:
    open_page("/")
    told = chromium.running().new_browser_cdp_session()
    targets = told.send("Target.getTargets", {"filter": [{}]})["targetInfos"]
    assert [one["url"] for one in targets if one["type"] == "browser_ui"] == []


def test_it_leaves_off_what_playwright_switches_off(chromium: Chromium) -> None:
    told = chromium.running().new_browser_cdp_session()
    line = told.send("SystemInfo.getInfo")["commandLine"]
    *given, ours = re.findall(r"--disable-features=(\S+)", line)
    assert {name for names in given for name in names.split(",")} <= set(ours.split(","))
