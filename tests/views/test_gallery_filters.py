"""Filtering a gallery: words in any language, model, days; odd values are said, never a 500."""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from omixa_studio.models import Generation, Person, Picture
from omixa_studio.queries import gallery_pages, marked
from omixa_studio.services import tagging
from tests.factories import make_generation, make_person, make_picture

SCRIPT = {"HX-Request": "true"}

pytestmark = pytest.mark.django_db

FOX = "A paper-cut Fox in a birch forest, 50% fog_bank"
HEDGEHOG = "Ёжик в тумане идёт по мосту"


def hang(person: Person, prompt: str = FOX, **fields: Any) -> Picture:
    generation = make_generation(person, prompt=prompt, model=fields.pop("model", "model-a"))
    return make_picture(generation, **fields)


def page(client: Client, **query: str) -> str:
    response = client.get(f"/gallery/?{urlencode(query)}")
    assert response.status_code == 200
    return response.content.decode()


def on(html: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'data-picture="(\d+)"', html)]


@pytest.mark.parametrize(
    ("words", "prompt"),
    [
        ("fox", FOX),
        ("FOX birch", FOX),
        ("birch   fox", FOX),
        ("pap", FOX),
        ("ёжик", HEDGEHOG),
        ("ЁЖИК МОСТУ", HEDGEHOG),
        ("ежик идет", HEDGEHOG),
        ("Straße", "Eine STRASSE im Regen"),
        ("cafe\u0301", "CAFÉ at night"),
        ("50%", FOX),
        ("fog_bank", FOX),
        ("back\\slash", "a Back\\Slash"),
    ],
)
def test_it_finds_all_words_in_any_case(
    client: Client, person: Person, words: str, prompt: str
) -> None:
    found = hang(person, prompt)
    hang(person, "Something else entirely")
    assert on(page(client, q=words)) == [found.pk]


@pytest.mark.parametrize(
    "words", ["fox teapot", "5%g", "fo_", "foxx", "'", '"', "%", "тумане лиса"]
)
def test_it_finds_nothing_where_a_word_is_missing(
    client: Client, person: Person, words: str
) -> None:
    hang(person, "A fox in the fog")
    hang(person, HEDGEHOG)
    html = page(client, q=words)
    assert on(html) == []
    assert "No pictures found" in html
    assert 'href="/gallery/"' in html


def test_it_folds_prompts_of_every_way_to_make_a_row(person: Person) -> None:
    saved = make_generation(person, prompt="ЁЖИК")
    bulk = Generation.objects.bulk_create(
        [Generation(person=person, prompt="МОСТ", held_micros=0, month="2026-11")]
    )[0]
    folded = Generation.objects.filter(pk__in=[saved.pk, bulk.pk]).order_by("pk")
    assert list(folded.values_list("prompt_search", flat=True)) == ["ежик", "мост"]


def test_it_narrows_to_a_model(client: Client, person: Person) -> None:
    found = hang(person, model="imagen-4.0-generate-001")
    hang(person, model="gpt-image-1.5")
    html = page(client, model="imagen-4.0-generate-001")
    assert on(html) == [found.pk]
    assert re.search(r'<a class="chip" href="/gallery/">.*?Imagen 4', html, re.S)


def test_it_shows_pictures_of_models_that_are_gone(client: Client, person: Person) -> None:
    found = hang(person, model="retired-model")
    html = page(client, model="retired-model")
    assert on(html) == [found.pk]
    assert "retired-model" in html


def test_it_narrows_to_days_both_included(client: Client, person: Person) -> None:
    days = [
        hang(person, created_at=datetime(2026, 10, day, hour, tzinfo=UTC))
        for day, hour in ((4, 23), (5, 0), (7, 23), (8, 0))
    ]
    both = page(client, since="2026-10-05", until="2026-10-07")
    assert on(both) == [days[2].pk, days[1].pk]
    assert "5 Oct 2026 – 7 Oct 2026" in both
    assert on(page(client, since="2026-10-08")) == [days[3].pk]
    assert on(page(client, until="2026-10-04")) == [days[0].pk]
    assert page(client, since="2026-10-07", until="2026-10-05").count("data-picture=") == 2


def test_it_takes_one_filter_away_and_keeps_the_others(client: Client, person: Person) -> None:
    hang(person)
    html = page(client, q="fox", model="model-a", since="2020-01-01")
    chips = re.findall(r'class="chip" href="([^"]+)"', html)
    assert chips == ["/gallery/?q=fox&amp;since=2020-01-01", "/gallery/?q=fox&amp;model=model-a"]


def test_it_counts_what_fits(client: Client, person: Person) -> None:
    hang(person)
    hang(person)
    assert "2 pictures found" in page(client, q="fox")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"q": "x" * 501}, "The search was ignored"),
        ({"q": "a\0b"}, "The search was ignored"),
        ({"model": "m" * 200}, "The model filter was ignored"),
        ({"since": "yesterday"}, "The first day was ignored"),
        ({"since": "0001-01-01"}, "The first day was ignored"),
        ({"until": "9999-12-31"}, "The last day was ignored"),
        ({"until": "2026-02-30"}, "The last day was ignored"),
        ({"before": "abc"}, "This position in the gallery no longer exists"),
        ({"before": "-1"}, "This position in the gallery no longer exists"),
        ({"after": str(2**63)}, "This position in the gallery no longer exists"),
        ({"at": "9" * 5000}, "This position in the gallery no longer exists"),
    ],
)
def test_it_leaves_odd_values_out_and_says_so(
    client: Client, person: Person, query: dict[str, str], says: str
) -> None:
    picture = hang(person)
    html = page(client, **query)
    assert says in html
    assert on(html) == [picture.pk]


def test_it_takes_many_words_and_only_the_first_of_them(client: Client, person: Person) -> None:
    picture = hang(person, "fox " * 20)
    assert on(page(client, q="fox " * 100)) == [picture.pk]


@pytest.mark.parametrize("pk", [2**63 - 1, 10**9])
def test_it_begins_anywhere_it_is_told(client: Client, person: Person, pk: int) -> None:
    picture = hang(person)
    assert on(page(client, before=str(pk))) == [picture.pk]
    assert on(page(client, after=str(pk))) == []


def test_it_tells_nothing_of_the_time_of_a_strangers_picture(
    client: Client, person: Person
) -> None:
    private = hang(make_person(), created_at=datetime(2026, 1, 1, tzinfo=UTC))
    mine = hang(person, created_at=datetime(2026, 6, 1, tzinfo=UTC))
    # Placed by its id alone: mine has the greater one, whatever the dates say.
    assert on(page(client, before=str(private.pk))) == []
    assert on(page(client, after=str(private.pk))) == [mine.pk]


def test_it_ignores_a_person_on_my_own_gallery(client: Client, person: Person) -> None:
    picture = hang(person)
    assert on(page(client, person="99999")) == [picture.pk]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"model": "no-such"}, "there is no such model"),
        ({"collection": 4711}, "there is no such one"),
        ({"model": "no-such", "q": "fox"}, "there is no such model"),
        ({"tag": "no-such"}, "there is no such tag"),
        ({"prompt": 4711}, "there is no such prompt"),
    ],
)
def test_a_filter_that_names_nothing_is_ignored_with_a_note(
    client: Client, person: Person, query: dict[str, Any], said: str
) -> None:
    found = hang(person)
    html = page(client, **query)
    assert on(html) == [found.pk]
    assert said in html
    asked = re.findall(r'data-\w+="(/gallery/[^"]*)"', html)
    assert asked
    assert not re.search("no-such|4711", str(asked)), "script would find nothing"


def test_tags_and_prompts_of_others_private_pictures_are_not_there(
    client: Client, person: Person
) -> None:
    found, other = hang(person), make_person()
    private = hang(other)
    tagging.tag_pictures(other, [private.pk], "secret")
    theirs = str(private.used_prompt_id)
    for query in ({"tag": "secret"}, {"prompt": theirs}):
        html = page(client, **query)
        assert on(html) == [found.pk]
        assert f"no such {next(iter(query))}" in html
    Picture.objects.filter(pk=private.pk).update(shared=True)
    for query in ({"tag": "SECRET"}, {"prompt": theirs}):
        html = page(client, **query)
        assert on(html) == []
        assert "no such" not in html


def test_a_person_who_is_not_there_is_ignored_with_a_note(client: Client, person: Person) -> None:
    found = hang(person, shared=True)
    html = client.get("/team/?person=4711").content.decode()
    assert on(html) == [found.pk]
    assert "there is no such person" in html


def test_people_of_the_team_are_found_by_name(client: Client, person: Person) -> None:
    other = make_person("jon", first_name="Jön", last_name="Berg")
    asked = {"named": "jon b", "q": "fox", "person": str(other.pk)}
    html = client.get("/team/people/", asked, headers=SCRIPT).content.decode()
    assert re.findall(r"<bdi>(.*?)</bdi>", html) == ["Jön Berg"]
    assert f'href="/team/?q=fox&amp;person={other.pk}"' in html
    assert 'aria-current="true"' in html
    assert "Nobody found" in client.get("/team/people/?named=x", headers=SCRIPT).content.decode()
    without_script = client.get("/team/people/", {"named": "jon", "q": "fox"})
    assert without_script["Location"] == "/team/?q=fox"


def test_a_model_that_the_catalogue_lost_is_still_a_filter(client: Client, person: Person) -> None:
    hang(person, model="model-of-old", shared=True)
    Picture.objects.update(trashed_at=datetime(2026, 10, 1, tzinfo=UTC))
    hang(person)
    html = page(client, model="model-of-old")
    assert on(html) == []
    assert "there is no such model" not in html


@pytest.mark.parametrize("most", [400, 2], ids=["few", "many"])
def test_costs_are_found_in_order_whether_few_or_many(
    client: Client, person: Person, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marked, "STEPS", (most, 2000))
    monkeypatch.setattr(gallery_pages, "PAGE_LENGTH", 3)
    other = make_person("other")
    dear = [hang(person, cost_micros=50_000 + n, shared=n % 2 == 0) for n in range(5)]
    hang(other, cost_micros=50_000, shared=True)
    hang(other, cost_micros=50_000)
    hang(person, cost_micros=49_999, shared=True)
    hang(person, cost_micros=60_001, model="gpt-image-1.5")
    hang(person, cost_micros=None)
    hang(person, cost_micros=50_000, trashed_at=datetime(2026, 11, 1, tzinfo=UTC))
    costs = {"cost_min": "0.05", "cost_max": "0.06"}
    newest = [one.pk for one in reversed(dear)]
    html = page(client, **costs)
    assert (on(html), "5 pictures found" in html) == (newest[:3], True)
    assert on(page(client, **costs, before=str(newest[2]))) == newest[3:]
    assert on(page(client, **costs, after=str(newest[3]))) == newest[:3]
    team = client.get("/team/", costs).content.decode()
    assert "4 pictures found" in team
    assert on(page(client, cost_min="0.05", model="gpt-image-1.5")) != []
    assert on(page(client, cost_min="0.05", model="imagen-4.0-generate-001")) == []
