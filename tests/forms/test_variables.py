"""Variables of a prompt, as they are written and filled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omixa_studio.forms.variables import LONGEST_FILLED, fill, literal, value_rows, variables_in


@pytest.mark.parametrize(
    ("prompt", "names", "sent"),
    [
        ("A {subject} on {stuff_2}, {subject}", ["subject", "stuff_2"], "A <1> on <2>, <1>"),
        ("Ein {Motiv} und {тема}", ["Motiv", "тема"], "Ein <1> und <2>"),
        ("{{subject}} is a word, {thing}", ["thing"], "{subject} is a word, <1>"),
        ('{"a": {"b": 1}} { no } {a|b} {} {1st}', [], '{"a": {"b": 1}} { no } {a|b} {} {1st}'),
        ("{{{subject}}}", [], "{{subject}}"),
        ("{½} {²nd} {Ⅷ} {{½}} {m²}", ["m²"], "{½} {²nd} {Ⅷ} {{½}} <1>"),
    ],
)
def test_it_fills_names_in_braces_and_nothing_else(
    prompt: str, names: list[str], sent: str
) -> None:
    assert variables_in(prompt) == names
    values = {name: f"<{number}>" for number, name in enumerate(names, 1)}
    assert fill(prompt, values) == sent


def test_what_is_filled_in_is_taken_as_it_is() -> None:
    assert fill("{a} {b}", {"a": "{b} {{b}}", "b": "\\1"}) == "{b} {{b}} \\1"


def test_short_texts_do_not_become_gigabytes() -> None:
    assert len(fill("{a}" * 300_000, {"a": "x" * 500_000})) == LONGEST_FILLED + 1
    assert fill("{a}" * 2, {"a": "x" * 40_000}) == "x" * 80_000


@given(st.text(alphabet="{}ab½ |", max_size=40))
def test_a_prompt_that_was_sent_comes_back_as_it_was(prompt: str) -> None:
    assert variables_in(literal(prompt)) == []
    assert fill(literal(prompt), {}) == prompt


@pytest.mark.parametrize(
    ("text", "names", "rows"),
    [
        ("fox\n\n hare \n", ["a"], [{"a": "fox"}, {"a": "hare"}]),
        ("a\nfox, red\n", ["a"], [{"a": "fox, red"}]),
        ("a,b\nfox,red\nhare\n", ["a", "b"], [{"a": "fox", "b": "red"}, {"a": "hare"}]),
        ('"a";b\n"x; y";red', ["a", "b"], [{"a": "x; y", "b": "red"}]),
        ("fox,red", ["a", "b"], [{}]),
        ("", ["a"], []),
    ],
)
def test_it_reads_rows_of_values(text: str, names: list[str], rows: list[dict[str, str]]) -> None:
    assert value_rows(text, names) == rows
