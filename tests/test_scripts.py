"""What no linter says of static/js: short lines, and no address or limit that the server has."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parent.parent / "static" / "js"
SCRIPTS = sorted(FOLDER.rglob("*.js"))
MOST_COLUMNS = 100
# An address of the studio in quotes: it belongs into places.SCRIPT_ROUTES.
ADDRESS = re.compile(r"""["'`]/[a-z]+/""")
# A name with underscores. Constants are LOUD; names of forms and routes stand in quotes.
SNAKE = re.compile(r"(?<![\w-])[a-z]+_\w+")
QUOTED = re.compile(r"""//.*|/\*.*?\*/|"[^"\n]*"|'[^'\n]*'""", re.DOTALL)


def named(path: Path) -> str:
    return str(path.relative_to(FOLDER))


def lines_with(path: Path, found: re.Pattern[str]) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [f"{number}: {line}" for number, line in enumerate(lines, 1) if found.search(line)]


def test_there_are_scripts() -> None:
    assert SCRIPTS


@pytest.mark.parametrize("path", SCRIPTS, ids=named)
def test_its_lines_are_short(path: Path) -> None:
    assert not lines_with(path, re.compile(rf".{{{MOST_COLUMNS + 1}}}"))


@pytest.mark.parametrize("path", SCRIPTS, ids=named)
def test_it_takes_addresses_from_the_page(path: Path) -> None:
    assert not lines_with(path, ADDRESS)


@pytest.mark.parametrize("path", SCRIPTS, ids=named)
def test_it_says_what_it_is_for(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("/* ")


@pytest.mark.parametrize("path", SCRIPTS, ids=named)
def test_its_names_are_in_camel_case(path: Path) -> None:
    """So are all that the browser brings; a file is named in-small-letters.js."""
    unquoted = QUOTED.sub("", path.read_text(encoding="utf-8"))
    assert SNAKE.findall(unquoted) == []
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*\.js", path.name)
