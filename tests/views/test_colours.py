"""A gallery coloured by cost, model or verdict: a byte for each picture, and what it means."""

import gzip
import json
import re
from typing import Any

import pytest
from django.test import Client

from omixa_studio.models import Person, Picture
from omixa_studio.services import curating
from tests.factories import make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db


def made(person: Person, **fields: Any) -> Picture:
    model = fields.pop("model", "imagen-4.0-generate-001")
    return make_picture(make_generation(person, model=model), **fields)


def coloured(client: Client, address: str) -> tuple[dict[str, Any], bytes]:
    answer = client.get(address)
    length = int.from_bytes(answer.content[:4], "little")
    return json.loads(answer.content[4 : 4 + length]), answer.content[4 + length :]


def meanings(client: Client, address: str) -> list[str]:
    """What the colour of each picture means, newest first."""
    head, found = coloured(client, address)
    said = {byte: words for byte, words, _tone in head["legend"]}
    return [said[byte] for byte in found]


def test_a_picture_has_the_colour_of_its_cost(client: Client, person: Person) -> None:
    for cost in (None, 0, 10_000, 10_001, 160_000, 900_000):
        made(person, cost_micros=cost)
    assert meanings(client, "/gallery/colours?colour=cost") == [
        "more than $0.160",
        "up to $0.160",
        "up to $0.020",
        "up to $0.010",
        "free",
        "unknown",
    ]


def test_a_new_verdict_is_a_new_colour(client: Client, person: Person) -> None:
    old, new = made(person), made(person)
    Picture.objects.filter(pk=old.pk).update(approval="approved")
    address = "/gallery/colours?colour=verdict"
    assert meanings(client, address) == ["no verdict", "approved"]
    tag = client.get(address)["ETag"]
    assert client.get(address, headers={"if-none-match": tag}).status_code == 304
    curating.star(person, new.pk)
    assert client.get(address, headers={"if-none-match": tag}).status_code == 200
    assert meanings(client, address) == ["with a star", "approved"]


def test_models_with_few_pictures_share_a_colour(
    client: Client, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omixa_studio.presenters.pictures.colours.MOST_TOLD_APART", 1)
    for model in ("gpt-image-1.5", "gone-model", "imagen-4.0-generate-001", "gpt-image-1.5"):
        made(person, model=model)
    head, found = coloured(client, "/gallery/colours?colour=model")
    tones = {byte: tone for byte, _words, tone in head["legend"]}
    assert [tones[byte] for byte in found] == ["kind1", "none", "none", "kind1"]


@pytest.mark.parametrize("query", ["", "&star=1"])
def test_colours_have_the_order_and_version_of_the_geometry(
    client: Client, person: Person, query: str
) -> None:
    for n in range(4):
        made(person, cost_micros=30_000 * n, winner=n != 1)
    geometry, shapes = coloured(client, f"/gallery/geometry?{query}")
    head, found = coloured(client, f"/gallery/colours?colour=cost{query}")
    assert head["version"] == geometry["version"]
    assert len(found) == len(shapes)
    assert list(found) == sorted(found, reverse=True)


def test_the_team_sees_colours_of_shared_pictures_alone(client: Client, person: Person) -> None:
    made(make_person(), shared=True, cost_micros=900_000)
    made(make_person(), cost_micros=900_000)
    assert meanings(client, "/team/colours?colour=cost") == ["more than $0.160"]
    assert meanings(client, "/gallery/colours?colour=cost") == []


def test_it_comes_packed_to_those_who_can_unpack(client: Client, person: Person) -> None:
    made(person)
    address = "/gallery/colours?colour=cost"
    packed = client.get(address, headers={"accept-encoding": "gzip"})
    assert gzip.decompress(packed.content) == client.get(address).content


@pytest.mark.parametrize("address", ["/gallery/colours", "/gallery/colours?colour=smell"])
def test_there_are_no_other_colours(client: Client, person: Person, address: str) -> None:
    assert client.get(address).status_code == 400


def test_a_page_offers_colours_and_keeps_its_filters(client: Client, person: Person) -> None:
    made(person, winner=True)
    page = client.get("/gallery/?star=1&colour=model").content.decode()
    assert 'data-colours="/gallery/colours?star=1&amp;colour=model"' in page
    assert 'href="/gallery/?star=1&amp;colour=verdict"' in page
    assert "data-colours" in client.get("/gallery/?colour=nonsense").content.decode()


def test_another_filter_keeps_the_colours(client: Client, person: Person) -> None:
    for _each in range(2):
        made(person, shared=True)
    page = client.get("/team/?colour=cost&shape=square&star=1").content.decode()
    # Without one filter, with another, and one that is typed.
    assert 'href="/team/?shape=square&amp;colour=cost"' in page
    changed = re.findall(r'href="(/team/\?[^"]*shape=[^"]*)"', page)
    assert len(changed) > 3
    assert all("colour=" in one or "select" in one for one in changed)
    forms = page.split('<form class="span"')[1:]
    assert forms
    assert all('<input type="hidden" name="colour" value="cost">' in form for form in forms)


def test_a_saved_search_has_no_colours(client: Client, person: Person) -> None:
    made(person)
    page = client.get("/gallery/?colour=cost&model=imagen-4.0-generate-001").content.decode()
    saved = page.partition('name="query" value="')[2].partition('"')[0]
    assert "model=" in saved
    assert "colour" not in saved
