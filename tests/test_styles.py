"""The stylesheets keep to tokens.css, say a rule once, and style nothing that is not there."""

import ast as python
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain, combinations
from pathlib import Path

import pytest
import tinycss2
from tinycss2 import ast

PROJECT = Path(__file__).resolve().parent.parent
SHEETS = sorted((PROJECT / "static" / "css").glob("*.css"))
WIDTHS = re.compile(
    r"\((?:(560|760|1000)px < )?width <= (560|760|1000)px\)(?:, \(height <= 480px\))?"
)
NAMES = re.compile(r" ?[a-z][a-z0-9 -]{0,40}")
# What htmx and Django's forms put on the page.
FOREIGN = {"htmx-request", "htmx-indicator", "errorlist"}
# Drawn, not laid out: raw pixels are right there.
DRAWN = re.compile(
    r"border(?!-radius)|outline|box-shadow|filter|backdrop-filter|translate|text-underline-offset"
)
HAIRLINE, LEAST_MEASURE, GRID = 3, 80, 4
# So many declarations that stand twice together are one rule with two selectors.
SAME_BLOCK = 3
# From so many declarations in common on, two rules say the common part once, as one list.
KIN = 5
MOST_LINES = 400


@dataclass(frozen=True)
class Rule:
    """A rule of a sheet, within its layer and media queries."""

    sheet: str
    within: tuple[str, ...]
    selectors: tuple[str, ...]
    declarations: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return f"{self.sheet}: {', '.join(self.selectors)} {{}}"


@cache
def rules() -> list[Rule]:
    return list(chain.from_iterable(rules_of(path) for path in SHEETS))


def rules_of(path: Path) -> Iterator[Rule]:
    sheet = tinycss2.parse_stylesheet(path.read_text(encoding="utf-8"), skip_comments=True)
    yield from _rules_in(path.name, sheet, ())


def _rules_in(sheet: str, nodes: list[ast.Node], within: tuple[str, ...]) -> Iterator[Rule]:
    for node in nodes:
        if isinstance(node, ast.AtRule) and node.content and node.lower_at_keyword != "keyframes":
            inner = tinycss2.parse_rule_list(node.content, skip_comments=True)
            name = f"{node.lower_at_keyword} {_text(node.prelude)}"
            yield from _rules_in(sheet, inner, (*within, name))
        elif isinstance(node, ast.QualifiedRule):
            declared = tinycss2.parse_blocks_contents(node.content, skip_comments=True)
            assert {d.type for d in declared} <= {"declaration", "whitespace"}, (sheet, declared)
            pairs = tuple((d.name, _text(d.value)) for d in declared if d.type == "declaration")
            yield Rule(sheet, within, tuple(_split(node.prelude)), pairs)


def _text(tokens: list[ast.Node]) -> str:
    return " ".join(tinycss2.serialize(tokens).split())


def _split(prelude: list[ast.Node]) -> Iterator[str]:
    """The selectors of a list; a comma within brackets belongs to one of them."""
    part: list[ast.Node] = []
    for token in prelude:
        if token == ",":
            yield _text(part)
            part = []
        else:
            part.append(token)
    yield _text(part)


def test_there_are_rules() -> None:
    assert len(rules()) > 500


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_it_is_not_too_long(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


def test_only_three_widths_are_asked_for() -> None:
    asked = {(rule.sheet, each) for rule in rules() for each in rule.within if "width" in each}
    assert [each for each in asked if not WIDTHS.fullmatch(each[1].removeprefix("media "))] == []


def test_no_selector_says_a_property_twice() -> None:
    said = Counter(
        (rule.within, selector, name)
        for rule in rules()
        for selector in rule.selectors
        for name in {name for name, _value in rule.declarations}
    )
    assert [each for each, times in said.items() if times > 1] == []


def test_no_rule_stands_twice() -> None:
    """Two rules with the same selectors are one."""
    said = Counter((rule.within, rule.selectors) for rule in rules())
    assert [each for each, times in said.items() if times > 1] == []


def test_no_block_stands_twice() -> None:
    """Rules with the same declarations share them: a class, or one list of selectors."""
    blocks = Counter(
        (rule.within, frozenset(rule.declarations))
        for rule in rules()
        if len(rule.declarations) >= SAME_BLOCK
    )
    assert [(each, blocks[each]) for each in blocks if blocks[each] > 1] == []


def test_kin_say_what_they_share_once() -> None:
    """Take the common declarations into one rule with both selectors, or list the pair."""
    kin = [
        f"{one} {other}"
        for one, other in combinations(rules(), 2)
        if one.within == other.within and len(_common(one, other)) >= KIN
    ]
    assert kin == []


def test_no_width_repeats_what_another_says() -> None:
    """The same declarations at two widths: one query for both."""
    twice = [
        f"{one} {one.within[-1]} {other.within[-1]}"
        for one, other in combinations(rules(), 2)
        if one.within != other.within
        and {*one.selectors} & {*other.selectors}
        and len(_common(one, other)) >= 2
    ]
    assert twice == []


def test_what_is_empty_has_no_line_break_within() -> None:
    """`:empty` never meets an element whose template breaks a line inside it."""
    asked = {
        name
        for rule in rules()
        for each in rule.selectors
        if ":empty" in each
        for name in re.findall(r"\.([\w-]+):empty", each)
    }
    templates = "".join(_texts("templates", "*.html"))
    broken = [name for name in asked if re.search(rf'class="{name}[^>]*>\s*\n', templates)]
    assert broken == []


def _common(one: Rule, other: Rule) -> set[tuple[str, str]]:
    return {*one.declarations} & {*other.declarations}


def test_lengths_are_tokens() -> None:
    """See tokens.css for which pixels may be raw."""
    raw = [
        f"{rule} {name}: {value}"
        for rule in rules()
        if rule.sheet != "tokens.css"
        for name, value in rule.declarations
        if not DRAWN.match(name) and not all(_may_be_raw(px) for px in _pixels(value))
    ]
    assert raw == []


def _pixels(value: str) -> list[float]:
    return [float(number) for number in re.findall(r"(?<![\w.])([\d.]+)px", value)]


def _may_be_raw(pixels: float) -> bool:
    return pixels <= HAIRLINE or (pixels >= LEAST_MEASURE and pixels % GRID == 0)


def test_type_is_of_the_scale() -> None:
    sizes = {value for rule in rules() for name, value in rule.declarations if name == "font-size"}
    assert {each for each in sizes if not re.fullmatch(r"var\(--t\d+\)|inherit|0\.92em", each)} == (
        set()
    )


def test_every_token_is_used() -> None:
    """And every property that is read is one that is set, here or by a script."""
    text = "".join(path.read_text(encoding="utf-8") for path in SHEETS)
    made, used = set(re.findall(r"(--[\w-]+):", text)), set(re.findall(r"var\((--[\w-]+)", text))
    assert made - used == set()
    assert {name for name in used - made if name not in scripts()} == set()


def test_nothing_is_styled_that_is_not_there() -> None:
    dead = [
        f"{rule.sheet}: {selector}"
        for rule in rules()
        for selector in rule.selectors
        for name in _names(selector)
        if name not in FOREIGN and not _stands(name)
    ]
    assert dead == []


def _names(selector: str) -> set[str]:
    """The classes, ids, own elements and data attributes of a selector."""
    bare = re.sub(r'"[^"]*"', "", selector)
    return {
        *re.findall(r"[.#]([A-Za-z][\w-]*)", bare),
        *re.findall(r"\[(data-[\w-]+)", bare),
        *re.findall(r"(?<![\w.#:\[-])([a-z]+-[a-z-]+)(?![\w(])", re.sub(r"\[[^]]*\]", "", bare)),
    }


def _stands(name: str) -> bool:
    if name.startswith("data-"):
        camel = re.sub(r"-(\w)", lambda part: part[1].upper(), name.removeprefix("data-"))
        return name in words() or f"dataset.{camel}" in scripts()
    # A class may end in a counter: shade{{ number }}.
    return name in words() or name.rstrip("0123456789") in words()


@cache
def scripts() -> str:
    return "".join(_texts("static/js", "*.js"))


@cache
def words() -> set[str]:
    """What may be a class or another name: the words of tags, and those in quotes in code."""
    said = r"{% (?:block)?translate\b.*?%}"
    templates = re.sub(said, "", "".join(_texts("templates", "*.html")))
    tags = re.findall(r"<[a-z][^>]*>|{%.*?%}", templates)
    quoted = re.findall(r"""["'`]([^"'`\n]*)["'`]""", scripts())
    text = " ".join((*tags, *quoted, *_names_in_python()))
    return set(re.findall(r"[A-Za-z][\w-]*", text))


def _names_in_python() -> Iterator[str]:
    """Strings that could be classes: few small words, no sentence."""
    for text in _texts("omixa_studio", "*.py"):
        values = [getattr(node, "value", None) for node in python.walk(python.parse(text))]
        yield from (each for each in values if isinstance(each, str) and NAMES.fullmatch(each))


def _texts(room: str, kind: str) -> Iterator[str]:
    return (path.read_text(encoding="utf-8") for path in sorted((PROJECT / room).rglob(kind)))
