"""The same click twice, with money for one alone: the second answer is the first one's."""

from collections.abc import Callable

import pytest
from django.test import Client

from omixa_studio.models import Generation, Person, Run
from tests.factories import make_generation, make_limit, make_picture

pytestmark = pytest.mark.django_db
IMAGEN = "imagen-4.0-generate-001"
Form = tuple[str, dict[str, object]]


def generate(person: Person) -> Form:
    return "/generations/", {"model": IMAGEN, "prompt": "a fox"}


def retry(person: Person) -> Form:
    return f"/generations/{make_generation(person, state='failed').pk}/retry/", {}


def many(person: Person) -> Form:
    return "/many/", {"mode": "list", "model": IMAGEN, "prompts": "a fox\na hare", "step": "start"}


def final(person: Person) -> Form:
    run = Run.objects.create(person=person, kind="list")
    make_picture(make_generation(person, group=run.pk), winner=True)
    return f"/runs/{run.pk}/final/", {"model": IMAGEN, "step": "start"}


def cutout(person: Person) -> Form:
    return f"/pictures/{make_picture(make_generation(person), size=(80, 64)).pk}/cutout/", {}


def bulk(person: Person) -> Form:
    pictures = [make_picture(make_generation(person), size=(80, 64)) for _ in range(2)]
    pks = [picture.pk for picture in pictures]
    return "/pictures/bulk/", {"action": "cutout", "ids": pks, "step": "start"}


@pytest.mark.parametrize("screen", [generate, retry, many, final, cutout, bulk])
def test_it_answers_a_second_click_as_the_first(
    client: Client, person: Person, screen: Callable[[Person], Form]
) -> None:
    address, form = screen(person)
    before = Generation.objects.count()
    answers = [client.post(address, {**form, "click": "one"})]
    made = Generation.objects.count()
    make_limit(person.pk, 0)
    answers.append(client.post(address, {**form, "click": "one"}))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert Generation.objects.count() == made > before
