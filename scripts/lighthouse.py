"""Let Lighthouse judge the main pages of a practice studio; fails below LEAST of 100.

    make lighthouse                  every page, on a phone and on a desktop
    make lighthouse PAGES="costs"    some of them

Lighthouse comes from npm as tests/node/package-lock.json says, the browser is the system's.
"""

import sys
from typing import Any

from scripts.node import run_node
from scripts.practice import (
    FLAGS,
    chromium,
    cookies_of,
    logged_in,
    newest_picture,
    practice_studio,
)

LEAST = 95
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
PAGES = ("login", "studio", "gallery", "picture", "costs")
# A busy machine makes a page slow, but none makes it fast: the best of so many is the page's own.
MOST_TRIES = 3


def main(wanted: list[str]) -> int:
    """Print a table; return how many pages are below LEAST in something."""
    with practice_studio() as address:
        session = logged_in(address)
        paths = {
            "login": "/login/",
            "studio": "/",
            "gallery": "/gallery/",
            "picture": newest_picture(session, address),
            "costs": "/costs/",
        }
        pages = [
            {
                "name": name,
                "url": address + paths[name],
                "cookies": [] if name == "login" else cookies_of(session),
            }
            for name in wanted or PAGES
        ]
        asked: dict[str, Any] = {"chromium": chromium(), "flags": FLAGS, "pages": pages}
        asked |= {"least": LEAST, "tries": MOST_TRIES}
        print(f"{'':20}" + "".join(f"{category:>16}" for category in CATEGORIES), flush=True)
        judged = run_node("lighthouse.js", asked, all_packages=True)
        below = [one for one in judged if told(one)]
    return len(below)


def told(judged: dict[str, Any]) -> bool:
    """Print the line of a page, and what is wrong with it; say whether it is below LEAST."""
    scores = judged["scores"]
    figures = "".join(f"{scores[category]:>16}" for category in CATEGORIES)
    print(f"{judged['name']:<10}{judged['device']:<10}{figures}", flush=True)
    faults = judged["faults"] if min(scores.values()) < LEAST else []
    if judged["ended"] != judged["path"]:
        faults = [f"leads to {judged['ended']}", *faults]
    if faults:
        print(f"    {'; '.join(faults)}", flush=True)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
