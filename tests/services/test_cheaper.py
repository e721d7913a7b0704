"""Cheaper ways to what a budget refused: they fit, do the same, and are open to the person."""

from dataclasses import replace
from decimal import Decimal

import pytest

from omixa_studio.catalogue import Catalogue, PriceRow, load_catalogue
from omixa_studio.models import Person, RunKind, Scope
from omixa_studio.services import runs
from omixa_studio.services.budget import set_limit
from omixa_studio.services.cheaper import CheaperWay, cheaper_ways
from omixa_studio.services.submission import Choice, OrderRefused, submit
from tests.factories import make_limit, make_person

pytestmark = pytest.mark.django_db

GPT = "gpt-image-1.5"


@pytest.fixture
def catalogue() -> Catalogue:
    """One in which a quality of GPT has its price."""
    known = load_catalogue(None)
    model = known.find(GPT)
    assert model
    dollars = {"low": "0.01", "medium": "0.05", "high": "0.17"}
    rows = tuple(PriceRow(quality=name, price=Decimal(one)) for name, one in dollars.items())
    return replace(known, models={**known.models, GPT: replace(model, prices=rows)})


def ways(person: Person, catalogue: Catalogue, slug: str, **values: object) -> list[CheaperWay]:
    model = catalogue.find(slug)
    assert model
    choice = Choice(model=model, values={"prompt": "A pier", **values})
    with pytest.raises(OrderRefused) as caught:
        submit(person, choice, catalogue=catalogue, wake=lambda: None)
    return cheaper_ways(caught.value, catalogue)


def changes(found: list[CheaperWay]) -> dict[str, object]:
    return {name: value for way in found for name, value in way.changes.items()}


def test_each_way_fits_and_is_the_dearest_of_its_sort(catalogue: Catalogue) -> None:
    person = make_person()
    make_limit(person.pk, 300_000)
    found = ways(person, catalogue, GPT, n=4, quality="high")
    told = changes(found)
    assert list(told) == ["n", "quality", "model"]
    assert told["quality"] == "medium"
    for way in found:
        assert way.price.hold * 1_000_000 <= 300_000
    submit(person, found[0].choice, catalogue=catalogue, wake=lambda: None)


def test_a_model_without_money_or_not_allowed_is_no_way(catalogue: Catalogue) -> None:
    person = make_person()
    make_limit(person.pk, 100_000)
    other = changes(ways(person, catalogue, GPT, quality="high"))["model"]
    slug = getattr(other, "slug", "")
    set_limit(Scope.MODEL, slug, 0)
    assert changes(ways(person, catalogue, GPT, quality="high")).get("model") != other
    model = catalogue.find(GPT)
    assert model
    alone = replace(catalogue, models={GPT: model})
    assert "model" not in changes(ways(person, alone, GPT, quality="high"))
    set_limit(Scope.STUDIO, "", 0)
    assert ways(person, catalogue, GPT, quality="high") == []


def test_what_was_split_is_offered_whole(catalogue: Catalogue) -> None:
    person = make_person()
    make_limit(person.pk, 500_000)
    model = catalogue.find("imagen-4.0-generate-001")
    assert model
    whole = Choice(model=model, values={"prompt": "A pier", "n": 20})
    with pytest.raises(OrderRefused) as caught:
        runs.submit_run(
            person,
            runs.split(whole),
            kind=RunKind.SPLIT,
            catalogue=catalogue,
            wake=lambda: None,
            confirmed=True,
        )
    assert changes(cheaper_ways(caught.value, catalogue))["n"] == 12
