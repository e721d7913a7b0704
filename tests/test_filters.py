"""The table of filters: every row is whole, reads, narrows, says itself and is served."""

import re
from datetime import UTC, datetime
from itertools import chain
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from omixa_studio.filters import FILTERS, Filter, conditions
from omixa_studio.filters.words import MOST_TERMS, SearchTerms, read_words
from omixa_studio.forms.gallery import CURSORS, read_sought
from omixa_studio.models import (
    Collection,
    CollectionItem,
    Person,
    Picture,
    PictureTag,
    Tag,
    UsedPrompt,
)
from omixa_studio.presenters.pictures.filters import chips_of, menus_of
from omixa_studio.queries import pictures
from tests.factories import make_generation, make_person, make_picture, make_project

# An address for every filter, which finds the picture of `maras` and not that of `another`.
# A filter that is not here fails.
ASKED: dict[str, dict[str, str]] = {
    "words": {"q": "fox"},
    "model": {"model": "model-a"},
    "days": {"since": "2026-10-05", "until": "2026-10-07"},
    "prompt": {"prompt": "{fox}"},
    "star": {"star": "1"},
    "operation": {"operation": "edit"},
    "references": {"references": "yes"},
    "shape": {"shape": "portrait"},
    "size": {"size": "small"},
    "verdict": {"verdict": "approved"},
    "shared": {"shared": "yes"},
    "cost": {"cost_min": "0.01", "cost_max": "0.02"},
    "tag": {"tag": "LINEN"},
    "collection": {"collection": "{collection}"},
    "project": {"project": "{project}"},
    "person": {"person": "{mara}"},
}
# Filters that find their pictures in a table of their own first.
WITHOUT_INDEX = {"words", "tag", "collection"}
every_filter = pytest.mark.parametrize("name", FILTERS)


@pytest.fixture
def mara() -> Person:
    return make_person("mara")


@pytest.fixture
def maras(mara: Person) -> Picture:
    generation = make_generation(
        mara, prompt="A fox", model="model-a", operation="edit", project=make_project(mara)
    )
    picture = make_picture(
        generation,
        size=(48, 64),
        shared=True,
        winner=True,
        approval="approved",
        cost_micros=15_000,
        created_at=datetime(2026, 10, 6, 12, tzinfo=UTC),
    )
    tag = Tag.objects.create(name="Linen", person=mara)
    collection = Collection.objects.create(owner=mara, name="Foxes")
    own = {"picture": picture, "created_at": picture.created_at}
    PictureTag.objects.create(tag=tag, person=mara, **own)
    CollectionItem.objects.create(collection=collection, position=1, **own)
    return picture


@pytest.fixture
def another() -> Picture:
    """A picture that is other in everything."""
    generation = make_generation(make_person(), prompt="A boat", model="model-b")
    made = datetime(2026, 11, 6, 12, tzinfo=UTC)
    return make_picture(generation, shared=True, width=2000, height=1000, created_at=made)


def asked_of(name: str, mara: Person) -> dict[str, str]:
    prompt = UsedPrompt.objects.filter(person=mara).first()
    collection = Collection.objects.filter(owner=mara).first()
    known = {
        "mara": mara.pk,
        "fox": prompt.pk if prompt else 1,
        "collection": collection.pk if collection else 1,
        "project": mara.project_memberships.values_list("project", flat=True).first() or 1,
    }
    return {part: text.format(**known) for part, text in ASKED[name].items()}


def values_of(texts: dict[str, str]) -> Any:
    return read_sought(QueryDict(urlencode(texts)), team=True).values or (
        read_sought(QueryDict(urlencode(texts)), team=False).values
    )


def test_every_filter_is_tried_here() -> None:
    assert set(ASKED) == set(FILTERS)
    assert all(set(ASKED[name]) == set(row.parts) for name, row in FILTERS.items())


def test_a_part_of_the_address_belongs_to_one_filter() -> None:
    names = [name for row in FILTERS.values() for name in row.parts]
    others = {*CURSORS, "in", "select", "ids", "next"}
    assert len(names) == len({*names}) == len({*names} - others)


@pytest.mark.parametrize("row", FILTERS.values(), ids=FILTERS)
def test_a_row_has_the_words_that_its_parts_need(row: Filter) -> None:
    assert all(str(part.odd).endswith(".") for part in row.parts.values())
    assert bool(row.typed) == any(part.label for part in row.parts.values())
    assert not row.typed or row.label, "what is typed stands in a menu"
    assert not row.span or len(row.parts) == 2


@every_filter
@pytest.mark.django_db
def test_it_finds_what_is_asked_for_and_nothing_else(
    client: Client, mara: Person, maras: Picture, another: Picture, name: str
) -> None:
    client.force_login(mara)
    paths = (f"{reverse('team')}?", f"{reverse('reference_picker')}?in=team&")
    if FILTERS[name].own_only:
        make_picture(make_generation(mara), created_at=another.created_at)
        paths = (f"{reverse('gallery')}?", f"{reverse('reference_picker')}?")
    for path in paths:
        html = client.get(path + urlencode(asked_of(name, mara))).content.decode()
        found = re.findall(r'data-(?:picture|choice)="(\d+)"', html)
        assert found == [str(maras.pk)]


@every_filter
@pytest.mark.django_db
def test_it_steps_only_to_neighbours_that_fit(
    client: Client, mara: Person, maras: Picture, another: Picture, name: str
) -> None:
    client.force_login(mara)
    where = {} if FILTERS[name].own_only else {"in": "team"}
    query = urlencode({**where, **asked_of(name, mara)})
    html = client.get(f"{reverse('picture', args=[maras.pk])}?{query}").content.decode()
    assert 'rel="prev"' not in html
    assert 'rel="next"' not in html


@every_filter
@pytest.mark.django_db
def test_searching_and_typing_days_keep_it(
    client: Client, mara: Person, maras: Picture, name: str
) -> None:
    client.force_login(mara)
    asked = asked_of(name, mara)
    path = reverse("gallery" if FILTERS[name].own_only else "team")
    html = client.get(f"{path}?{urlencode(asked)}").content.decode()
    for form in ('role="search"', 'class="span"'):
        sent = dict(
            re.findall(r'name="(\w+)" value="([^"]*)"', html.split(form)[1].split("</form>")[0])
        )
        assert {part: sent.get(part) for part in asked} == asked


@every_filter
@pytest.mark.django_db
def test_choosing_another_filter_keeps_it(mara: Person, name: str) -> None:
    asked = asked_of(name, mara)
    team = not FILTERS[name].own_only
    sought = read_sought(QueryDict(urlencode(asked)), team=team)
    names: dict[str, dict[Any, str]] = {
        "model": {"model-b": "Model B"},
        "person": {7: "Jon"},
        "collection": {7: "Foxes"},
        "project": {7: "Harbour"},
    }
    others = [row.label for key, row in FILTERS.items() if key != name]
    menus = [menus_of(sought, names, team=team, apart=apart) for apart in (True, False)]
    for menu in chain(*menus):
        if menu.label in others:
            kept = [QueryDict(choice.query).dict() for choice in menu.choices]
            kept += [dict(menu.kept)] if menu.typed else []
            assert kept
            assert all(asked.items() <= one.items() for one in kept)


@every_filter
@pytest.mark.django_db
def test_its_chip_says_it_and_takes_it_away(mara: Person, name: str) -> None:
    team = not FILTERS[name].own_only
    kept = [key for key, row in FILTERS.items() if row.serves(team=team)]
    every = {part: text for key in kept for part, text in asked_of(key, mara).items()}
    sought = read_sought(QueryDict(urlencode(every)), team=team)
    rest = {part: text for part, text in every.items() if part not in FILTERS[name].parts}
    away = [QueryDict(chip.query).dict() for chip in chips_of(sought, {})]
    # What is searched for stands in the box itself.
    assert (rest in away) == (name != "words")
    assert all(chip.label for chip in chips_of(sought, {}))


@every_filter
@pytest.mark.django_db
def test_an_index_serves_it(mara: Person, name: str) -> None:
    row = FILTERS[name]
    assert bool(row.indexes) != (name in WITHOUT_INDEX)
    known = {index.name for index in Picture._meta.indexes}
    assert set(row.indexes) <= known
    if connection.vendor != "sqlite" or not row.indexes:
        return
    values = values_of(asked_of(name, mara))
    teams = [team for team in (True, False) if row.serves(team=team)]
    galleries = [pictures.gallery(mara, team=team, sought=values) for team in teams]
    plans = [gallery[:50].explain() for gallery in galleries]
    assert all(any(index in plan for index in row.indexes) for plan in plans), plans


@pytest.mark.parametrize(
    ("text", "terms", "without"),
    [
        ("Fox  birch fox", ["fox", "birch"], []),
        ('"a Fox" -boat -"red  car"', ["a fox"], ["boat", "red car"]),
        ("“Ёжик в тумане” −лиса –кот", ["ежик в тумане"], ["лиса", "кот"]),
        ("«лиса»", ["лиса"], []),
        ('"fox den', ["fox den"], []),
        ('5" pipe', ['5"', "pipe"], []),
        ("well-known - fox", ["well-known", "fox"], []),
        ('"', ['"'], []),
        ('"  " - –', [], []),
        ("", [], []),
        ("＂ｆｏｘ　ｄｅｎ＂", ["fox den"], []),
    ],
)
def test_it_reads_words_phrases_and_what_is_left_out(
    text: str, terms: list[str], without: list[str]
) -> None:
    assert read_words(text) == SearchTerms(tuple(terms), tuple(without))


def test_it_searches_for_the_first_words_of_a_long_text() -> None:
    words = [f"w{number}" for number in range(MOST_TERMS + 1)]
    assert list(read_words(" ".join(words)).terms) == words[:-1]
    assert conditions({"q": " ".join(words)}) == conditions({"q": " ".join(words[:-1])})


def test_people_are_offered_by_name() -> None:
    offered = FILTERS["person"].offered({1: "Zoe", 2: "ada", 3: "Mara"})
    assert [name for name, _parts in offered] == ["ada", "Mara", "Zoe"]


def test_nothing_asked_narrows_nothing() -> None:
    assert not conditions({})
