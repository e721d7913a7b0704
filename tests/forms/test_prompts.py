"""One text becomes many prompts."""

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omixa_studio.forms.prompts import TooManyPrompts, prompts_in


@pytest.mark.parametrize(
    ("text", "prompts"),
    [
        ("", []),
        ("a fox\n\n  a hare \n", ["a fox", "a hare"]),
        ("a {red|blue} fox", ["a red fox", "a blue fox"]),
        ("{a|b} {c|d}", ["a c", "a d", "b c", "b d"]),
        ("a { plain brace }", ["a { plain brace }"]),
        ("a {red|} fox", ["a red fox", "a fox"]),
        ("{a {b|c}|d}", ["{a b|d}", "{a c|d}"]),
        ("a {{red|blue}} {x|y}", ["a {red|blue} x", "a {red|blue} y"]),
        ("a {red|blue} {tree} {{as is}}", ["a red {tree} {{as is}}", "a blue {tree} {{as is}}"]),
        ('name,prompt\n1,"a fox, asleep"\n2,a hare\n', ["a fox, asleep", "a hare"]),
        ("Prompt\na fox, asleep\na hare", ["a fox, asleep", "a hare"]),
        ("id;Промпт\n1;лиса\n", ["лиса"]),
        ("prompt\tsize\na fox\t1K\n", ["a fox"]),
    ],
)
def test_it_reads_lines_tables_and_variations(text: str, prompts: list[str]) -> None:
    assert prompts_in(text, most=50) == prompts


def test_it_refuses_more_than_a_run_may_have() -> None:
    with pytest.raises(TooManyPrompts):
        prompts_in("{a|b|c|d}" * 10, most=200)


@pytest.mark.parametrize("text", ["{" + "|" * 100_000, "{a|b}" * 2_000, "{" * 9_000, "a|" * 90_000])
def test_it_refuses_or_reads_hostile_text_without_delay(text: str) -> None:
    began = time.process_time()
    with contextlib.suppress(TooManyPrompts):
        prompts_in(text, most=200)
    assert time.process_time() - began < 5


@given(st.text(alphabet='ab{}|,;\t"\n prompt', max_size=60))
def test_it_takes_any_text(text: str) -> None:
    try:
        prompts = prompts_in(text, most=200)
    except TooManyPrompts:
        return
    assert len(prompts) <= 200
    assert all(prompt.strip() for prompt in prompts)
