"""Errors are keys with values: every key has its sentence, and every sentence its use."""

import ast
from pathlib import Path

import pytest
from django.utils import translation

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import Sentence
from omixa_studio.gateway import faults, outcomes, pictures
from omixa_studio.gateway.errors import GatewayError, Told, told
from omixa_studio.gateway.outcomes import COST, Outcome
from omixa_studio.sentences import (
    COSTS,
    SENTENCES,
    as_told,
    say,
    tell,
    tell_in_english,
    without_cost,
)

HOUSE = Path(__file__).resolve().parent.parent / "omixa_studio"
SOURCES = [
    ast.parse(path.read_text(encoding="utf-8"))
    for path in HOUSE.rglob("*.py")
    if path.name != "sentences.py" and "migrations" not in path.parts
]


def test_it_has_a_sentence_for_every_key() -> None:
    named = {
        call.args[0].value
        for source in SOURCES
        for call in ast.walk(source)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "told"
        and isinstance(call.args[0], ast.Constant)
    }
    of_outcomes = {
        one.key
        for room in (outcomes, faults)
        for value in vars(room).values()
        for one in (value.values() if isinstance(value, dict) else [value])
        if isinstance(one, Outcome)
    }
    assert len(named) > 15
    assert len(of_outcomes) > 20
    assert named | of_outcomes | set(pictures.WHY_NOT) | set(COST.values()) <= SENTENCES.keys()


def test_it_has_no_sentence_that_nobody_says() -> None:
    said = {
        node.value
        for source in SOURCES
        for node in ast.walk(source)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    # Kept for the rows of older versions.
    old = {"text", "address_odd_format", "disk_full", "worker_lost_target_gone"}
    assert SENTENCES.keys() - said <= old


def test_it_names_the_costs_apart() -> None:
    assert set(COST.values()) <= COSTS.keys()
    parts = [told("policy"), *(told(key) for key in COSTS)]
    assert without_cost(parts) == [told("policy")]


def test_it_says_details_in_english_whatever_is_spoken() -> None:
    with translation.override("ru"):
        assert tell_in_english([told("cost_none")]) == "Nothing was charged."
        assert tell([told("cost_none")]) == "Ничего не списано."


def test_it_says_a_sentence_inside_another() -> None:
    fault = Fault("prompt", "%(label)s is required.", {"label": "Prompt"})
    parts = [told("nothing_sent", why=as_told(fault)), told("cost_none")]
    with translation.override("ru"):
        assert tell(parts) == f"Ничего не отправлено: {say(fault)} Ничего не списано."


@pytest.mark.parametrize(
    "part",
    [told("switched_off"), told("of_a_newer_version", n=1), told("100% new"), told("too_few_came")],
)
def test_it_never_fails_on_what_a_newer_version_stored(part: Told) -> None:
    assert tell([part])


def test_it_leaves_values_alone_that_look_like_places() -> None:
    assert say(Sentence("%(file)s cannot be read: %(why)s", {"file": "%(why)s", "why": "%"})) == (
        "%(why)s cannot be read: %"
    )


def test_an_error_names_its_keys_and_no_words() -> None:
    error = GatewayError(told("policy"), told("cost_none"), kind="policy", charged="no")
    assert error.told == [told("policy"), told("cost_none")]
    assert "refused" not in str(error)
