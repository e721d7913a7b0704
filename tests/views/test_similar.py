"""What exists already: said before paying, and shown beside a picture, each kind by its name."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from omixa_studio.models import Generation, InputImage, Person, Picture
from omixa_studio.services.hashes import request_key
from tests.factories import make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db

MODEL = "imagen-4.0-generate-001"
FORM = {"model": MODEL, "prompt": "A harbour at dawn", "aspect_ratio": "16:9", "n": "2"}
EDIT = {"model": "gpt-image-1.5", "prompt": "A harbour at dawn"}
KEY = request_key(MODEL, "A harbour at dawn", {"aspect_ratio": "16:9"}, [])
HASH = 0b1011 << 60 | 0xF0F0_1234_ABCD - 2**63


def made(person: Person, *, days: int = 3, key: int | None = KEY, **fields: Any) -> Picture:
    """A picture that somebody made of the request in FORM some days ago."""
    prompt = FORM["prompt"] if key else f"{uuid4()}"
    row = make_generation(person, request_key=key, prompt=prompt)
    at = timezone.now() - timedelta(days=days)
    Generation.objects.filter(pk=row.pk).update(created_at=at)
    return make_picture(row, created_at=at, **fields)


def said(client: Client, **more: str) -> str:
    answer = client.post("/generations/made-before/", {**FORM, **more})
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_it_says_that_one_made_it_oneself(client: Client, person: Person) -> None:
    made(person)
    assert "You made this on" in said(client)


def test_it_says_that_a_colleague_made_it(client: Client, person: Person) -> None:
    picture = made(make_person("zoe"), shared=True)
    Generation.objects.update(target="omixa.example")
    assert re.search(r"zoe made this on .+ · \$0\.040", said(client))
    assert f"/pictures/{picture.pk}/" in client.post("/generations/made-before/", FORM).text


@pytest.mark.parametrize(
    "fields",
    [{}, {"shared": True, "trashed_at": timezone.now()}, {"shared": True, "thumb": ""}],
)
def test_it_says_nothing_of_what_one_may_not_see_or_use(
    fields: dict[str, Any], client: Client, person: Person
) -> None:
    made(make_person(), **fields)
    assert said(client) == ""


def test_it_says_nothing_of_what_is_on_the_board(client: Client, person: Person) -> None:
    made(person, days=0)
    assert said(client) == ""


@pytest.mark.parametrize(
    "more",
    [{"prompt": "A harbour"}, {"aspect_ratio": "1:1"}, {"model": "none"}, {"prompt": "\x00"}],
)
def test_it_says_nothing_of_another_request(
    more: dict[str, str], client: Client, person: Person
) -> None:
    made(person)
    assert said(client, **more) == ""


def test_it_knows_a_request_by_the_picture_it_was_made_from(client: Client, person: Person) -> None:
    source = made(person, key=None)
    form = EDIT | {"input_pictures": str(source.pk)}
    assert "made" not in client.post("/generations/made-before/", form).text
    sent = [InputImage(picture_id=source.pk)]
    made(person, key=request_key(EDIT["model"], EDIT["prompt"], {}, sent))
    assert "You made this on" in client.post("/generations/made-before/", form).text


def groups(client: Client, picture: Picture) -> dict[str, list[int]]:
    """The ids in each group of the page of similar pictures."""
    page = client.get(f"/pictures/{picture.pk}/similar/", headers={"HX-Request": "true"}).text
    parts = re.split(r'id="similar-(\w+)"', page)[1:]
    return {
        name: [int(pk) for pk in re.findall(r'href="/pictures/(\d+)/', part)]
        for name, part in zip(parts[::2], parts[1::2], strict=True)
    }


def test_it_names_the_kinds_of_similarity_apart(client: Client, person: Person) -> None:
    colour = (10, 20, 30)
    picture = made(person, colour=colour, perceptual_hash=HASH)
    again = made(person)
    bytes_too = made(make_person(), key=None, colour=colour, shared=True, perceptual_hash=HASH)
    near = made(person, key=None, perceptual_hash=HASH ^ 0b1000_0001)
    made(person, key=None, perceptual_hash=HASH ^ 0xFF)
    made(person, key=None, perceptual_hash=HASH ^ 1, size=(48, 64))
    made(make_person(), key=None, colour=colour, perceptual_hash=HASH ^ 1)
    assert groups(client, picture) == {
        "request": [again.pk],
        "bytes": [bytes_too.pk],
        "near": [near.pk],
    }


@pytest.mark.parametrize("bits", [[0, 16, 32, 48], [0, 1, 17, 18, 33, 34, 63], [63]])
def test_it_finds_copies_that_differ_in_up_to_seven_bits(
    bits: list[int], client: Client, person: Person
) -> None:
    picture = made(person, perceptual_hash=HASH, key=None)
    flipped = sum(1 << bit for bit in bits)
    value = (HASH ^ flipped) & (2**64 - 1)
    near = made(person, key=None, perceptual_hash=value - 2**64 if value >= 2**63 else value)
    assert groups(client, picture) == {"near": [near.pk]}


def test_the_page_says_that_there_is_none(client: Client, person: Person) -> None:
    picture = made(person, key=None)
    assert "No similar pictures" in client.get(f"/pictures/{picture.pk}/similar/").text


@pytest.mark.parametrize(
    ("prompt", "others"),
    [
        ("A lighthouse, painted in gouache, at dusk", ["Painted lighthouse in gouache"]),
        ("Маяк на скалистом берегу", ["Скалистом берегу: старый маяк", "на скалистом берегу"]),
        ("夕暮れの港町", ["夕暮れの港"]),
    ],
)
def test_it_finds_prompts_with_the_same_telling_words(
    prompt: str, others: list[str], client: Client, person: Person
) -> None:
    picture = make_picture(make_generation(person, prompt=prompt))
    strangers = make_picture(make_generation(make_person(), prompt=others[0]))
    make_picture(make_generation(person, prompt="Something else entirely"))
    best = [make_picture(make_generation(person, prompt=other)) for other in others]
    assert groups(client, picture) == {"alike": [best[0].pk]}
    Picture.objects.filter(pk=strangers.pk).update(shared=True)
    assert groups(client, picture) == {"alike": [best[0].pk, strangers.pk]}


@pytest.mark.parametrize("part", ["similar", "lineage"])
def test_a_page_that_outlives_its_picture_still_gets_its_parts(
    part: str, client: Client, person: Person
) -> None:
    own, others = (make_picture(make_generation(whose)) for whose in (person, make_person()))
    Picture.objects.filter(pk__in=[own.pk, others.pk]).update(
        shared=True, trashed_at=timezone.now()
    )
    asked = [client.get(f"/pictures/{one.pk}/{part}/").status_code for one in (own, others)]
    assert asked == [200, 404]
