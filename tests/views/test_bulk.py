"""A selection: all pictures or none, the total before money, one run, an undo for the lot."""

import re
from typing import Any

import pytest
from django.test import Client

from omixa_studio.models import Generation, InputImage, Person, Picture, Run
from tests.factories import make_generation, make_limit, make_person, make_picture

pytestmark = pytest.mark.django_db

BULK = "/pictures/bulk/"
CONSERVATIVE = "stability-upscale-conservative"
STEPS = ("share", "private", "trash", "restore")
PAID = ("upscale", "cutout")


@pytest.fixture
def hung(person: Person) -> list[Picture]:
    """Three pictures with prompts."""
    return [
        make_picture(make_generation(person, prompt=f"Harbour {n}"), size=(80, 64))
        for n in range(3)
    ]


def form(action: str, pictures: list[Picture], **more: Any) -> dict[str, object]:
    return {"action": action, "ids": [picture.pk for picture in pictures], **more}


def made() -> list[Generation]:
    return list(Generation.objects.exclude(operation="generate").order_by("id"))


def test_it_asks_with_the_count_and_the_total(client: Client, hung: list[Picture]) -> None:
    page = client.post(BULK, form("upscale", hung)).content.decode()
    assert "about $1.80" in page
    assert "Yes, spend up to $1.80" in page
    assert "Each picture keeps its own prompt" in page
    assert not made()
    assert not InputImage.objects.exists()


def test_it_starts_one_run_with_each_picture_s_own_prompt(
    client: Client, hung: list[Picture]
) -> None:
    start = form("upscale", hung, step="start", confirmed="yes", model=CONSERVATIVE, seed="5")
    answer = client.post(BULK, start)
    run = Run.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/runs/{run.pk}/")
    assert run.kind == "bulk"
    rows = made()
    assert {row.group for row in rows} == {run.pk}
    assert [row.prompt for row in rows] == ["Harbour 0", "Harbour 1", "Harbour 2"]
    assert [row.inputs.get().picture for row in rows] == hung
    assert {(row.model, row.options["seed"]) for row in rows} == {(CONSERVATIVE, 5)}


def test_it_wants_a_tick_above_the_set_price(client: Client, hung: list[Picture]) -> None:
    answer = client.post(BULK, form("upscale", hung, step="start"))
    assert answer.status_code == 422
    assert "Tick the box to confirm the amount" in answer.content.decode()
    assert not made()
    assert client.post(BULK, form("cutout", hung, step="start")).status_code == 303


def test_it_starts_once_per_click(client: Client, hung: list[Picture]) -> None:
    start = form("cutout", hung, step="start", click="abc")
    first, second = client.post(BULK, start), client.post(BULK, start)
    assert first["Location"] == second["Location"]
    assert len(made()) == 3


def test_it_takes_a_click_that_was_something_else(client: Client, hung: list[Picture]) -> None:
    client.post(f"/pictures/{hung[0].pk}/cutout/", {"click": "abc"})
    answer = client.post(BULK, form("cutout", hung, step="start", click="abc"))
    assert answer.status_code == 303
    assert Run.objects.count() == 1


def test_it_asks_for_a_prompt_for_those_without(
    client: Client, person: Person, hung: list[Picture]
) -> None:
    bare = make_picture(make_generation(person, prompt=""), size=(80, 64))
    both = [hung[0], bare]
    page = client.post(BULK, form("upscale", both)).content.decode()
    assert "Prompt for the one without" in page
    start = form("upscale", both, step="start", confirmed="yes")
    assert client.post(BULK, start).status_code == 422
    assert client.post(BULK, {**start, "prompt": "A cat"}).status_code == 303
    assert [row.prompt for row in made()] == ["Harbour 0", "A cat"]


def test_it_queues_all_or_none_under_the_limit(
    client: Client, person: Person, hung: list[Picture]
) -> None:
    make_limit(person.pk, 140_000)
    answer = client.post(BULK, form("cutout", hung, step="start"))
    assert answer.status_code == 422
    assert "reserves $0.15" in answer.content.decode().replace("\xa0", " ")
    assert not made()


def test_it_queues_all_or_none_where_one_cannot_be_sent(
    client: Client, person: Person, hung: list[Picture]
) -> None:
    small = make_picture(make_generation(person), size=(40, 40))
    answer = client.post(BULK, form("cutout", [*hung, small], step="start"))
    assert answer.status_code == 422
    assert not made()


@pytest.mark.parametrize("action", [*PAID, *STEPS])
@pytest.mark.parametrize("role", ["member", "manager", "admin"])
def test_it_knows_no_private_picture_of_others(
    client: Client, person: Person, hung: list[Picture], role: str, action: str
) -> None:
    Person.objects.filter(pk=person.pk).update(role=role)
    theirs = make_picture(make_generation(make_person()), size=(80, 64))
    mixed = form(action, [hung[0], theirs], step="start", confirmed="yes")
    assert client.post(BULK, mixed).status_code == 404
    assert not made()
    assert not Picture.objects.filter(shared=True).exists()
    assert not Picture.objects.exclude(trashed_at=None).exists()


@pytest.mark.parametrize("action", STEPS)
def test_it_changes_no_shared_picture_of_others(
    client: Client, hung: list[Picture], action: str
) -> None:
    theirs = make_picture(make_generation(make_person()), shared=True)
    assert client.post(BULK, form(action, [hung[0], theirs])).status_code == 404
    theirs.refresh_from_db()
    assert (theirs.shared, theirs.trashed_at) == (True, None)


def test_it_works_on_shared_pictures_for_whoever_pressed(client: Client, person: Person) -> None:
    theirs = make_picture(make_generation(make_person()), size=(80, 64), shared=True)
    assert client.post(BULK, form("cutout", [theirs], step="start")).status_code == 303
    assert [row.person for row in made()] == [person]


@pytest.mark.parametrize("action", [*PAID, *STEPS])
@pytest.mark.parametrize("odd", ["x", "-1", "1.5", "0x1", "9" * 19, "", " ", "1 OR 1"])
def test_it_knows_no_odd_ids(client: Client, hung: list[Picture], action: str, odd: str) -> None:
    answer = client.post(BULK, {"action": action, "ids": [hung[0].pk, odd], "step": "start"})
    assert answer.status_code == 404
    assert not made()


@pytest.mark.parametrize("action", ["", "delete", "upscale "])
def test_it_refuses_odd_actions(client: Client, hung: list[Picture], action: str) -> None:
    assert client.post(BULK, form(action, hung)).status_code == 400


@pytest.mark.parametrize("action", ["upscale", "trash"])
def test_it_says_so_when_nothing_is_selected(client: Client, person: Person, action: str) -> None:
    answer = client.post(BULK, {"action": action, "next": "/gallery/?q=cat"}, follow=True)
    assert answer.redirect_chain == [("/gallery/?q=cat", 303)]
    assert "Select at least one picture first." in answer.content.decode()


def test_it_takes_so_many_at_a_time(client: Client, person: Person) -> None:
    pattern = make_picture(make_generation(person))
    same = ("person", "model", "name", "thumb", "sha256", "format", "width", "height", "bytes")
    values = {name: getattr(pattern, name) for name in same}
    Picture.objects.bulk_create(
        Picture(generation=pattern.generation, index=index, **values) for index in range(1, 201)
    )
    many = list(Picture.objects.all())
    answer = client.post(BULK, form("cutout", many, step="start", confirmed="yes"))
    assert answer.status_code == 422
    assert "Select at most 200 pictures" in answer.content.decode()
    assert client.post(BULK, form("trash", many)).status_code == 303
    assert not Picture.objects.filter(trashed_at=None).exists()


@pytest.mark.parametrize(("count", "status"), [(990, 422), (999, 413)])
def test_script_learns_that_a_selection_was_refused(
    client: Client, person: Person, count: int, status: int
) -> None:
    data = {"action": "trash", "ids": [str(n) for n in range(1, count + 1)], "next": "/gallery/"}
    answer = client.post(BULK, data, headers={"HX-Request": "true"})
    assert answer.status_code == status
    assert "at most" in answer.text
    assert 'class="toast error"' in answer.text


@pytest.mark.parametrize(
    ("actions", "after"),
    [
        (["share"], (True, False)),
        (["share", "share"], (True, False)),
        (["share", "private"], (False, False)),
        (["trash", "trash"], (False, True)),
        (["trash", "restore", "restore"], (False, False)),
    ],
)
def test_it_may_be_clicked_once_or_twice(
    client: Client, hung: list[Picture], actions: list[str], after: tuple[bool, bool]
) -> None:
    for action in actions:
        answer = client.post(BULK, form(action, hung, next="/gallery/"))
        assert (answer.status_code, answer["Location"]) == (303, "/gallery/")
    for picture in hung:
        picture.refresh_from_db()
        assert (picture.shared, picture.trashed_at is not None) == after


@pytest.mark.parametrize("action", ["share", "trash"])
def test_it_undoes_the_lot_and_nothing_else(
    client: Client, hung: list[Picture], action: str
) -> None:
    client.post(BULK, form(action, hung[:1]))
    client.get("/gallery/")
    client.post(BULK, form(action, hung))
    page = client.get("/gallery/").content.decode()
    [undo] = re.findall(r'action="(/jobs/\d+/undo/)"', page)
    for _twice in range(2):
        client.post(undo, {"next": "/gallery/"})
    states = [(p.shared, p.trashed_at is not None) for p in Picture.objects.order_by("id")]
    taken = (True, False) if action == "share" else (False, True)
    assert states == [taken, (False, False), (False, False)]


def test_it_is_behind_the_login_and_only_a_post(client: Client) -> None:
    person = make_person()
    assert client.post(BULK, {"action": "trash", "ids": "1"})["Location"].startswith("/login/")
    client.force_login(person)
    assert client.get(f"{BULK}?action=trash&ids=1").status_code == 405


def test_it_offers_boxes_to_tick_without_script(client: Client, hung: list[Picture]) -> None:
    plain, ticking = (
        client.get(address).content.decode() for address in ("/gallery/", "/gallery/?select=1")
    )
    assert 'type="checkbox" name="ids"' not in plain
    assert ticking.count('type="checkbox" name="ids"') == 3
    assert 'id="selection" action="/pictures/bulk/"' in ticking


def test_it_offers_nothing_on_the_team_s_gallery_that_is_for_one_s_own(
    client: Client, person: Person
) -> None:
    make_picture(make_generation(make_person()), shared=True)
    page = client.get("/team/?select=1").content.decode()
    assert 'value="cutout"' in page
    assert 'value="trash"' not in page


@pytest.mark.parametrize("action", PAID)
def test_it_says_how_many_cannot_be_drawn(client: Client, hung: list[Picture], action: str) -> None:
    Picture.objects.filter(pk=hung[1].pk).update(thumb="")
    answer = client.post(BULK, form(action, hung))
    assert answer.status_code == 422
    assert "1 of these pictures cannot be displayed here" in answer.content.decode()
    assert not made()
