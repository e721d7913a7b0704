"""Prices by quality and size in models.toml: what they come to, and what is said of mistakes."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from omixa_studio.catalogue import Catalogue, PriceKey, list_price, load_catalogue
from tests.servers import PROJECT

GPT = '[models."gpt-image-1.5"]\n'
LOW = '{ quality = "low", price = "0.011" }'


def load(folder: Path, text: str) -> Catalogue:
    file = folder / "models.toml"
    file.write_text(text, encoding="utf-8")
    return load_catalogue(file)


def listed(catalogue: Catalogue, slug: str, quality: str = "", size: str = "") -> str:
    return f"{list_price(catalogue.models[slug], PriceKey(quality, size))}"


def test_it_loads_the_example_of_the_documents(tmp_path: Path) -> None:
    example = re.search(
        r"```toml\n(.*?)```", (PROJECT / "docs" / "configure.md").read_text(), re.DOTALL
    )
    assert example is not None
    catalogue = load(tmp_path, example[1])
    assert catalogue.problems == ()
    mai = "MAI-Image-2.5"
    found = {
        (quality, size): Decimal(listed(catalogue, mai, quality, size))
        for quality, size in (
            ("", ""),
            ("medium", "1024x1024"),
            ("low", ""),
            ("high", "1024x1024"),
            ("low", "1536x1024"),
            ("high", "1536x1024"),
        )
    }
    assert list(map(str, (found["", ""], found["medium", "1024x1024"]))) == ["0.04", "0.04"]
    assert found["low", ""] == Decimal("0.01")
    assert found["high", "1024x1024"] == Decimal("0.16")
    assert found["low", "1536x1024"] == Decimal("0.015")
    assert found["high", "1536x1024"] == Decimal("0.25")
    assert catalogue.models[mai].origins["prices"] == "configured"


def test_it_lists_by_a_table_alone(tmp_path: Path) -> None:
    rows = f'{LOW}, {{ size = "1536x1024", price = "0.02" }}'
    catalogue = load(tmp_path, GPT + f"prices = [{rows}]")
    slug = "gpt-image-1.5"
    assert listed(catalogue, slug, "low") == "0.011"
    # Two fit and neither says more: the dearer is held.
    assert listed(catalogue, slug, "low", "1536x1024") == "0.02"
    assert listed(catalogue, slug, "high") == "None"


def test_it_gives_a_model_that_is_like_another_none_of_its_prices(tmp_path: Path) -> None:
    text = GPT + f'prices = [{LOW}]\n[models.next]\nlike = "gpt-image-1.5"\n'
    assert load(tmp_path, text).models["next"].prices == ()


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ('"0.25"', "a list of up to 200 tables"),
        ('["0.25"]', "a list of up to 200 tables"),
        ("[" + "{}," * 201 + "]", "a list of up to 200 tables"),
        ('[{ price = "0.25" }]', "Row 1: A row names a quality, a size or both."),
        ('[{ quality = "low" }]', "Row 1: A row gives either a price or times."),
        (
            '[{ quality = "low", price = "1", times = "2" }]',
            "Row 1: A row gives either a price or times.",
        ),
        (f'[{LOW}, {{ quality = "hgih", price = "1" }}]', 'Row 2: quality: "hgih" is not one of'),
        ('[{ quality = "low", price = 0.25 }]', "Row 1: price: Money must be written as text"),
        ('[{ quality = "low", prize = "1" }]', 'There is no key "prize" here'),
        ('[{ quality = "low", times = "0" }]', "Row 1: times: This must be above 0 and at most"),
        ('[{ quality = "low", times = "2" }]', "times multiplies image_price, which this model"),
        (f"[{LOW}, {LOW}]", "Row 2: There is a row for this quality and size already."),
    ],
)
def test_it_says_what_is_wrong_and_takes_nothing_of_it(
    tmp_path: Path, rows: str, told: str
) -> None:
    catalogue = load(tmp_path, GPT + f"prices = {rows}\nmax_images = 7\n")
    problem = catalogue.problems[0]
    assert (problem.model, problem.field) == ("gpt-image-1.5", "prices")
    assert told in problem.sentence
    model = catalogue.models["gpt-image-1.5"]
    assert (model.prices, model.max_images) == ((), 7)


def test_it_says_that_a_model_has_no_such_field(tmp_path: Path) -> None:
    model = '[models."imagen-4.0-generate-001"]\n'
    catalogue = load(tmp_path, model + 'prices = [{ quality = "low", price = "1" }]')
    assert "Row 1: This model has no field quality." in catalogue.problems[0].sentence
