"""A gallery of a million pictures in Chromium and Firefox, on a desk and on a phone.

The measured value is how long the browser needs, from a fresh profile, until the scrollbar has its
exact length; all else that has to hold is a fault of the row where it does not.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from scripts.node import run_node
from tests.servers import find_chromium, find_firefox

from .libraries import SQLITE, library, served
from .processes import family, proportional_mib
from .studio import Studio
from .table import Figure, Plan, Row

PROGRAM = "long-gallery.js"
BROWSERS = {"chrome": ("Chromium", find_chromium), "firefox": ("Firefox", find_firefox)}
VIEWPORTS = {
    "desk": {"width": 1440, "height": 900},
    "phone": {"width": 390, "height": 844, "hasTouch": True},
}
LENGTH, PART, OLDEST, JOURNEY, BACK = (
    "it has its length",
    "a part is scrolled",
    "it is scrolled to the oldest",
    "a journey is broken off",
    "back leads to the same spot",
)
MOST_PIXELS, MOST_HEIGHT, LONGEST_TASK, MEMORY_RANGE = 1, 8_000_000, 100, 0.2

Seen = dict[str, dict[str, Any]]


def rows() -> Iterator[Row]:
    """One row of the table for each browser and size of its window."""
    for browser, (name, _) in BROWSERS.items():
        for size in VIEWPORTS:
            yield Row(
                f"browsing-{browser}-{size}",
                f"exact scrollbar at a million, {name}, {size}",
                partial(_figure, browser, size),
                "≤ 1000 ms",
                most=1000,
            )


def _figure(browser: str, size: str, plan: Plan) -> Figure:
    made = library(SQLITE, plan.many, plan, people=1)
    with served(made) as found:
        seen = _walk(browser, size, found, plan)
    memory = seen[OLDEST]["mib"] / seen[PART]["mib"]
    longest = seen[OLDEST]["longest"]
    return Figure(
        value=seen[LENGTH]["laid"],
        unit="ms",
        said=(
            f"{seen[LENGTH]['count']} pictures, longest task {longest:.0f} ms, "
            f"memory × {memory:.2f}, back ± {seen[BACK]['moved']:.1f} px"
        ),
        details=seen,
        fault=", ".join(_faults(seen, memory)),
    )


def _faults(seen: Mapping[str, Mapping[str, Any]], memory: float) -> Iterator[str]:
    """Tell what does not hold."""
    wrong = {
        "something moved by itself": seen[BACK]["shift"] > 0,
        "taller than Firefox shows": seen[LENGTH]["height"] > MOST_HEIGHT,
        "the oldest picture was not reached": not seen[OLDEST]["last"],
        "a blank stayed": seen[JOURNEY]["blank"] > 0,
        "Back led elsewhere": seen[BACK]["moved"] > MOST_PIXELS,
        "a long task": seen[OLDEST]["longest"] > LONGEST_TASK,
        "memory grew": memory > 1 + MEMORY_RANGE,
    }
    return (fault for fault, holds in wrong.items() if holds)


def _walk(browser: str, size: str, found: Studio, plan: Plan) -> Seen:
    """Walk through the gallery; `mib` is the browser's memory after each step."""
    name, value = _session(found)
    told = {
        "browser": browser,
        "program": BROWSERS[browser][1](),
        "url": found.address,
        "cookie": {
            "name": name,
            "value": value,
            "domain": urlsplit(found.address).hostname,
            "path": "/",
        },
        "viewport": VIEWPORTS[size],
        "path": "/gallery/",
        "backs": plan.backs,
    }
    seen: Seen = {}
    pid = 0
    for step in run_node(PROGRAM, told, all_packages=False):
        pid = step.get("pid", pid)
        seen[step["step"]] = {**step, "mib": _memory(pid)}
    return seen


def _session(found: Studio) -> tuple[str, str]:
    cookies = found.session.cookies.items()
    return next((name, value) for name, value in cookies if name.startswith("studio_session"))


def _memory(pid: int) -> float:
    """MiB of a browser and all its processes, of which some may end meanwhile."""
    mib = 0.0
    for one in family(pid):
        with suppress(OSError, StopIteration):
            mib += proportional_mib(one)
    return mib
