"""A Chromium that is ended when it hangs; pictures, pages and traces of tests that failed."""

import os
import re
import shutil
import signal
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from playwright.sync_api import Browser, BrowserContext, Error, Playwright

from tests.servers import PROJECT

RESULTS = PROJECT / "test-results" / "browser"
SECONDS_TO_CLOSE = 30.0
# What playwright switches off: of two such lists Chromium heeds the last, so ours holds both.
OFF_BY_PLAYWRIGHT = (
    *("AimEnabled", "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync"),
    *("DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades"),
    *("LensOverlay", "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints"),
    *("PaintHolding", "PreconnectToSearch", "TcpPortRandomizationWin"),
    *("ThirdPartyStoragePartitioning", "msEdgeUpdateLaunchServicesPreferredVersion"),
    "msForceBrowserSignIn",
)
# Pages of the address bar, which nobody sees and each window would load: half of what it costs.
OFF = (*OFF_BY_PLAYWRIGHT, "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(OFF)}",
)


class Chromium:
    """One Chromium for all tests of a process, started anew when it had to be ended."""

    def __init__(self, playwright: Playwright, path: str) -> None:
        self._playwright, self._path = playwright, path
        self._browser: Browser | None = None
        self.process = 0

    def running(self) -> Browser:
        """Return the browser, which is started when there is none."""
        if self._browser is None or not self._browser.is_connected():
            launch = self._playwright.chromium.launch
            self._browser = launch(executable_path=self._path, args=FLAGS)
            told = self._browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")
            processes = told["processInfo"]
            self.process = next(one["id"] for one in processes if one["type"] == "browser")
        return self._browser

    def close(self, what: Browser | BrowserContext) -> None:
        """Close a window or all; playwright would wait for ever for one that hangs."""
        with self._ended_after(SECONDS_TO_CLOSE):
            what.close()

    @contextmanager
    def _ended_after(self, seconds: float) -> Iterator[None]:
        ended = threading.Event()

        def end() -> None:
            ended.set()
            os.kill(self.process, signal.SIGKILL)

        timer = threading.Timer(seconds, end)
        timer.start()
        try:
            yield
        except Error:
            if not ended.is_set():
                raise
        finally:
            timer.cancel()
        if ended.is_set():
            warnings.warn(f"A window did not close within {seconds} s.", stacklevel=4)


def leave_traces(test: str, contexts: list[BrowserContext]) -> None:
    """Keep for each window of a failed test what it shows and how it came to that."""
    folder = RESULTS / re.sub(r"[^\w.-]+", "-", test).strip("-")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for number, context in enumerate(contexts, 1):
        for page in context.pages:
            with suppress(Error):  # a page that shows no more is still told by its trace
                page.screenshot(path=folder / f"window-{number}.png", timeout=5_000)
                (folder / f"window-{number}.html").write_text(page.content(), encoding="utf-8")
        context.tracing.stop(path=folder / f"trace-{number}.zip")
