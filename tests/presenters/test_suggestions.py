"""A cheaper model is suggested only where it keeps as well."""

from types import SimpleNamespace

import pytest

from omixa_studio.presenters.costs.suggestions import RatedModel, difference, suggestion_of


def model(name: str, pictures: int, kept: int, each: int) -> RatedModel:
    return SimpleNamespace(name=name, pictures=pictures, kept=kept, billed=each * pictures)


def test_the_interval_of_a_difference_is_newcombes() -> None:
    # His example: 56 of 70 and 48 of 80.
    assert difference(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=0.0001)


def test_it_is_sure_of_a_cheaper_model_that_keeps_at_least_as_much() -> None:
    found = suggestion_of([model("dear", 400, 120, 120_000), model("cheap", 400, 160, 40_000)])
    assert found is not None
    assert (found.cheaper.name, found.dearer.name, found.is_sure) == ("cheap", "dear", True)
    # 120 kept for 40,000 ÷ 0.4 each, instead of for 48,000,000.
    assert found.saved == 48_000_000 - 120 * 100_000


def test_it_says_that_few_pictures_tell_little() -> None:
    found = suggestion_of([model("dear", 20, 8, 120_000), model("cheap", 20, 8, 40_000)])
    assert found is not None
    assert not found.is_sure
    assert found.points == ("−28", "+28")


@pytest.mark.parametrize(
    "cheap",
    [
        model("worse", 400, 40, 40_000),
        model("hardly cheaper", 400, 160, 115_000),
        model("hardly used", 8, 8, 40_000),
        model("never kept", 400, 0, 40_000),
    ],
)
def test_it_suggests_nothing_else(cheap: RatedModel) -> None:
    assert suggestion_of([model("dear", 400, 120, 120_000), cheap]) is None
