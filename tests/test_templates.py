"""Templates are read a line at a time: each holds one decision, short enough to see whole."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median

import pytest

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
LONGEST_LINE = 120
DEEPEST = 3
MOST_LINES = 100
USUAL_LINES = 30

TAG = re.compile(r"{%-?\s*(\w+)")
# An `else` answers the question that its `if` asked, so the two may share a line.
DECISIONS = {"if", "elif", "for", "with", "ifchanged"}
# Chooses between the sentences for one and for several.
COUNTED = re.compile(r"{%-?\s*blocktranslate\b[^%]*\bcount\s")
# Whether a role may do something is decided in the presenters, which know it by these names.
ROLES = re.compile(
    r"\b(is_admin|sees_costs|is_staff|is_superuser|perms)\b|\bif\b[^%]*shell\.person\.role\b"
)
# Browsers count the line break after it as one more thing in a row, with a gap before it.
HIDDEN_AFTER_WORDS = re.compile(r'^\s*(?!{% icon)[^<\s].*<span class="visually-hidden">.*</span>$')
OPENS = {"if", "for", "with", "ifchanged"}
CLOSES = {"endif", "endfor", "endwith", "endifchanged"}


@cache
def templates() -> dict[str, list[str]]:
    return {
        path.relative_to(TEMPLATES).as_posix(): path.read_text(encoding="utf-8").splitlines()
        for path in sorted(TEMPLATES.rglob("*.html"))
    }


def lines() -> Iterator[tuple[str, str]]:
    for name, text in templates().items():
        for number, line in enumerate(text, 1):
            yield f"{name}:{number}", line


def decisions_in(line: str) -> int:
    """Count the questions that a line asks; a sentence with `count` chooses between two."""
    return sum(tag in DECISIONS for tag in TAG.findall(line)) + len(COUNTED.findall(line))


def deep_lines(name: str, text: list[str]) -> Iterator[str]:
    depth = 0
    for number, line in enumerate(text, 1):
        for tag in TAG.findall(line):
            depth += (tag in OPENS) - (tag in CLOSES)
            if tag in OPENS and depth > DEEPEST:
                yield f"{name}:{number}"


def test_there_are_templates() -> None:
    assert "base.html" in templates()


def test_a_line_holds_one_decision() -> None:
    """Else give the record in `presenters/` a field with the finished word, class or list."""
    assert [where for where, line in lines() if decisions_in(line) > 1] == []


@pytest.mark.parametrize(
    ("line", "decisions"),
    [
        ("{% if a %}{{ a }}{% else %}{{ b }}{% endif %}", 1),
        ("{% if a %}{% blocktranslate count n=n %}", 2),
        ("{% for a in all %}{% ifchanged a.day %}", 2),
        ("{% if a %}{% blocktranslate with count=n %}", 1),
    ],
)
def test_it_counts_what_a_line_decides(line: str, decisions: int) -> None:
    assert decisions_in(line) == decisions


def test_a_line_can_be_seen_whole() -> None:
    """Break between attributes, and write a long sentence as a trimmed blocktranslate."""
    assert [where for where, line in lines() if len(line) > LONGEST_LINE] == []


def test_a_tag_ends_right_after_words_for_the_ear() -> None:
    """The closing tag stands on the line of a hidden word that follows visible ones."""
    assert [where for where, line in lines() if HIDDEN_AFTER_WORDS.search(line)] == []


def test_a_template_asks_no_role() -> None:
    """Else give the record a field that is empty or false for who may not."""
    asking = [
        where
        for where, line in lines()
        if any(ROLES.search(tag) for tag in re.findall(r"{[%{].*?[%}]}", line))
    ]
    assert asking == []


def test_decisions_stand_at_most_three_deep() -> None:
    """What is deeper is a template of its own."""
    deep = [where for name, text in templates().items() for where in deep_lines(name, text)]
    assert deep == []


def test_a_template_is_short() -> None:
    assert [name for name, text in templates().items() if len(text) > MOST_LINES] == []


def test_most_templates_are_shorter_still() -> None:
    assert median(map(len, templates().values())) <= USUAL_LINES
