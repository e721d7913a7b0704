"""Every pattern reads four times as much in about four times the time, whatever is sent."""

import importlib
import pkgutil
import re
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import pytest

import omixa_studio
from omixa_studio.gateway.redaction import clean, redact
from omixa_studio.gateway.refusal import plain_text
from omixa_studio.sandbox.faults import fault_of_prompt
from omixa_studio.services.xmp import find_packet

FEW = 20_000
MOST_TIMES_AS_LONG = 9  # between 4, which is linear, and 16, which is quadratic
TOO_SHORT_TO_COMPARE = 0.02  # seconds
ROOM = Path(omixa_studio.__file__).parent
UNITS = (
    *(" ", "\t", "a", "0", ".", "-", "=", "<", ">", "[", "data:", "a ", ". ", "<a", "a.", "a-"),
    *("<title", "<title ", "<title>", "<TITLE<", "</title", "&#", "[fault:", "[fault: a ", "(a"),
    *("{", "{a", "{{a", "{{a|", "|", "a}"),
    *("<x:xmpmeta ", "<x:xmpmeta>", "</x:xmpmeta"),
    *("omx_", "omx_a", "bearer ", "bearer%20", "authorization", "authorization: ", "%20", "https:"),
)


def patterns() -> list[tuple[str, str, "re.Pattern[str] | re.Pattern[bytes]"]]:
    """Each pattern of a module, with the method by which that module asks it."""
    found = []
    for module in pkgutil.walk_packages([str(ROOM)], "omixa_studio."):
        if ".migrations" in module.name or ".management" in module.name:
            continue
        if module.name.endswith((".webserver", ".wsgi")):
            continue
        loaded = importlib.import_module(module.name)
        text = Path(str(loaded.__file__)).read_text(encoding="utf-8")
        for name, value in vars(loaded).items():
            if isinstance(value, re.Pattern) and f"{name} = re.compile(" in text:
                asked = re.findall(rf"\b{name}\.(search|sub|match|fullmatch|split|find)", text)
                found += [(f"{module.name}.{name}", method, value) for method in set(asked)]
    return sorted(found, key=lambda row: row[:2])


def seconds(work: Callable[[], object]) -> float:
    """The least of three, since a machine can only be slower than it is."""
    times = []
    for _ in range(3):
        began = process_time()
        work()
        times.append(process_time() - began)
        if times[-1] > 1:
            break
    return min(times)


def assert_linear(read: Callable[[str], object], unit: str) -> None:
    text = unit * (FEW // len(unit))
    long = seconds(lambda: read(text * 4))
    if long > TOO_SHORT_TO_COMPARE:
        short = seconds(lambda: read(text))
        assert long < MOST_TIMES_AS_LONG * short, f"{unit!r}: {short:.3f} s, then {long:.3f} s"


def asked(pattern: "re.Pattern[str] | re.Pattern[bytes]", method: str, text: str) -> object:
    given: Any = text.encode() if isinstance(pattern.pattern, bytes) else text
    if method in ("sub", "split", "find"):
        # None is kept: among the many objects of all modules Python would look for garbage.
        return sum(1 for _ in pattern.finditer(given))
    return getattr(pattern, method)(given)


@pytest.mark.parametrize(
    ("name", "method", "pattern"), patterns(), ids=[" ".join(row[:2]) for row in patterns()]
)
def test_a_pattern_is_linear(
    name: str, method: str, pattern: "re.Pattern[str] | re.Pattern[bytes]"
) -> None:
    for unit in UNITS:
        assert_linear(lambda text: asked(pattern, method, text), unit)


@pytest.mark.parametrize(
    "read",
    [
        lambda text: plain_text(text.encode()),
        lambda text: redact(text, "omx_live_0123456789"),
        lambda text: clean(text, most=10**6),
        fault_of_prompt,
        lambda text: find_packet(text.encode()),
    ],
    ids=["plain_text", "redact", "clean", "fault_of_prompt", "find_packet"],
)
def test_a_reader_of_foreign_text_is_linear(read: Callable[[str], object]) -> None:
    for unit in UNITS:
        assert_linear(read, unit)


def test_a_body_of_titles_is_read_at_once() -> None:
    body = b"<title" * (256 * 1024 // 6)
    assert seconds(lambda: plain_text(body)) < 0.5
