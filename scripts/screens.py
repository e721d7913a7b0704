"""Take the pictures of README.md from a practice studio that is running.

    .venv-test/bin/python scripts/screens.py http://127.0.0.1:8000 NAME PASSWORD CHROMIUM

Fill it first: `manage.py demo --pictures 400 --charges 1200 --people 6`.
"""

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

SCREENS = Path(__file__).resolve().parent.parent / "docs" / "screens"
FLAGS = ["--no-sandbox", "--disable-gpu"]
WIDE, PHONE = (1440, 900), (390, 844)
SHOTS = (
    ("studio-light", "/", WIDE, "light"),
    ("studio-phone", "/", PHONE, "light"),
    ("gallery-dark", "/team/", WIDE, "dark"),
    ("picture-light", "/gallery/", WIDE, "light"),
    ("costs-light", "/costs/", WIDE, "light"),
)


def main(address: str, name: str, password: str, chromium: str) -> None:
    """Log in once per size and theme; write one WebP per screen."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for shot, path, size, theme in SHOTS:
            picture = take(browser, address, (name, password), path=path, size=size, theme=theme)
            image = Image.open(io.BytesIO(picture)).convert("RGB")
            image.save(SCREENS / f"{shot}.webp", quality=82, method=6)
        browser.close()


def take(
    browser: Browser,
    address: str,
    login: tuple[str, str],
    *,
    path: str,
    size: tuple[int, int],
    theme: str,
) -> bytes:
    """Return the PNG of one screen; of the gallery, of its first picture."""
    viewport = {"width": size[0], "height": size[1]}
    page = browser.new_page(viewport=viewport, color_scheme=theme)  # type: ignore[arg-type]
    page.goto(f"{address}/login/?next={path}")
    page.fill("input[name=login]", login[0])
    page.fill("input[name=password]", login[1])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login/" not in url)
    if path == "/gallery/":
        page.goto(address + str(page.locator("[data-picture]").first.get_attribute("href")))
    page.wait_for_load_state("networkidle")
    return page.screenshot()


if __name__ == "__main__":
    main(*sys.argv[1:5])
