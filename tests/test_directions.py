"""Words that people wrote run in the direction of their own letters, wherever they are shown."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from omixa_studio.directions import isolated
from omixa_studio.gateway.errors import told
from omixa_studio.sentences import tell

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
# What a person typed: prompts, names, reasons, and what holds one of these.
WRITTEN = re.compile(
    r"{{ (?:[\w.]*\.)?"
    r"(?:prompt|title|why|person|username|email|person\.name|who|whom|maker|label|change)"
    r"(?!\|initials|\|length)(?:\|[^}]*)? }}"
)
# Labels of ours, and a month.
OURS = re.compile(
    r"{{ (?:field|menu|part|control|change|sharing|option|gap|box|sheet|answer|segment|word|upload"
    r"|figure|link|place|preset|label|choice|screen|tab)\.?"
)
BOX = re.compile(r"<(/?)(bdi|[a-z][\w-]*)\b([^<>]*)>")
TYPED = re.compile(r"<(?:textarea|input)\b[^<]*?(?<![%-])>", re.DOTALL)
VOID = {"input", "img", "br", "link", "meta", "hr", "use"}
# Digits, secrets and what is chosen have no direction of their own.
NO_WORDS = re.compile(
    r'type="(?:hidden|checkbox|radio|file|number|range|password|submit|date)"|inputmode="decimal"'
    r"|hidden>|part\.name|new-password|name=\"password\"|class=\"input num\""
)


def sources() -> Iterator[tuple[str, str]]:
    for path in sorted(TEMPLATES.rglob("*.html")):
        yield path.relative_to(TEMPLATES).as_posix(), path.read_text(encoding="utf-8")


def box_around(text: str, at: int) -> tuple[str, str]:
    """The name and attributes of the element that holds a place, ("", "") at the outermost."""
    depth = 0
    for found in reversed(list(BOX.finditer(without_values(text[:at])))):
        closes, name, attributes = found.groups()
        if name in VOID or attributes.endswith("/"):
            continue
        if not closes and not depth:
            return name, attributes
        depth += 1 if closes else -1
    return "", ""


def without_values(text: str) -> str:
    """The text with template tags blanked, so that their signs are no HTML."""
    return re.sub(r"{%.*?%}", lambda tag: " " * len(tag[0]), text, flags=re.DOTALL)


def in_a_tag(text: str, at: int) -> bool:
    before = without_values(text[:at])
    return before.rfind("<") > before.rfind(">")


def undirected() -> Iterator[str]:
    for name, text in sources():
        for found in WRITTEN.finditer(text):
            if OURS.match(found[0]) or in_a_tag(text, found.start()):
                continue
            box, attributes = box_around(text, found.start())
            if box not in ("", "title") and box != "bdi" and 'dir="auto"' not in attributes:
                yield f"{name}: {found[0]} in <{box}{attributes}>"


def fields() -> Iterator[str]:
    for name, text in sources():
        for found in TYPED.finditer(without_values(text)):
            whole = text[found.start() : found.end()]
            if not NO_WORDS.search(whole) and 'dir="auto"' not in whole:
                yield f"{name}: {whole[:80]}"


def test_what_people_wrote_is_shown_in_its_own_direction() -> None:
    assert list(undirected()) == []


def test_what_people_type_runs_in_its_own_direction() -> None:
    assert list(fields()) == []


@pytest.mark.parametrize(
    ("html", "box"),
    [
        ("<p><bdi>{{ x }}</bdi></p>", "bdi"),
        ('<p dir="auto"><b>a</b> {{ x }}', "p"),
        ("<p>{% if a > 1 %}<img src=a>{% endif %}{{ x }}", "p"),
    ],
)
def test_it_finds_the_element_around(html: str, box: str) -> None:
    assert box_around(html, html.index("{{ x }}"))[0] == box


@pytest.mark.parametrize("name", ["Ada", "Ёлка", "張偉"])
def test_a_name_that_runs_as_sentences_do_stays_as_it_is(name: str) -> None:
    assert isolated(name) == name


@pytest.mark.parametrize("name", ["דנה", "سلمى 2", "Dana (דנה)"])
def test_a_name_of_other_direction_turns_nothing_around_it(name: str) -> None:
    assert isolated(name) == f"\u2068{name}\u2069"


def test_a_sentence_isolates_the_names_in_its_places() -> None:
    assert tell([told("cancelled_by", name="דנה")]) == "Cancelled by \u2068דנה\u2069."
