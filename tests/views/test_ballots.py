"""Judging: with script and without, one vote per pair, the last one taken back."""

from io import BytesIO

import pytest
from django.test import Client
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from omixa_studio import storage
from omixa_studio.models import Ballot, Pair, Person, Picture, Vote
from omixa_studio.services import blind_tests
from tests.factories import make_blind_test, make_person

pytestmark = pytest.mark.django_db
SCRIPT = {"HX-Request": "true"}


def shown(page: bytes) -> int:
    return int(page.decode().split('name="pair" value="')[1].split('"')[0])


def test_one_judges_all_pairs_by_plain_forms(client: Client, person: Person) -> None:
    test = make_blind_test(prompts=3)
    vote = f"/tests/{test.pk}/vote/"
    assert b"Start voting" in client.get(vote).content
    assert not Ballot.objects.exists()
    assert client.post(f"/tests/{test.pk}/join/")["Location"] == vote
    seen, where = [], vote
    for said in ("left", "equal", "skip"):
        page = client.get(where).content
        seen.append(shown(page))
        then = page.decode().split('name="then" value="')[1].split('"')[0]
        where = client.post(vote, {"pair": seen[-1], "said": said, "then": then})["Location"]
    assert sorted(seen) == sorted(Pair.objects.values_list("pk", flat=True))
    assert Vote.objects.count() == 3
    assert b"That was the last pair" in client.get(where).content


def test_script_gets_the_next_pair_in_place(client: Client, person: Person) -> None:
    test = make_blind_test(prompts=4)
    client.post(f"/tests/{test.pk}/join/")
    page = client.get(f"/tests/{test.pk}/vote/").content
    then = page.decode().split('name="then" value="')[1].split('"')[0]
    form = {"pair": shown(page), "said": "right", "then": then}
    answer = client.post(f"/tests/{test.pk}/vote/", form, headers=SCRIPT).content
    assert answer.strip().startswith(b"<blind-vote")
    assert shown(answer) == int(then)
    assert b"Pair 2 of 4" in answer
    back = client.post(f"/tests/{test.pk}/undo/", headers=SCRIPT).content
    assert shown(back) == form["pair"]
    assert b"Pair 1 of 4" in back


def test_a_vote_counts_once_however_often_it_is_sent(client: Client, person: Person) -> None:
    test = make_blind_test(prompts=2)
    client.post(f"/tests/{test.pk}/join/")
    pair = Pair.objects.all()[0]
    for said in ("left", "left", "right"):
        client.post(f"/tests/{test.pk}/vote/", {"pair": pair.pk, "said": said})
    pair.refresh_from_db()
    assert (Vote.objects.count(), pair.votes) == (1, 1)


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"pair": "x", "said": "left"},
        {"pair": "999999999999999999999", "said": "left"},
        {"pair": "0", "said": "first"},
        {"said": "left", "then": "-1"},
    ],
)
def test_an_odd_vote_is_none(client: Client, person: Person, form: dict[str, str]) -> None:
    test = make_blind_test(prompts=2)
    client.post(f"/tests/{test.pk}/join/")
    assert client.post(f"/tests/{test.pk}/vote/", form).status_code == 303
    assert not Vote.objects.exists()


def test_a_pair_of_another_test_takes_no_vote(client: Client, person: Person) -> None:
    test, other = make_blind_test(prompts=2), make_blind_test(prompts=2)
    client.post(f"/tests/{test.pk}/join/")
    blind_tests.prepare(other)
    pair = Pair.objects.filter(test=other)[0]
    client.post(f"/tests/{test.pk}/vote/", {"pair": pair.pk, "said": "left"})
    assert not Vote.objects.exists()


def test_one_waits_while_pictures_are_made(client: Client, person: Person) -> None:
    test = make_blind_test(prompts=2, state="queued")
    client.post(f"/tests/{test.pk}/join/")
    page = client.get(f"/tests/{test.pk}/vote/").content.decode()
    assert "0 of 4 requests are done" in page
    poll = client.get(f"/tests/{test.pk}/?seen=0", headers=SCRIPT)
    assert poll.status_code == 204
    assert client.get(f"/tests/{test.pk}/", headers=SCRIPT).status_code == 200


def test_the_sides_are_the_two_pictures_and_differ_by_person(
    client: Client, person: Person
) -> None:
    test = make_blind_test(prompts=10)
    blind_tests.prepare(test)
    orders = []
    for judge in (person, make_person()):
        client.force_login(judge)
        lefts = []
        for pair in Pair.objects.all():
            left, right = (
                client.get(f"/tests/pairs/{pair.pk}/{side}") for side in ("left", "right")
            )
            assert left.content != right.content
            assert left["ETag"] != right["ETag"]
            lefts.append(left.content)
        orders.append(lefts)
    assert orders[0] != orders[1]


def test_a_side_is_a_copy_without_metadata(client: Client, person: Person) -> None:
    test = make_blind_test(prompts=1)
    told = PngInfo()
    told.add_text("Software", "the-name-of-a-model")
    for name in Picture.objects.values_list("name", flat=True):
        out = BytesIO()
        Image.new("RGB", (96, 64), "teal").save(out, "PNG", pnginfo=told)
        storage.put(name, out.getvalue())
    blind_tests.prepare(test)
    path = f"/tests/pairs/{Pair.objects.get().pk}/left"
    answer = client.get(path)
    assert "Content-Disposition" not in answer
    assert b"the-name-of-a-model" not in answer.content
    with Image.open(BytesIO(answer.content)) as image:
        assert image.size == (96, 64)
    again = client.get(path, headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_a_side_in_the_trash_is_not_there(client: Client, person: Person) -> None:
    test = make_blind_test(prompts=1)
    blind_tests.prepare(test)
    pair = Pair.objects.get()
    Picture.objects.update(trashed_at="2026-01-01T00:00Z")
    assert client.get(f"/tests/pairs/{pair.pk}/left").status_code == 404
