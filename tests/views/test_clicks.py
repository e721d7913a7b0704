"""The same click twice, with money for one alone: the second answer is the first one's."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from omixa_studio.models import BlindTest, Generation, GenerationInput, Person, Run
from tests.factories import (
    draw_png,
    make_generation,
    make_limit,
    make_lost_call,
    make_picture,
)

pytestmark = pytest.mark.django_db
IMAGEN = "imagen-4.0-generate-001"
RED, BLUE = (200, 40, 40), (40, 40, 200)
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


def blind(person: Person) -> Form:
    models = [IMAGEN, "gpt-image-1.5"]
    return "/tests/new/", {"prompts": "a fox", "models": models, "step": "start"}


def cutout(person: Person) -> Form:
    return f"/pictures/{make_picture(make_generation(person), size=(80, 64)).pk}/cutout/", {}


def bulk(person: Person) -> Form:
    pictures = [make_picture(make_generation(person), size=(80, 64)) for _ in range(2)]
    pks = [picture.pk for picture in pictures]
    return "/pictures/bulk/", {"action": "cutout", "ids": pks, "step": "start"}


@pytest.mark.parametrize("screen", [generate, retry, many, final, blind, cutout, bulk])
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


def several(person: Person) -> Form:
    return "/generations/", {"model": IMAGEN, "prompt": "a fox", "n": 7}


def upscale(person: Person) -> Form:
    address, form = cutout(person)
    return address.replace("cutout", "upscale"), form


@pytest.mark.parametrize(
    "screen", [generate, several, retry, many, final, blind, upscale, cutout, bulk]
)
def test_it_buys_no_form_again_that_an_older_copy_of_the_database_has_lost(
    client: Client, person: Person, screen: Callable[[Person], Form]
) -> None:
    address, form = screen(person)
    older = set(Generation.objects.values_list("pk", flat=True))
    client.post(address, {**form, "click": "one"})
    # One call of them all was sent before the copy was put back.
    last = Generation.objects.exclude(pk__in=older).order_by("pk").last()
    assert last is not None
    make_lost_call(person_id=person.pk, click=last.click)
    BlindTest.objects.all().delete()
    GenerationInput.objects.exclude(generation__in=older).delete()
    Generation.objects.exclude(pk__in=older).delete()
    Run.objects.exclude(pk__in=Generation.objects.values("group")).delete()
    answer = client.post(address, {**form, "click": "one"}, follow=True)
    assert set(Generation.objects.values_list("pk", flat=True)) == older
    assert answer.status_code in (200, 422)
    assert "before an older copy of the database was restored" in answer.content.decode()
    client.post(address, {**form, "click": "two"})
    assert Generation.objects.exclude(pk__in=older).exists()


@pytest.mark.parametrize(
    ("screen", "other"),
    [
        (generate, {"prompt": "a hare"}),
        (generate, {"aspect_ratio": "16:9"}),
        (many, {"prompts": "a fox\na crow"}),
        (final, {"model": "imagen-4.0-ultra-generate-001"}),
    ],
)
def test_it_takes_another_wish_under_the_same_click(
    client: Client, person: Person, screen: Callable[[Person], Form], other: dict[str, object]
) -> None:
    """Back and a copied tab show a form whose click was used."""
    address, form = screen(person)
    client.post(address, {**form, "click": "one"})
    made = Generation.objects.count()
    client.post(address, {**form, **other, "click": "one"})
    assert Generation.objects.count() > made


def test_it_tells_the_pictures_of_one_click_apart(client: Client, person: Person) -> None:
    for _ in range(2):
        address, form = cutout(person)
        client.post(address, {**form, "click": "one"})
    assert Generation.objects.filter(operation="remove_background").count() == 2


def test_it_tells_the_selections_of_one_click_apart(client: Client, person: Person) -> None:
    address, form = bulk(person)
    for _ in range(2):
        client.post(address, {**form, "click": "one"})
    fewer = {**form, "ids": form["ids"][:1]}  # type: ignore[index]
    client.post(address, {**fewer, "click": "one"})
    assert Generation.objects.filter(operation="remove_background").count() == 3


def test_it_tells_the_winners_of_one_click_apart(client: Client, person: Person) -> None:
    address, form = final(person)
    client.post(address, {**form, "click": "one"})
    made = Generation.objects.count()
    run = address.split("/")[2]
    make_picture(make_generation(person, group=run), winner=True)
    client.post(address, {**form, "click": "one"})
    assert Generation.objects.count() == made + 1 + 2


def test_it_tells_the_files_of_one_click_apart(client: Client, person: Person) -> None:
    made = []
    for colour in (RED, BLUE, RED):
        picture = SimpleUploadedFile("a.png", draw_png((64, 64), colour), "image/png")
        form = {"model": "gpt-image-1.5", "prompt": "a fox", "input_images": picture}
        assert client.post("/generations/", {**form, "click": "one"}).status_code == 303
        made.append(Generation.objects.count())
    assert made == [1, 2, 2]


@pytest.mark.parametrize("screen", [generate, retry, many, final, blind, cutout, bulk])
def test_it_refuses_a_click_that_is_none(
    client: Client, person: Person, screen: Callable[[Person], Form]
) -> None:
    address, form = screen(person)
    before = Generation.objects.count()
    client.post(address, {**form, "click": "two words"})
    assert Generation.objects.count() == before
