"""Five hundred queued generations: one poll per tick, few statements, few cards drawn."""

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from omixa_studio.models import Generation, Person
from omixa_studio.services import claims
from tests.factories import make_generation, make_person
from tests.pages import Answer

pytestmark = pytest.mark.django_db
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def person(client: Client) -> Person:
    person = make_person()
    client.force_login(person)
    for _ in range(500):
        make_generation(person, state="queued")
    return person


def stamps(html: str) -> list[str]:
    return re.findall(r'data-seen="([^"]+)"', html)


def poll(client: Client, seen: list[str]) -> Answer:
    return client.post("/generations/cards/", {"seen": ",".join(seen)}, headers=SCRIPT)


def test_it_shows_them_all_and_polls_without_news(
    client: Client, person: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    seen = stamps(client.get("/").content.decode())
    assert len(seen) == 500
    with django_assert_max_num_queries(7):
        assert poll(client, seen).status_code == 204


def test_it_draws_only_the_cards_that_a_claim_changed(client: Client, person: Person) -> None:
    seen = stamps(client.get("/").content.decode())
    claims.claim_next("sandbox", "w")
    answer = poll(client, seen).content.decode()
    # The one that runs, and those whose place is told.
    assert answer.count("data-generation=") <= 22


def test_it_shows_the_same_cards_on_another_device(client: Client, person: Person) -> None:
    Generation.objects.filter(pk__lte=Generation.objects.earliest("pk").pk + 3).update(state="done")
    other = Client()
    other.force_login(person)
    cards = [
        re.findall(r'data-generation="(\d+)" data-state="(\w+)"', one.get("/").content.decode())
        for one in (client, other)
    ]
    assert cards[0] == cards[1]
    assert len(cards[0]) >= 496
