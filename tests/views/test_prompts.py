"""The history of prompts: found, with its best picture and what it cost; and used again."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from omixa_studio.models import Generation, Person, UsedPrompt
from omixa_studio.queries import prompts
from tests.factories import make_generation, make_person, make_picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]


def listed(client: Client, **asked: str) -> list[str]:
    html = client.get(reverse("prompts"), asked).content.decode()
    return re.findall(r'<p class="words" dir="auto">(.*?)</p>', html)


def card_of(client: Client, prompt: str) -> str:
    html = client.get(reverse("prompts"), {"q": prompt}).content.decode()
    return html.split('<li class="card used-prompt">')[1].split("</li>")[0]


def used_long_ago(generation: Generation, days: int) -> None:
    assert generation.used_prompt_id
    moment = timezone.now() - timedelta(days=days)
    UsedPrompt.objects.filter(pk=generation.used_prompt_id).update(last_used_at=moment)


def test_it_lists_ones_own_prompts_last_used_first(client: Client, person: Person) -> None:
    used_long_ago(make_generation(person, prompt="A pier"), 3)
    used_long_ago(make_generation(person, prompt="A boat"), 2)
    make_generation(make_person(), prompt="Not mine")
    assert listed(client) == ["A boat", "A pier"]
    make_generation(person, prompt="A pier")
    assert listed(client) == ["A pier", "A boat"]


@pytest.mark.parametrize("words", ["cafe ELKA", "CAFÉ", "елка", "ÜBER", "straße", "STRASSE uber"])
def test_it_finds_folded_words(client: Client, person: Person, words: str) -> None:
    make_generation(person, prompt="Ein Café über der Straße, ЁЛКА (elka)")
    make_generation(person, prompt="A boat")
    assert len(listed(client, q=words)) == 1
    assert listed(client, q=f"{words} boat") == []


def test_it_tells_the_best_picture_the_uses_and_the_money(
    client: Client, person: Person, settings: Settings
) -> None:
    settings.GATEWAY_TARGET, ours = "gateway.example", {"target": "gateway.example"}
    winner = make_picture(make_generation(person, prompt="A pier", **ours), winner=True)
    late = make_generation(person, prompt="A pier", billed_micros=5_000, came_late=True, **ours)
    newest = make_picture(late)
    make_generation(person, state="unknown", prompt="A pier", charged="unknown", **ours)
    make_generation(person, state="failed", prompt="A pier", **ours)
    card = card_of(client, "pier")
    assert "4 requests · $0.045 · 1 with unknown cost" in card
    assert reverse("picture_thumb", args=[winner.pk]) in card
    winner.trashed_at = timezone.now()
    winner.save()
    assert reverse("picture_thumb", args=[newest.pk]) in card_of(client, "pier")
    make_picture(make_generation(person, prompt="A trial"))
    assert "practice" in card_of(client, "trial")
    assert "practice" not in card


def test_it_leads_to_the_prompt_its_settings_and_its_pictures(
    client: Client, person: Person
) -> None:
    made = make_generation(person, prompt="A pier <b>", options={"aspect_ratio": "16:9"})
    picture = make_picture(made)
    make_picture(make_generation(person, prompt="Another"))
    reuse, again, gallery = re.findall(
        r'<a class="button[^"]*" href="([^"]+)"', card_of(client, "pier")
    )
    assert (again, reuse) == (f"/?again={made.pk}", f"/?reuse={made.used_prompt_id}")
    assert "A pier &lt;b&gt;</textarea>" in client.get(reuse).content.decode()
    html = client.get(gallery).content.decode()
    assert re.findall(r'data-picture="(\d+)"', html) == [str(picture.pk)]


def test_it_goes_on_page_by_page_and_searches_further_back(
    client: Client, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompts.page_of, "__kwdefaults__", {"before": None, "most": 3})
    monkeypatch.setattr(prompts, "LOOKED_THROUGH", 4)
    for number in range(8):
        used_long_ago(make_generation(person, prompt=f"pier {number}"), number)
    html = client.get(reverse("prompts")).content.decode()
    older = re.findall(r'rel="next" href="([^"]+)"', html)[0].replace("&amp;", "&")
    assert listed(client) == ["pier 0", "pier 1", "pier 2"]
    assert "pier 3" in client.get(older).content.decode()
    html = client.get(reverse("prompts"), {"q": "7"}).content.decode()
    assert "Search further back" in html
    further = re.findall(r'rel="next" href="([^"]+)"', html)[0].replace("&amp;", "&")
    html = client.get(further).content.decode()
    assert "pier 7" in html
    assert 'rel="next"' not in html


def test_it_asks_few_statements_however_many_prompts_there_are(
    client: Client, person: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        make_picture(make_generation(person, prompt=f"pier {number}"))
    with django_assert_max_num_queries(11):
        client.get(reverse("prompts"), {"q": "pier"})
    with django_assert_max_num_queries(7):
        client.get(reverse("palette_prompts"), {"q": "pier"})


def test_the_palette_offers_prompts_and_models(client: Client, person: Person) -> None:
    made = make_generation(person, prompt="A pier")
    make_generation(person, prompt="x" * 5_000)
    html = client.get(reverse("palette_prompts"), {"q": "pier"}).content.decode()
    assert f'href="/?reuse={made.used_prompt_id}"' in html
    assert 'data-prompt="A pier"' in html
    assert (
        "data-prompt" not in client.get(reverse("palette_prompts"), {"q": "xxx"}).content.decode()
    )
    html = client.get(reverse("palette_models")).content.decode()
    assert 'data-model="imagen-4.0-generate-001"' in html
    assert "about $0.04" in html


def test_the_palette_counts_no_uses(client: Client, person: Person) -> None:
    make_generation(person, prompt="A pier")
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("palette_prompts"), {"q": "pier"})
    of_generations = [one["sql"] for one in asked if "omixa_studio_generation" in one["sql"]]
    assert of_generations
    assert not [sql for sql in of_generations if "COUNT(" in sql or "SUM(" in sql]


def test_an_odd_address_is_answered(client: Client, person: Person) -> None:
    make_generation(person, prompt="A pier")
    for asked in ({"q": "%_\\"}, {"q": "\x00"}, {"before": "9" * 30}, {"before": "-1"}):
        assert client.get(reverse("prompts"), asked).status_code == 200
        assert client.get(reverse("palette_prompts"), asked).status_code == 200
    assert listed(client, before=str(2**40)) == ["A pier"]
    assert client.get(f"{reverse('studio')}?reuse={10**17}").status_code == 404
