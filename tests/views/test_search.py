"""Searching prompts: the index finds what the words mean, in any script, on both databases."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from itertools import pairwise, product

import pytest
from django.test import Client

from omixa_studio import prompt_index
from omixa_studio.filters import read_words
from omixa_studio.models import Collection, CollectionItem, IndexedPrompt, Person, Picture
from omixa_studio.models.search import searchable
from omixa_studio.prompt_index.postgres import PLACES
from omixa_studio.queries import (
    galleries,
    gallery_pages,
    marked,
    pictures,
    postgres_hits,
    prompt_hits,
)
from omixa_studio.queries.index_questions import IndexQuestion
from omixa_studio.services import curating
from tests.factories import make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db

PROMPTS = [
    "A paper-cut Fox in a birch forest, 50% fog_bank",
    "the fox and the hound, film still, ISO 100",
    "Ёжик в тумане идёт по мосту",
    "кот и мост, акварель, 4к",
    "東京の夜景、ネオンと雨",
    "緊急の会議、東の京",
    "北京烤鸭，夜市灯光",
    "Straße im Regen, Übermut und Öl",
    "ein Café an der Strasse, naïve Kunst",
    "قطة سوداء في الليل",
    "القط والفأر، رسم بالحبر",
    "🦊 fox emoji 👩‍🎨 paints",
    'a sign that says "50% [off]" * a_b * {x} \\ back\\slash',
    "l'été à la plage; it's 100 % good?",
    "ab",
    "京",
]
WORDS = [
    *("fox", "FOX forest", "ox", "o", "x", "zz", "zzq", "paper-cut", '"fox in a"', '"fox a"'),
    *('"the fox" -hound', "fox -forest", '-"a paper-cut" fox', "-fox", "ab", "a b", "fo -ox"),
    *("ёжик", "еж", "ж", "ТУМАНЕ мост", "ко", "кот", "4к", "идет -кот", "мосту"),
    *(
        "東京",
        "京",
        "夜",
        "夜景",
        "夜市",
        "緊急",
        "の会",
        "東 京",
        '"東の"',
        "北京烤鸭",
        "ネオ",
        "ン",
    ),
    *("straße", "ss", "öl", "ü", "café", "cafe", "naïve", "ï"),
    *("قط", "ط", "الليل", "في ا", '"سوداء في"', "قط -الفأر"),
    *(
        "🦊",
        "🦊 fox",
        "👩‍🎨",
        "%",
        "50%",
        "_",
        "a_b",
        "*",
        "[",
        "[off]",
        "{x}",
        "\\",
        '"50%',
        '"',
        "'",
    ),
    *("?", "100 %", '"100 %"', "it's", "\ue000", "\U000f0007", "p1"),
]


@pytest.fixture
def hung(person: Person) -> list[Picture]:
    """A picture of every prompt, and one of another person's with each second prompt."""
    other = make_person()
    for prompt in PROMPTS[::2]:
        make_picture(make_generation(other, prompt=prompt), shared=True)
    return [make_picture(make_generation(person, prompt=prompt)) for prompt in PROMPTS]


@pytest.mark.parametrize("steps", [(400, 2000), (1, 2)], ids=["few", "common"])
def test_it_finds_just_what_the_words_mean(
    person: Person, hung: list[Picture], steps: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompt_hits, "STEPS", steps)
    for words in WORDS:
        terms = read_words(words)
        meant = [
            p.pk for p, said in zip(hung, PROMPTS, strict=True) if terms.fits(searchable(said))
        ]
        sought = {"q": words}
        found = pictures.gallery(person, sought=sought).values_list("pk", flat=True)
        assert list(found) == meant[::-1], words
        page = gallery_pages.page_of(person, team=False, sought=sought, cursor=None)
        assert [one.pk for one in page.pictures] == meant[::-1], words
        shared = pictures.gallery(person, team=True, sought=sought).count()
        assert shared == sum(terms.fits(searchable(said)) for said in PROMPTS[::2]), words


def test_pages_of_a_common_word_hold_every_picture_in_order(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompt_hits, "STEPS", (4, 8))
    monkeypatch.setattr(gallery_pages, "PAGE_LENGTH", 3)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    # In disorder, with ties, later pictures of a request, and one that is much too old.
    for hour, minute in product(range(6), (0, 7, 3, 3)):
        generation = make_generation(person, prompt="a fox" if minute else "a fox, a den")
        made = start + timedelta(hours=hour, minutes=minute)
        make_picture(generation, created_at=made)
        make_picture(generation, index=1, created_at=made + timedelta(hours=2 * (hour == 3)))
    make_picture(make_generation(person, prompt="a fox"), created_at=start - timedelta(days=400))
    for words in ("fox", "fox den", "fox -den"):
        every = pictures.gallery(person).filter(read_words(words).where)
        expected = list(every.values_list("pk", flat=True))
        assert list(_walked(person, words, "before")) == expected
        assert list(_walked(person, words, "after", expected[-1])) == expected[-2::-1]
        gallery = galleries.gallery_of("mine", person, {"q": words})
        for place, key in enumerate(expected):
            found = galleries.window(gallery, key, skip=2, count=4)
            assert [one.pk for one in found] == expected[place + 2 : place + 6], words


def _walked(person: Person, words: str, way: str, pk: int | None = None) -> Iterator[int]:
    """Yield the pictures of all pages from the newest, or from a picture on to newer ones."""
    for _ in range(100):
        cursor = (way, pk) if pk else None
        page = gallery_pages.page_of(person, team=False, sought={"q": words}, cursor=cursor)
        found = [picture.pk for picture in page.pictures]
        yield from found if way == "before" else found[::-1]
        if not (page.older if way == "before" else page.newer):
            return
        pk = found[-1] if way == "before" else found[0]


def test_the_index_follows_the_pictures(person: Person) -> None:
    generation = make_generation(person, prompt="A fox")
    assert not IndexedPrompt.objects.exists(), "there is no picture to be found yet"
    first, second = (make_picture(generation, index=index) for index in range(2))
    assert list(IndexedPrompt.objects.values_list("text", "person_id")) == [("a fox", person.pk)]
    generation.prompt = "An owl"
    generation.save()
    assert IndexedPrompt.objects.get().text == "an owl"
    first.delete()
    assert IndexedPrompt.objects.exists()
    prompt_index.check()
    second.delete()
    assert not IndexedPrompt.objects.exists()
    make_picture(make_generation(person, prompt=""))
    assert not IndexedPrompt.objects.exists()
    prompt_index.check()


def test_the_index_is_made_of_the_pictures_that_exist(person: Person, hung: list[Picture]) -> None:
    late = make_picture(make_generation(person, prompt="fox"), created_at="2020-01-01T00:00:00Z")
    assert IndexedPrompt.objects.get(stray=True).generation_id == late.generation_id
    prompt_index.drop_triggers()
    IndexedPrompt.objects.all().delete()
    prompt_index.fill()
    prompt_index.drop_index()
    prompt_index.create_index()
    prompt_index.create_triggers()
    prompt_index.check()
    rows = IndexedPrompt.objects.order_by("id")
    assert rows[0].generation_id == late.generation_id
    assert not rows.filter(stray=True).exists()
    assert pictures.gallery(person, sought={"q": "fox"}).count() == 4


def test_a_long_prompt_is_found_by_any_part(person: Person) -> None:
    prompt = "".join(chr(0x4E00 + number) for number in range(1000)) + " End of it all"
    picture = make_picture(make_generation(person, prompt=prompt))
    for part in (
        prompt[62:65],
        prompt[63:65],
        prompt[63],
        prompt[900:902],
        prompt[-9:],
        prompt[:99],
    ):
        assert list(pictures.gallery(person, sought={"q": f'"{part}"'})) == [picture]


def test_it_finds_in_the_trash(person: Person, hung: list[Picture]) -> None:
    curating.trash(person, hung[0].pk)
    assert list(pictures.trash_of(person, {"q": "fox birch"})) == [hung[0]]
    assert not pictures.gallery(person, sought={"q": "fox birch"}).exists()


def test_a_search_is_saved_as_a_live_collection(
    client: Client, person: Person, hung: list[Picture]
) -> None:
    html = client.get("/team/?q=fox&shape=landscape").content.decode()
    [query] = re.findall(r'name="query" value="([^"]*)"', html)
    sent = {"name": "Foxes", "query": unescape(query)}
    made = client.post("/collections/new/", sent, follow=True).content.decode()
    collection = Collection.objects.get()
    assert collection.query == "in=team&q=fox&shape=landscape"
    assert made.count("data-picture=") == 1
    curating.share(person, hung[0].pk)
    again = client.get(f"/collections/{collection.pk}/").content.decode()
    assert again.count("data-picture=") == 2


@pytest.mark.parametrize("query", ["", "in=team", "q=", "person=1", f"q={'é' * 499}"])
def test_a_search_for_nothing_is_not_saved(client: Client, person: Person, query: str) -> None:
    client.post("/collections/new/", {"name": "All", "query": query})
    assert not Collection.objects.exists()


def test_an_empty_result_says_what_to_leave_out(client: Client, person: Person) -> None:
    html = client.get("/gallery/?q=zzqx&shape=square").content.decode()
    links = re.findall(r'class="chip" href="([^"]*)"', html.split('class="loosen"')[1])
    assert links == ["/gallery/?shape=square", "/gallery/?q=zzqx"]


@pytest.mark.parametrize("steps", [(400, 2000), (1, 2)], ids=["few", "common"])
def test_a_private_collection_is_its_owners_filter(
    person: Person, hung: list[Picture], steps: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marked, "STEPS", steps)
    other = make_person()
    collection = Collection.objects.create(owner=other, name="Secret")
    shared = [one for one in hung if curating.share(person, one.pk)]
    for position, one in enumerate(shared):
        CollectionItem.objects.create(
            collection=collection, picture=one, position=position, created_at=one.created_at
        )
    for viewer, count in ((other, len(hung)), (person, 0)):
        sought = {"collection": collection.pk}
        page = gallery_pages.page_of(viewer, team=True, sought=sought, cursor=None)
        assert len(page.pictures) == count
        assert pictures.gallery(viewer, team=True, sought=sought).count() == count


@pytest.mark.parametrize(("first", "last"), [(1, 0), (1, 1), (1, 900_000), (70_000, 700_001)])
@pytest.mark.parametrize("newer", [False, True])
def test_blocks_cover_all_rows_once_in_order(first: int, last: int, *, newer: bool) -> None:
    question = IndexQuestion(read_words("a"), None, first=first, last=last, newer=newer, most=1)
    found = list(postgres_hits.parts(question))
    ordered = found if newer else found[::-1]
    assert all(one.last + 1 == other.first for one, other in pairwise(ordered))
    for part in found[:-1]:
        bits = PLACES[part.place[1]]
        assert {part.first >> bits, part.last >> bits} == {int(part.place[2:])}
    if last >= first:
        assert (ordered[0].first, ordered[-1].last) == (first, last)
    assert len(found) < 8
