"""The team's gallery: what was shared, by whom, and nothing else."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from omixa_studio.models import Person, Picture
from omixa_studio.queries import gallery_pages
from tests.factories import make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(client: Client) -> Person:
    person = make_person("mara", role="admin")
    client.force_login(person)
    return person


def hang(person: Person | None, **fields: Any) -> Picture:
    return make_picture(make_generation(person), **fields)


def page(client: Client, query: str = "") -> str:
    response = client.get(f"/team/{query}")
    assert response.status_code == 200
    return response.content.decode()


def on(html: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'data-picture="(\d+)"', html)]


def test_it_hangs_what_anybody_shared_and_nothing_private(client: Client, person: Person) -> None:
    jon = make_person("jon")
    shared = [hang(jon, shared=True), hang(person, shared=True)]
    hang(jon)
    hang(person)
    hang(jon, shared=True, trashed_at=timezone.now())
    assert on(page(client)) == [picture.pk for picture in reversed(shared)]


def test_it_names_who_made_a_picture(client: Client, person: Person) -> None:
    hang(make_person("jon", first_name="Jon", last_name="Berg"), shared=True)
    html = page(client)
    assert '<span class="maker" dir="auto">Jon Berg</span>' in html
    assert " data-mine" not in html


def test_it_keeps_what_former_members_shared(client: Client, person: Person) -> None:
    jon = make_person("jon")
    picture = hang(jon, shared=True)
    jon.delete()
    assert on(page(client)) == [picture.pk]


def test_it_narrows_to_a_person(client: Client, person: Person) -> None:
    jon, eve = make_person("jon"), make_person("eve")
    hang(eve, shared=True)
    hang(jon)
    shared = hang(jon, shared=True)
    html = page(client, f"?person={jon.pk}")
    assert on(html) == [shared.pk]
    assert re.search(r'class="chip" href="/team/">.*?jon', html, re.S)
    assert f"/pictures/{shared.pk}/?in=team&amp;person={jon.pk}" in html


@pytest.mark.parametrize("text", ["nobody", "-3", "1.5", "9" * 40])
def test_it_leaves_odd_people_out_and_says_so(client: Client, person: Person, text: str) -> None:
    shared = hang(make_person(), shared=True)
    html = page(client, f"?person={text}")
    assert "The person filter was ignored" in html
    assert on(html) == [shared.pk]


def test_it_notes_that_the_largest_id_is_nobody(client: Client, person: Person) -> None:
    picture = hang(make_person(), shared=True)
    html = page(client, f"?person={2**63 - 1}")
    assert on(html) == [picture.pk]
    assert "there is no such person" in html


def test_it_offers_those_who_made_what_is_on_the_page_and_the_chosen_one(
    client: Client, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery_pages, "PAGE_LENGTH", 2)
    early, jon, kim, lee, idle = map(make_person, ("early", "jon", "kim", "lee", "idle"))
    oldest, *_newer = [hang(maker, shared=True) for maker in (early, jon, kim, lee)]

    def offered(query: str = "") -> set[str]:
        people = {one.pk: one.username for one in Person.objects.all()}
        found = re.findall(r'href="[^"]*[?;&]person=(\d+)', page(client, query))
        return {people[int(pk)] for pk in found}

    assert offered() == {"kim", "lee"}
    assert offered(f"?at={oldest.pk}") == {"early"}
    hang(idle, shared=False)
    assert offered(f"?person={jon.pk}") == {"jon"}


def test_it_teaches_how_to_share(client: Client, person: Person) -> None:
    assert "Nobody has shared a picture yet" in page(client)


def test_it_asks_a_fixed_number_of_questions(
    client: Client, person: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(4):
        hang(make_person(), shared=True)
    page(client)
    with django_assert_max_num_queries(10):
        page(client)
