"""Guest links: made, listed, changed, revoked by their makers."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from omixa_studio.models import Act, ActKind, GuestLink, LinkPicture, Person, Picture
from omixa_studio.queries.guests import token_of
from omixa_studio.services import guest_links
from omixa_studio.services.audit import Actor
from tests.factories import make_generation, make_link, make_person, make_picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]

NEW = "/links/new/"


def own(person: Person, count: int = 1, **fields: Any) -> list[int]:
    return [make_picture(make_generation(person), **fields).pk for _n in range(count)]


def test_a_selection_becomes_a_link_with_what_was_chosen(client: Client, person: Person) -> None:
    ids = own(person, 3)
    asked = client.post(NEW, {"ids": ids})
    assert asked.status_code == 200
    assert not GuestLink.objects.exists()
    assert asked.content.decode().count('name="ids"') == 3
    terms = {
        "ids": ids[::-1],
        "days": "7",
        "title": "Spring",
        "password": " pass ",
        "prompts": "yes",
    }
    answer = client.post(NEW, terms)
    link = GuestLink.objects.get()
    assert answer["location"] == f"/links/#link-{link.pk}"
    assert list(LinkPicture.objects.values_list("number", "picture")) == list(
        enumerate(ids[::-1], 1)
    )
    assert (link.title, link.downloads, link.prompts, link.comments) == (
        "Spring",
        False,
        True,
        False,
    )
    assert check_password("pass", link.password)
    assert link.expires_at
    assert abs(link.expires_at - timezone.now() - timedelta(days=7)) < timedelta(minutes=1)
    assert Act.objects.get(kind=ActKind.LINK_MADE).who_id == person.pk
    page = client.get("/links/").content.decode()
    assert f"/g/{token_of(link)}/" in page


def test_all_of_a_gallery_becomes_a_link(client: Client, person: Person) -> None:
    ids = own(person, 5)
    terms = {"gallery": "/gallery/", "all": "1", "without": str(ids[2]), "as_of": str(ids[-1])}
    own(person)
    client.post(NEW, {**terms, "days": "1"})
    assert set(LinkPicture.objects.values_list("picture", flat=True)) == {*ids} - {ids[2]}
    client.post(NEW, {"ids": ",".join(map(str, ids[:2])), "days": "1"})
    assert GuestLink.objects.latest("pk").pictures == 2
    Picture.objects.filter(pk=ids[0]).update(trashed_at=timezone.now())
    assert client.post(NEW, {"gallery": "/trash/", "all": "1", "days": "1"}).status_code == 422
    for odd in ("/elsewhere/", "//x.org/gallery/", "x" * 5000):
        assert client.post(NEW, {**terms, "gallery": odd, "days": "1"}).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [("days", "31"), ("days", "never"), ("title", "x" * 121), ("password", "x" * 129)],
)
def test_odd_terms_are_refused(client: Client, person: Person, field: str, value: str) -> None:
    answer = client.post(NEW, {"ids": own(person), "days": "30", field: value})
    assert answer.status_code == 422
    assert not GuestLink.objects.exists()


def test_a_link_without_an_end_needs_the_studios_leave(
    client: Client, person: Person, settings: Settings
) -> None:
    ids = own(person)
    settings.LINK_DAYS = 0
    client.post(NEW, {"ids": ids, "days": "never"})
    assert GuestLink.objects.get().expires_at is None
    settings.LINK_DAYS = 10
    assert client.post(NEW, {"ids": ids, "days": "30"}).status_code == 422
    assert 'value="7" selected' in client.get(NEW, {"ids": ids}).content.decode()


def test_a_link_is_changed_revoked_and_opened_again(client: Client, person: Person) -> None:
    link = make_link(person, password="old")
    paths = {
        name: reverse(f"link_{name}", args=[link.pk]) for name in ("change", "revoke", "restore")
    }
    client.post(paths["change"], {"days": "keep", "title": "T", "downloads": "yes"})
    changed = GuestLink.objects.get()
    assert (changed.expires_at, changed.password) == (link.expires_at, link.password)
    assert (changed.title, changed.downloads, changed.comments) == ("T", True, False)
    client.post(paths["change"], {"days": "1", "no_password": "yes"})
    assert GuestLink.objects.get().password == ""
    client.post(paths["revoke"])
    assert GuestLink.objects.get().revoked_at
    assert "revoked" in client.get("/links/").content.decode()
    client.post(paths["restore"])
    assert GuestLink.objects.get().revoked_at is None
    kinds = list(Act.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds[1:] == ["link_changed", "link_changed", "link_revoked", "link_restored"]


def test_an_admin_closes_links_of_others_without_their_address(client: Client) -> None:
    link = make_link(make_person("jon", first_name="Jon"), title="Jon's")
    client.force_login(make_person(role="admin"))
    page = client.get("/links/").content.decode()
    assert "Jon&#x27;s" in page
    assert token_of(link) not in page
    client.post(reverse("link_close", args=[link.pk]))
    assert GuestLink.objects.get().revoked_at
    assert Act.objects.get(kind=ActKind.LINK_REVOKED).whom_id == link.person_id


def test_links_are_few_enough(
    client: Client, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guest_links, "MOST_LINKS", 2)
    monkeypatch.setattr(guest_links, "MOST_PICTURES", 3)
    ids = own(person, 4)
    assert client.post(NEW, {"ids": ids, "days": "1"}).status_code == 422
    codes = [client.post(NEW, {"ids": ids[:1], "days": "1"}).status_code for _n in range(3)]
    assert codes == [303, 303, 422]
    one, other = GuestLink.objects.order_by("pk")
    GuestLink.objects.filter(pk=one.pk).update(expires_at=timezone.now())
    assert client.post(NEW, {"ids": ids[:1], "days": "1"}).status_code == 303
    guest_links.revoke_link(other, by=Actor())
    Person.objects.update(is_active=False)
    assert not guest_links.restore_link(other, by=Actor())


def test_a_maker_does_not_reopen_what_an_admin_closed(client: Client, person: Person) -> None:
    link = make_link(person, make_picture(make_generation(person)))
    admin = Client()
    admin.force_login(make_person("root", role="admin"))
    admin.post(reverse("link_close", args=[link.pk]))
    restore = reverse("link_restore", args=[link.pk])
    assert restore not in client.get("/links/").content.decode()
    client.post(restore)
    link.refresh_from_db()
    assert link.revoked_by
    admin.post(reverse("link_reopen", args=[link.pk]))
    assert GuestLink.objects.filter(revoked_at=None, revoked_by=None).exists()


def test_the_log_says_whose_link_somebody_else_changed(person: Person) -> None:
    link = make_link(person, make_picture(make_generation(person)))
    terms = guest_links.LinkTerms(
        title="", expires_at=None, password=None, downloads=True, prompts=False, comments=False
    )
    for by, whom in ((make_person("root", role="admin").pk, person.pk), (person.pk, 0)):
        guest_links.change_link(link, terms, by=Actor(by))
        act = Act.objects.filter(kind=ActKind.LINK_CHANGED).latest("pk")
        assert (act.who_id, act.whom_id) == (by, whom)


def test_a_picture_erased_while_its_link_is_made_is_told(
    client: Client, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, erased = own(person, 2)
    make = guest_links.make_link

    def make_later(*asked: Any, **more: Any) -> GuestLink:
        Picture.objects.filter(pk=erased).delete()
        return make(*asked, **more)

    monkeypatch.setattr(guest_links, "make_link", make_later)
    answer = client.post(NEW, {"ids": [kept, erased], "days": "7"})
    assert answer.status_code == 422
    assert "Some of these pictures were deleted meanwhile." in answer.content.decode()
    assert not GuestLink.objects.exists()


def test_a_picture_erased_while_its_number_is_given_gets_none(person: Person) -> None:
    link = make_link(person)
    kept, erased = Picture.objects.in_bulk(own(person, 2)).values()
    Picture.objects.filter(pk=erased.pk).delete()
    assert list(guest_links.give_numbers(link, [kept, erased])) == [kept.pk]
