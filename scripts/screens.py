"""Take the pictures of README.md and docs/look.md from a practice studio started for it.

    sh scripts/python.sh .venv-test requirements-test.lock -m scripts.screens
    … -m scripts.screens CHECKOUT    what docs/look/ shows as before: an older checkout

Everything that stands on them is drawn by the studio's own demonstration.
"""

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from scripts.practice import (
    FLAGS,
    PROJECT,
    chromium,
    cookies_of,
    logged_in,
    newest_picture,
    practice_studio,
)

DOCUMENTS = PROJECT / "docs"
# The file, the page, the width of the window and the theme.
Shot = tuple[str, str, int, Literal["light", "dark"]]
# Whose studio is shown; the other pages are the admin's.
MAKER = "demo-6"
HEIGHTS = {390: 844, 820: 1100, 1440: 900}
README: Sequence[Shot] = (
    ("studio-light", "/", 1440, "light"),
    ("studio-phone", "/", 390, "light"),
    ("gallery-dark", "/team/", 1440, "dark"),
    ("picture-light", "picture", 1440, "light"),
    ("costs-light", "/costs/", 1440, "light"),
)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LOOKS: Sequence[Shot] = [
    (f"studio-{width}-{theme}", "/", width, theme) for width in HEIGHTS for theme in THEMES
]
# What is only compared needs no more, and keeps the clone small.
WIDEST_LOOK = 1000


def main(before: Path | None = None) -> None:
    """Write a WebP for each screen; of an older checkout only those that are compared."""
    with (
        practice_studio(people=6, project=before or PROJECT) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        if not before:
            take(browser, address, README, DOCUMENTS / "screens")
        folder = DOCUMENTS / "look" / ("before" if before else "after")
        take(browser, address, LOOKS, folder, widest=WIDEST_LOOK)
        browser.close()


def take(
    browser: Browser,
    address: str,
    shots: Sequence[Shot],
    folder: Path,
    *,
    widest: int = 1440,
) -> None:
    """Write the screens that `shots` names into a folder, at most so many pixels wide."""
    folder.mkdir(parents=True, exist_ok=True)
    admin, maker = logged_in(address), logged_in(address, MAKER)
    newest = newest_picture(admin, address)
    for name, path, width, theme in shots:
        size = ViewportSize(width=width, height=HEIGHTS[width])
        window = browser.new_context(viewport=size, color_scheme=theme)
        window.add_cookies(cookies_of(maker if path == "/" else admin))
        page = window.new_page()
        page.goto(address + (newest if path == "picture" else path))
        page.wait_for_load_state("networkidle")
        image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        image.thumbnail((widest, 4 * widest))
        image.save(folder / f"{name}.webp", quality=80, method=6)
        window.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
