"""The table of filters: every row is whole, reads, narrows, says itself and is served."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from omixa_studio.filters import FILTERS, Filter, conditions
from omixa_studio.filters.table import MOST_WORDS
from omixa_studio.forms.gallery import CURSORS, read_sought
from omixa_studio.models import Person, Picture, UsedPrompt
from omixa_studio.presenters.pictures.filters import chips_of, menus_of
from omixa_studio.queries import pictures
from tests.factories import make_generation, make_person, make_picture

# An address for every filter, which finds the picture of `maras` and not that of `another`.
# A filter that is not here fails.
ASKED: dict[str, dict[str, str]] = {
    "words": {"q": "fox"},
    "model": {"model": "model-a"},
    "days": {"since": "2026-10-05", "until": "2026-10-07"},
    "prompt": {"prompt": "{fox}"},
    "star": {"star": "1"},
    "person": {"person": "{mara}"},
}
# Filters that have to read the rows, until an index of words is there.
WITHOUT_INDEX = {"words"}
every_filter = pytest.mark.parametrize("name", FILTERS)


@pytest.fixture
def mara() -> Person:
    return make_person("mara")


@pytest.fixture
def maras(mara: Person) -> Picture:
    generation = make_generation(mara, prompt="A fox", model="model-a")
    made = "2026-10-06T12:00:00Z"
    return make_picture(generation, shared=True, winner=True, created_at=made)


@pytest.fixture
def another() -> Picture:
    """A picture that is other in everything."""
    generation = make_generation(make_person(), prompt="A boat", model="model-b")
    return make_picture(generation, shared=True, created_at="2026-11-06T12:00:00Z")


def asked_of(name: str, mara: Person) -> dict[str, str]:
    prompt = UsedPrompt.objects.filter(person=mara).first()
    known = {"mara": mara.pk, "fox": prompt.pk if prompt else 1}
    return {part: text.format(**known) for part, text in ASKED[name].items()}


def values_of(texts: dict[str, str]) -> Any:
    return read_sought(QueryDict(urlencode(texts)), team=True).values


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
    for path in (f"{reverse('team')}?", f"{reverse('reference_picker')}?in=team&"):
        html = client.get(path + urlencode(asked_of(name, mara))).content.decode()
        found = re.findall(r'data-(?:picture|choice)="(\d+)"', html)
        assert found == [str(maras.pk)]


@every_filter
@pytest.mark.django_db
def test_it_steps_only_to_neighbours_that_fit(
    client: Client, mara: Person, maras: Picture, another: Picture, name: str
) -> None:
    client.force_login(mara)
    query = urlencode({"in": "team", **asked_of(name, mara)})
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
    html = client.get(f"{reverse('team')}?{urlencode(asked)}").content.decode()
    for form in ('role="search"', 'class="span"'):
        sent = dict(
            re.findall(r'name="(\w+)" value="([^"]*)"', html.split(form)[1].split("</form>")[0])
        )
        assert {part: sent.get(part) for part in asked} == asked


@every_filter
@pytest.mark.django_db
def test_choosing_another_filter_keeps_it(mara: Person, name: str) -> None:
    asked = asked_of(name, mara)
    sought = read_sought(QueryDict(urlencode(asked)), team=True)
    names: dict[str, dict[Any, str]] = {"model": {"model-b": "Model B"}, "person": {7: "Jon"}}
    others = [row.label for key, row in FILTERS.items() if key != name]
    for menu in menus_of(sought, names, team=True):
        if menu.label in others:
            kept = [QueryDict(choice.query).dict() for choice in menu.choices]
            kept += [dict(menu.kept)] if menu.typed else []
            assert kept
            assert all(asked.items() <= one.items() for one in kept)


@every_filter
@pytest.mark.django_db
def test_its_chip_says_it_and_takes_it_away(mara: Person, name: str) -> None:
    every = {part: text for key in FILTERS for part, text in asked_of(key, mara).items()}
    sought = read_sought(QueryDict(urlencode(every)), team=True)
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
    galleries = [pictures.gallery(mara, team=True, sought=values)]
    galleries += [] if row.team_only else [pictures.gallery(mara, sought=values)]
    plans = [gallery[:50].explain() for gallery in galleries]
    assert all(any(index in plan for index in row.indexes) for plan in plans), plans


def test_it_searches_for_the_first_words_of_a_long_text() -> None:
    words = [f"w{number}" for number in range(MOST_WORDS + 1)]
    assert conditions({"q": " ".join(words)}) == conditions({"q": " ".join(words[:-1])})


def test_people_are_offered_by_name() -> None:
    offered = FILTERS["person"].offered({1: "Zoe", 2: "ada", 3: "Mara"})
    assert [name for name, _parts in offered] == ["ada", "Mara", "Zoe"]


def test_nothing_asked_narrows_nothing() -> None:
    assert not conditions({})
