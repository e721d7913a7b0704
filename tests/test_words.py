"""One word per idea: no name in code, style, script or template has one that the glossary bars."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
GLOSSARY = PROJECT / "docs" / "architecture.md"
ROOMS = ("omixa_studio", "static/css", "static/js", "templates", "tests")
# Migrations are history; packages are not ours.
LEFT_OUT = ("/migrations/", "/node_modules/")
NAMES = {
    ".css": re.compile(r"\.([a-z][\w-]*)|--([a-z][\w-]*)"),
    ".js": re.compile(r"\b([A-Za-z_]\w*)\b"),
    ".html": re.compile(r"\{[{%]\s*([^}]*?)\s*[%}]\}|(?:class|id)=\"([^\"]*)\""),
}
SAID = {
    ".css": re.compile(r"/\*.*?\*/", re.DOTALL),
    ".js": re.compile(r"//.*|/\*.*?\*/|\"[^\"\n]*\"|'[^'\n]*'|`[^`]*`", re.DOTALL),
    ".html": re.compile(r"\{% (?:block)?translate.*?%\}", re.DOTALL),
}


@cache
def barred() -> set[str]:
    """Return the quoted words of the last column of the glossary."""
    _, words = GLOSSARY.read_text(encoding="utf-8").split("\n## Words\n")
    rows = [line.split("|") for line in words.splitlines() if line.startswith("| ")]
    return {word for row in rows[1:] for word in re.findall(r"`(\w+)`", row[3])}


def names_in(path: Path) -> Iterator[str]:
    """Give the names that a file declares or uses, and its own."""
    yield path.stem
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        for node in ast.walk(ast.parse(text)):
            for field in ("name", "id", "attr", "arg"):
                if isinstance(name := getattr(node, field, None), str):
                    yield name
        return
    for found in NAMES[path.suffix].findall(SAID[path.suffix].sub("", text)):
        yield from ([found] if isinstance(found, str) else found)


def words_of(name: str) -> set[str]:
    """Split `one_name`, `one-name` and `oneName`."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def test_the_glossary_bars_words() -> None:
    assert {"wall", "picked", "undecided"} <= barred()
    assert words_of("--gallery-wall aWall ON_A_WALL picture_wall") >= {"wall", "gallery", "on", "a"}


@pytest.mark.parametrize("room", ROOMS)
def test_no_name_has_a_barred_word(room: str) -> None:
    """A word of the column "not" of docs/architecture.md stands in a name: use the row's own."""
    paths = [path for path in (PROJECT / room).rglob("*") if path.suffix in {".py", *NAMES}]
    found = {
        f"{path.relative_to(PROJECT)}: {name}"
        for path in paths
        if not any(part in str(path) for part in LEFT_OUT)
        for name in names_in(path)
        if words_of(name) & barred()
    }
    assert found == set()
