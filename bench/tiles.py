"""From the gateway's last byte to a tile that a person sees, in a real Chromium."""

import os
import random
import shutil
import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

from omixa_studio.sandbox import Sandbox

from . import samples
from .studio import KEY, Studio, studio
from .table import Figure, Plan

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Writes down when the first picture of a card has been decoded and painted.
WATCH = """
window.seen = {};
document.addEventListener("load", (event) => {
  const card = event.target.closest?.("[data-state=done]");
  if (!card || card.dataset.generation in seen) return;
  seen[card.dataset.generation] = 0;
  requestAnimationFrame(() => setTimeout(() => { seen[card.dataset.generation] = Date.now(); }));
}, true);
"""


def answer_to_tile(plan: Plan) -> Figure:
    """Milliseconds from the answer's last byte to its thumbnail on the screen."""
    with tempfile.TemporaryDirectory() as name:
        answer = samples.write_answer(Path(name) / "answer.json", [samples.picture()])
        with (
            Sandbox(key=KEY, fixed_answer=answer.read_bytes()) as sandbox,
            studio(Path(name) / "data", gateway=sandbox.base_url) as found,
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
            page = browser.new_page()
            _log_in(page, found)
            waited = [_one_tile(page, sandbox, number) for number in range(plan.tiles + 1)][1:]
            browser.close()
    return Figure(
        value=median(waited),
        unit="ms",
        said=f"{min(waited):.0f} to {max(waited):.0f} ms",
        details={"milliseconds": waited},
    )


def chromium() -> str | None:
    """The browser of this machine; None is Playwright's own."""
    named = os.environ.get("CHROMIUM", "")
    return named or next(filter(None, map(shutil.which, BROWSERS)), None)


def _log_in(page: Page, found: Studio) -> None:
    page.add_init_script(WATCH)
    page.goto(f"{found.address}/login/")
    page.fill("[name=login]", found.username)
    page.fill("[name=password]", found.password)
    page.press("[name=password]", "Enter")
    page.wait_for_selector("#composer")


def _one_tile(page: Page, sandbox: Sandbox, number: int) -> float:
    # The page asks every half second: each answer comes at another moment of that. None comes
    # within the 0.7 s in which a second press of the button counts as a double click.
    sandbox.seconds = random.uniform(0.8, 1.8)
    page.fill("[name=prompt]", f"tile {number}")
    page.press("[name=prompt]", "Control+Enter")
    shown = page.wait_for_function(
        "(count) => Object.values(seen).filter(Boolean).length > count && Object.values(seen)",
        arg=number,
        timeout=30_000,
    )
    finished = sandbox.calls[number].finished or 0.0
    return float(max(shown.json_value())) - finished * 1000
