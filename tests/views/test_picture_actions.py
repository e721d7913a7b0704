"""Share, make private, trash and restore: who may, twice, and where the click leads."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from omixa_studio.models import Person, Picture
from tests.factories import make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db

ACTIONS = ("share", "private", "trash", "restore")
SCRIPT = {"HX-Request": "true"}


@pytest.fixture
def picture(person: Person) -> Picture:
    return make_picture(make_generation(person))


def state(picture: Picture) -> tuple[bool, bool]:
    picture.refresh_from_db()
    return picture.shared, picture.trashed_at is not None


@pytest.mark.parametrize(
    ("actions", "after"),
    [
        (["share"], (True, False)),
        (["share", "share"], (True, False)),
        (["share", "private"], (False, False)),
        (["private", "private"], (False, False)),
        (["trash"], (False, True)),
        (["trash", "trash"], (False, True)),
        (["trash", "restore"], (False, False)),
        (["restore", "restore"], (False, False)),
        (["share", "trash", "restore"], (True, False)),
    ],
)
def test_it_may_be_clicked_once_or_twice(
    client: Client, picture: Picture, actions: list[str], after: tuple[bool, bool]
) -> None:
    for action in actions:
        response = client.post(f"/pictures/{picture.pk}/{action}", {"next": "/gallery/"})
        assert (response.status_code, response["Location"]) == (303, "/gallery/")
    assert state(picture) == after


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", ["member", "manager", "admin"])
@pytest.mark.parametrize("shared", [False, True])
def test_it_lets_nobody_else_in(picture: Picture, action: str, role: str, shared: bool) -> None:
    Picture.objects.filter(pk=picture.pk).update(
        shared=shared, trashed_at=timezone.now() if action == "restore" else None
    )
    before = state(picture)
    stranger = Client()
    stranger.force_login(make_person(role=role))
    assert stranger.post(f"/pictures/{picture.pk}/{action}").status_code == 404
    assert state(picture) == before


@pytest.mark.parametrize("action", ACTIONS)
def test_it_takes_clicks_and_no_visits(client: Client, picture: Picture, action: str) -> None:
    assert client.get(f"/pictures/{picture.pk}/{action}").status_code == 405
    assert Client().post(f"/pictures/{picture.pk}/{action}").status_code == 302
    assert state(picture) == (False, False)


@pytest.mark.parametrize("action", ACTIONS)
def test_it_refuses_clicks_from_elsewhere(person: Person, picture: Picture, action: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person)
    assert strict.post(f"/pictures/{picture.pk}/{action}").status_code == 403
    assert state(picture) == (False, False)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("pk", [0, 10**9, 2**63, 10**40])
def test_it_answers_404_to_ids_of_nothing(
    client: Client, person: Person, action: str, pk: int
) -> None:
    assert client.post(f"/pictures/{pk}/{action}").status_code == 404


@pytest.mark.parametrize("action", ["share", "private"])
def test_it_shares_nothing_out_of_the_trash(client: Client, picture: Picture, action: str) -> None:
    Picture.objects.filter(pk=picture.pk).update(trashed_at=timezone.now())
    assert client.post(f"/pictures/{picture.pk}/{action}").status_code == 404


@pytest.mark.parametrize(
    ("action", "undo"), [("share", "private"), ("private", "share"), ("trash", "restore")]
)
def test_it_offers_an_undo_in_a_toast(
    client: Client, picture: Picture, action: str, undo: str
) -> None:
    html = client.post(
        f"/pictures/{picture.pk}/{action}", {"next": "/gallery/"}, follow=True
    ).content.decode()
    toasts = html[html.index('id="toasts"') :]
    assert f'action="/pictures/{picture.pk}/{undo}"' in toasts


def test_it_gives_script_the_toast_alone_with_the_way_back(
    client: Client, picture: Picture
) -> None:
    back = "/gallery/?q=fox"
    response = client.post(f"/pictures/{picture.pk}/trash", {"next": back}, headers=SCRIPT)
    html = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in html
    assert re.search(r'name="next" value="/gallery/\?q=fox"', html)


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example", "javascript:1", ""])
def test_it_leads_nowhere_outside(client: Client, picture: Picture, where: str) -> None:
    response = client.post(f"/pictures/{picture.pk}/share", {"next": where})
    assert response["Location"] == f"/pictures/{picture.pk}/"


def test_it_says_when_the_time_in_the_trash_is_over(client: Client, picture: Picture) -> None:
    Picture.objects.filter(pk=picture.pk).update(trashed_at="2020-01-01T00:00:00+00:00")
    html = client.post(
        f"/pictures/{picture.pk}/restore", {"next": "/trash/"}, follow=True
    ).content.decode()
    assert "in the trash for too long" in html
    assert state(picture)[1]
