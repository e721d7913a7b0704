"""The models page: what each one can do, where that is known from, how it went so far."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from omixa_studio.models import Act, BilledPrice, Generation, Person
from omixa_studio.queries.model_history import model_histories
from omixa_studio.services import ledger
from tests.factories import make_generation
from tests.pages import folded

pytestmark = pytest.mark.django_db
IMAGEN = "imagen-4.0-generate-001"


def call(person: Person, *, billed: int | None = 40_000, pictures: int = 1, **fields: Any) -> None:
    made = make_generation(person, **fields)
    made.refresh_from_db()
    ledger.hold(made)
    if billed is not None:
        ledger.capture(made, billed, "", pictures=pictures)


def test_it_shows_every_model_with_price_fields_and_sources(client: Client, admin: Person) -> None:
    html = client.get("/models/").content.decode()
    for text in ("Imagen 4 Fast", IMAGEN, "Nano Banana", "$0.600", "price not known"):
        assert text in html
    for text in ("aspect_ratio", "1:1 · 16:9", "0 to 4294967294", "inferred", "documented"):
        assert text in html


def test_it_tells_mistakes_of_models_toml(
    client: Client, admin: Person, settings: Settings, tmp_path: Path
) -> None:
    settings.MODELS_TOML = tmp_path / "models.toml"
    settings.MODELS_TOML.write_text(
        f'[models."{IMAGEN}"]\nimage_price = "dear"\n[models."gpt-image-1.5"]\nenabled = false\n'
    )
    html = folded(client.get("/models/").content.decode())
    assert "1 mistake in models.toml" in html
    assert f"models.toml · {IMAGEN} · image_price" in html
    assert "switched off" in html
    assert "$0.040" in html


def test_it_shows_what_models_toml_has_changed(
    client: Client, admin: Person, settings: Settings, tmp_path: Path
) -> None:
    settings.MODELS_TOML = tmp_path / "models.toml"
    settings.MODELS_TOML.write_text(f'[models."{IMAGEN}"]\nimage_price = "0.055"\n')
    html = client.get("/models/").content.decode()
    assert "$0.055" in html
    assert '<span class="chip ok">models.toml</span>' in html


def test_it_counts_calls_failures_seconds_and_bills(admin: Person) -> None:
    for seconds in (2.0, 9.0, 4.0):
        call(admin, seconds=seconds, pictures=2)
    call(admin, state="failed", billed=0, pictures=0)
    call(admin, state="failed", charged="unknown", billed=None)
    call(admin, state="unknown", charged="unknown", billed=None)
    call(admin, target="www.omixa.cloud", seconds=99.0)
    call(admin, model="gone-model", seconds=7.0)
    histories = model_histories("sandbox", [IMAGEN, "gpt-image-1.5"])
    past = histories[IMAGEN]
    assert (past.calls, past.failed, past.unknown) == (6, 2, 1)
    assert (past.seconds, past.each_micros) == (4.0, 20_000)
    assert histories["gpt-image-1.5"].calls == 0
    assert histories["gone-model"].seconds == 7.0


def test_it_lists_models_that_are_gone(client: Client, admin: Person) -> None:
    call(admin, model="gone-model")
    html = client.get("/models/").content.decode()
    assert "No longer in the catalogue" in html
    assert "gone-model" in html


def test_it_asks_the_database_three_times_for_all_histories(
    admin: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for slug in (IMAGEN, "gpt-image-1.5", "gone-model"):
        call(admin, model=slug)
    with django_assert_num_queries(3):
        model_histories("sandbox", [IMAGEN, "gpt-image-1.5"])


def priced(model: str, dearest: int, last: int, **choice: Any) -> None:
    BilledPrice.objects.create(
        target="sandbox",
        model=model,
        dearest_micros=dearest,
        last_micros=last,
        last_at=datetime(2025, 5, 3, 12, tzinfo=UTC),
        **choice,
    )


def test_it_says_where_bills_prove_a_list_price_wrong(client: Client, admin: Person) -> None:
    priced(IMAGEN, 250_000, 250_000, size="2K", inputs=2)
    priced("gemini-2.5-flash-image", 30_000, 30_000)
    priced("MAI-Image-2.5", 50_000, 33_000, quality="high")
    priced("gpt-image-1.5", 900_000, 900_000)
    html = folded(client.get("/models/").content.decode())
    for told in (
        "2K · 2 images</span> List price $0.040, billed $0.250 on 3 May 2025. The billed price",
        "high</span> List price $0.033, once billed $0.050. The billed amount is reserved.",
    ):
        assert told in html
    assert html.count("List price") == 2


def test_a_bill_of_this_year_names_no_year_where_new_year_came_earlier(
    client: Client, admin: Person, settings: Settings
) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"
    priced(IMAGEN, 250_000, 250_000)
    BilledPrice.objects.update(last_at=datetime(2026, 12, 31, 12, tzinfo=UTC))
    with time_machine.travel(datetime(2026, 12, 31, 20, tzinfo=UTC)):
        client.force_login(admin)
        html = folded(client.get("/models/").content.decode())
    assert "billed $0.250 on 1 January. The billed price" in html


def test_the_price_of_a_model_is_the_one_that_is_used(client: Client, admin: Person) -> None:
    """On the page of models, in the picker, and on the button that buys."""
    priced(IMAGEN, 250_000, 250_000)
    priced("gpt-image-1.5", 11_000, 11_000, quality="low")
    priced("gpt-image-1.5", 300_000, 250_000, quality="high")
    html = client.get("/models/").content.decode()
    prices = [" ".join(one.split()) for one in re.findall(r'price num">(.*?)</p>', html, re.S)]
    assert "<strong>$0.250</strong> per picture" in prices[1]
    assert any("<strong>$0.011–$0.250</strong> per picture" in price for price in prices)
    picker = client.get("/", {"model": IMAGEN}).content.decode()
    assert "about $0.011–\u2060$0.25" in picker
    option = re.search(rf'value="{IMAGEN}".*?facts num">([^<]*)<', picker, re.S)
    assert option
    assert option[1] == "about $0.25"
    chosen = re.search(r'class="chosen">.*?class="num">([^<]*)<', picker, re.S)
    assert chosen
    assert chosen[1] == "about $0.25"


def test_it_shows_prices_by_quality_and_size(
    client: Client, admin: Person, settings: Settings, tmp_path: Path
) -> None:
    settings.MODELS_TOML = tmp_path / "models.toml"
    settings.MODELS_TOML.write_text(
        '[models."gpt-image-1.5"]\nimage_price = "0.04"\nprices = ['
        '{ quality = "low", price = "0.011" }, { size = "1536x1024", times = "1.50" }]\n'
    )
    html = folded(client.get("/models/").content.decode())
    assert "$0.011–$0.060" in html
    assert "Price at low" in html
    assert "Price at 1536x1024" in html
    assert "× 1.5<" in html


def test_it_forgets_a_bill_that_was_a_mistake(client: Client, admin: Person) -> None:
    """Else it prices its choice for ever: what is held is never below the dearest bill."""
    BilledPrice.objects.create(
        target="sandbox", model=IMAGEN, dearest_micros=99_999_999_000_000, last_micros=40_000
    )
    assert (
        "Most expensive picture so far: $99,999,999.00." in client.get("/models/").content.decode()
    )
    for _ in range(2):
        assert client.post("/models/forget-prices/", {"slug": IMAGEN}).status_code == 303
    assert "Most expensive picture so far" not in client.get("/models/").content.decode()
    client.post("/generations/", {"model": IMAGEN, "prompt": "A harbour"})
    assert Generation.objects.get().held_micros == 40_000
    [act] = Act.objects.filter(kind="prices_forgotten")
    assert (act.thing, act.before) == (IMAGEN, "99999999.000000")
    assert client.post("/models/forget-prices/", {"slug": ""}).status_code == 400
