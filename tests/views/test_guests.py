"""What strangers get at a guest link, and what they never get."""

import io
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image, PngImagePlugin
from pytest_django import DjangoAssertNumQueries, Settings

from omixa_studio import storage
from omixa_studio.models import (
    Act,
    ActKind,
    Collection,
    Comment,
    GuestLink,
    LinkPicture,
    LinkVisits,
    Person,
    Picture,
)
from omixa_studio.queries.guests import token_of
from omixa_studio.services import guest_links, people
from omixa_studio.services.audit import Actor
from tests.factories import (
    draw_png,
    make_blind_test,
    make_collection,
    make_generation,
    make_link,
    make_person,
    make_picture,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]

SECRET = "a secret harbour under the orange moon of Jupiter"
FILES = ("guest_file", "guest_thumb", "guest_preview")


@pytest.fixture
def maker() -> Person:
    return make_person("mara", first_name="Mara", last_name="Lind", email="mara@example.org")


@pytest.fixture
def guest() -> Client:
    return Client()


def shown(maker: Person, **fields: Any) -> Picture:
    return make_picture(make_generation(maker, prompt=SECRET), **fields)


def page(link: GuestLink, *more: object, name: str = "guest") -> str:
    return reverse(name, args=[token_of(link), *more])


def text_of(guest: Client, path: str) -> str:
    return guest.get(path).content.decode()


def test_it_shows_the_pictures_and_tells_nothing_else(guest: Client, maker: Person) -> None:
    link = make_link(maker, shown(maker), shown(maker), title="Spring")
    answer = guest.get(page(link))
    assert answer.status_code == 200
    assert answer["X-Robots-Tag"].startswith("noindex")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["Cache-Control"] == "private, no-store"
    said = answer.content.decode() + text_of(guest, page(link, 1, name="guest_picture"))
    assert "Spring" in said
    assert "Mara Lind" in said
    for word in (SECRET, "mara@", "$", "imagen", "/pictures/", "/gallery", "/login"):
        assert word not in said, word
    assert said.count(page(link, 2, name="guest_thumb")) == 1
    assert set(guest.cookies) <= {name for name in guest.cookies if "session" not in name}


def test_it_never_tells_a_username_or_the_bytes_of_the_original(guest: Client) -> None:
    nameless, picture = make_person("login-name"), None
    picture = shown(nameless)
    link = make_link(nameless, picture)
    assert "login-name" not in text_of(guest, page(link))
    for name in FILES:
        answer = guest.get(page(link, 1, name=name))
        assert picture.sha256 not in answer["ETag"]
        assert answer["Cache-Control"] == "private, no-cache"
        assert answer["X-Robots-Tag"].startswith("noindex")
        assert "harbour" not in answer.get("Content-Disposition", "")
        again = guest.get(page(link, 1, name=name), HTTP_IF_NONE_MATCH=answer["ETag"])
        assert again.status_code == 304


def hide(link: GuestLink, maker: Person) -> None:
    Picture.objects.update(trashed_at=timezone.now())


def hand_back(link: GuestLink, maker: Person) -> None:
    Picture.objects.update(person=make_person(), shared=False)


def expire(link: GuestLink, maker: Person) -> None:
    GuestLink.objects.update(expires_at=timezone.now())


def revoke(link: GuestLink, maker: Person) -> None:
    guest_links.revoke_link(link, by=Actor())


def switch_off(link: GuestLink, maker: Person) -> None:
    make_person(role="admin")
    people.deactivate(maker, by=Actor())
    people.reactivate(maker, by=Actor())


def judge(link: GuestLink, maker: Person) -> None:
    test = make_blind_test(maker, prompts=1)
    made = test.contestants.get(position=0).samples.get().generation
    Picture.objects.filter(guest_numbers__link=link).update(generation=made, index=7)


@pytest.mark.parametrize("ends", [hide, hand_back, expire, revoke, switch_off, judge])
def test_what_is_taken_away_is_gone_at_once(guest: Client, maker: Person, ends: Any) -> None:
    link = make_link(maker, shown(maker))
    guest.get(page(link))
    paths = [page(link, 1, name=name) for name in (*FILES, "guest_picture")]
    assert {guest.get(path).status_code for path in paths} == {200}
    ends(link, maker)
    assert {guest.get(path).status_code for path in paths} == {404}
    said = {"name": "Jo", "text": "Hm", "click": "a"}
    assert guest.post(page(link, 1, name="guest_comments"), said).status_code == 404
    answer = guest.get(page(link))
    assert answer.status_code == (404 if ends in (expire, revoke, switch_off) else 200)
    assert "/thumb" not in answer.content.decode()


def test_a_token_opens_its_own_link_alone(guest: Client, maker: Person) -> None:
    one, other = make_link(maker, shown(maker)), make_link(maker, shown(maker))
    token = token_of(one)
    assert len(token) == 32
    assert token not in str(GuestLink.objects.values_list().get(pk=one.pk))
    for odd in (token[:-1], token.lower(), f"{token}=", "x" * 5000, "%00", "ё"):
        assert guest.get(f"/g/{odd}/").status_code == 404
    for n in (0, 2, 2**31, 2**63, 10**30):
        assert guest.get(f"/g/{token}/{n}/file").status_code == 404
    assert guest.get(f"/g/{token}/?before=9&after={2**63}").status_code == 200
    for path in (f"/pictures/{Picture.objects.get(guest_numbers__link=other).pk}/file", "/links/"):
        assert guest.get(path).status_code == 302
    made = guest.get(page(one, 1, name="guest_file"), HTTP_RANGE="bytes=0-9")
    whole = made.getvalue()
    assert made.status_code == 200
    assert len(whole) > 10
    assert guest.head(page(one, 1, name="guest_file")).status_code == 200


def test_another_secret_key_shows_no_address_and_keeps_links(
    guest: Client, maker: Person, settings: Settings
) -> None:
    link = make_link(maker, shown(maker))
    path = page(link)
    settings.SECRET_KEY = "another"
    assert token_of(link) == ""
    assert guest.get(path).status_code == 200


def test_a_password_leads_to_the_picture_that_was_asked_for(guest: Client, maker: Person) -> None:
    link = make_link(maker, shown(maker), password="open sesame")
    asked, enter = f"{page(link)}1/", page(link, name="guest_enter")
    assert '<input type="hidden" name="picture" value="1">' in guest.get(asked).content.decode()
    wrong = guest.post(enter, {"password": "x", "picture": "1"})
    assert 'name="picture" value="1"' in wrong.content.decode()
    assert guest.post(enter, {"password": "open sesame", "picture": "1"})["location"] == asked
    other = guest.post(enter, {"password": "open sesame", "picture": "//example.org"})
    assert other["location"] == page(link)


@pytest.mark.parametrize("kept", ["open sesame", " open sesame "])
def test_spaces_around_a_pasted_password_do_no_harm(
    guest: Client, maker: Person, kept: str
) -> None:
    enter = page(make_link(maker, shown(maker), password=kept), name="guest_enter")
    assert guest.post(enter, {"password": " opensesame "}).status_code == 422
    assert (
        guest.post(enter, {"password": f"{kept} " if kept[0] != " " else kept}).status_code == 303
    )


def test_a_password_is_asked_for_and_guesses_are_few(guest: Client, maker: Person) -> None:
    link = make_link(maker, shown(maker), password="open sesame", title="Hidden")
    assert "open sesame" not in link.password
    answer = guest.get(page(link))
    assert (answer.status_code, "Hidden" in answer.content.decode()) == (200, False)
    assert {guest.get(page(link, 1, name=name)).status_code for name in FILES} == {403}
    enter, at = page(link, name="guest_enter"), "10.1.1.1"
    for _guess in range(5):
        assert guest.post(enter, {"password": "x"}, REMOTE_ADDR=at).status_code == 422
    assert guest.post(enter, {"password": "open sesame"}, REMOTE_ADDR=at).status_code == 429
    assert Act.objects.filter(kind=ActKind.LINK_PASSWORD_FAILED).count() == 5
    # Others are not locked out by it.
    right = guest.post(enter, {"password": "open sesame"}, REMOTE_ADDR="10.1.1.2")
    assert right["location"] == page(link)
    assert {guest.get(page(link, 1, name=name)).status_code for name in FILES} == {200}
    link.refresh_from_db()
    terms = guest_links.LinkTerms(
        title="", expires_at=None, password="new", downloads=True, prompts=False, comments=False
    )
    guest_links.change_link(link, terms, by=Actor())
    assert guest.get(page(link, 1, name="guest_file")).status_code == 403


def test_guesses_from_many_addresses_are_few_too(guest: Client, maker: Person) -> None:
    enter = page(make_link(maker, shown(maker), password="x" * 20), name="guest_enter")
    said = [
        guest.post(enter, {"password": "y"}, REMOTE_ADDR=f"10.2.{n}.1").status_code
        for n in range(62)
    ]
    assert (said[59], said[60]) == (422, 429)


def with_texts(kind: str) -> bytes:
    """A picture with the prompt in it, as providers write it."""
    out, image = io.BytesIO(), Image.new("RGB", (80, 60), (10, 120, 200))
    exif = Image.Exif()
    exif[0x010E] = SECRET
    if kind == "png":
        texts = PngImagePlugin.PngInfo()
        texts.add_text("parameters", SECRET, zip=True)
        texts.add_itxt("prompt", SECRET)
        image.save(out, "PNG", pnginfo=texts, exif=exif)
    elif kind == "jpeg":
        image.save(out, "JPEG", comment=SECRET, exif=exif)
    else:
        image.save(out, kind.upper(), exif=exif, xmp=f"<x>{SECRET}</x>".encode())
    return out.getvalue()


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "avif"])
def test_a_download_does_not_carry_a_hidden_prompt(guest: Client, maker: Person, kind: str) -> None:
    data, picture = with_texts(kind), shown(maker, format=kind)
    storage.put(picture.name, data)
    link = make_link(maker, picture)
    got = guest.get(page(link, 1, name="guest_file")).content
    assert got != data
    plain = Image.open(io.BytesIO(got))
    plain.load()
    assert not {"parameters", "prompt", "exif", "xmp", "comment"} & set(plain.info)
    if kind == "webp":
        assert not got[20] & 0b1100, "its header says that it has neither Exif nor XMP"
    if kind != "avif":
        assert list(plain.get_flattened_data()) == list(
            Image.open(io.BytesIO(data)).get_flattened_data()
        )
    GuestLink.objects.update(prompts=True)
    shown_prompt = guest.get(page(link, 1, name="guest_file"))
    assert shown_prompt.getvalue() == data
    GuestLink.objects.update(downloads=False)
    assert guest.get(page(link, 1, name="guest_file")).status_code == 404
    preview = guest.get(page(link, 1, name="guest_preview"))
    assert SECRET.encode() not in preview.content


def test_an_original_without_texts_comes_byte_for_byte(guest: Client, maker: Person) -> None:
    signed = draw_png()
    signature = b"\0\0\0\x09caBXsignature" + b"\0\0\0\0"
    picture = shown(maker)
    for data in (signed, signed[:-12] + signature + signed[-12:]):
        storage.put(picture.name, data)
        link = make_link(maker, picture, title="Été 2026 / <b>")
        answer = guest.get(page(link, 1, name="guest_file"))
        assert answer.content == data
        assert "filename*=utf-8''%C3%A9t%C3%A9-2026-b-1.png" in answer["Content-Disposition"]


def test_it_counts_a_browser_once_a_day_and_never_its_maker(
    client: Client, guest: Client, maker: Person
) -> None:
    link = make_link(maker, shown(maker))
    client.force_login(maker)
    for visitor in (client, guest, guest, Client()):
        visitor.get(page(link))
    guest.head(page(link))
    assert LinkVisits.objects.get(link=link).count == 2
    assert Act.objects.filter(kind=ActKind.LINK_OPENED).count() == 1


def test_visits_of_who_keeps_no_cookie_are_not_counted_for_ever(maker: Person) -> None:
    link = make_link(maker, shown(maker))
    for _visit in range(35):
        assert Client().get(page(link)).status_code == 200
    assert LinkVisits.objects.get().count == 30


def test_a_guests_name_turns_no_sentence_around(guest: Client, maker: Person) -> None:
    link = make_link(maker, shown(maker), comments=True)
    said = {"text": "Good", "name": "Ann\u202e\u2066 Lee"}
    guest.post(page(link, 1, name="guest_comments"), said)
    assert Comment.objects.get().guest_name == "Ann Lee"


def test_a_large_collection_costs_as_much_as_a_small_one(
    guest: Client, maker: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    collection = Collection.objects.create(owner=maker, name="All of it")
    rows = [shown(maker) for _n in range(3)]
    copies = [
        Picture(generation=rows[0].generation, index=n + 1, person=maker, model="m", sha256="")
        for n in range(2000)
    ]
    for copy in copies:
        for name in ("name", "thumb", "format", "width", "height", "bytes", "aspect"):
            setattr(copy, name, getattr(rows[0], name))
    made = [*rows, *Picture.objects.bulk_create(copies)]
    collection.items.bulk_create(
        collection.items.model(
            collection=collection, picture=p, position=n, created_at=timezone.now()
        )
        for n, p in enumerate(made)
    )
    link = make_link(maker, collection=collection, comments=True)
    # The first visit of all locks the pictures and numbers them, is counted twice (the brake on
    # visits is one entry of the cache), and is logged.
    with django_assert_max_num_queries(25):
        said = text_of(guest, page(link))
    assert said.count("/thumb") == 50
    with django_assert_max_num_queries(6):
        text_of(guest, page(link))
    more = re.search(r"\?after=\d+", said)
    assert more
    with django_assert_max_num_queries(14):
        assert text_of(guest, page(link) + more[0]).count("/thumb") == 50
    assert text_of(guest, f"{page(link)}?before=51").count("/thumb") == 50
    with django_assert_max_num_queries(12):
        assert guest.get(page(link, 60, name="guest_picture")).status_code == 200
    # A number stays with its picture, whatever is added before it.
    first = LinkPicture.objects.get(link=link, number=1).picture_id
    collection.items.filter(picture=made[1]).update(position=-1)
    assert text_of(guest, page(link)).index("/2/thumb") < said.index("/2/thumb")
    assert LinkPicture.objects.get(link=link, number=1).picture_id == first


def test_a_collection_by_time_begins_with_the_newest(guest: Client, maker: Person) -> None:
    pictures = [shown(maker) for _n in range(52)]
    collection = make_collection(maker, *pictures)
    Collection.objects.update(order="time")
    link = make_link(maker, collection=collection)
    assert text_of(guest, page(link)).count("/thumb") == 50
    newest = LinkPicture.objects.get(link=link, number=1)
    assert newest.picture_id == pictures[-1].pk
    assert text_of(guest, f"{page(link)}?after=50").count("/thumb") == 2
    last = text_of(guest, page(link, 52, name="guest_picture"))
    assert 'rel="prev"' in last
    assert 'rel="next"' not in last
    # Where the picture of a number is gone, the link begins anew.
    collection.items.filter(picture=pictures[2]).delete()
    assert text_of(guest, f"{page(link)}?after=50").count("/thumb") == 50


def test_links_of_a_deactivated_account_are_closed(guest: Client, maker: Person) -> None:
    link = make_link(maker)
    Person.objects.update(is_active=False)
    assert guest.get(page(link)).status_code == 404


@pytest.mark.parametrize("change", [{"access": "private"}, {"deleted_at": timezone.now()}])
def test_a_collection_that_was_closed_shows_nothing(
    guest: Client, maker: Person, change: dict[str, Any]
) -> None:
    collection = Collection.objects.create(owner=make_person(), name="Ours", access="team_read")
    link = make_link(maker, collection=collection)
    assert guest.get(page(link)).status_code == 200
    Collection.objects.update(**change)
    assert guest.get(page(link)).status_code == 404


def test_a_live_collection_shows_what_it_finds_now(guest: Client, maker: Person) -> None:
    collection = Collection.objects.create(owner=maker, name="Stars", query="star=1")
    link, picture = make_link(maker, collection=collection), shown(maker)
    assert "/thumb" not in text_of(guest, page(link))
    Picture.objects.filter(pk=picture.pk).update(winner=True)
    assert text_of(guest, page(link)).count("/1/thumb") == 1


def test_a_guest_comments_changes_and_deletes_alone(guest: Client, maker: Person) -> None:
    link = make_link(maker, shown(maker))
    add = page(link, 1, name="guest_comments")
    said = {
        "name": " \u202eJo <b>\x00 ",
        "text": "<script>x</script>\u202e",
        "approval": "needs_work",
        "click": "once",
    }
    for _twice in range(2):
        answer = guest.post(add, said)
        assert answer.status_code == 303
    comment = Comment.objects.get()
    assert (comment.person, comment.link, comment.guest_name) == (None, link, "Jo <b>")
    assert Picture.objects.get().approval == "needs_work"
    shown_page = text_of(guest, page(link, 1, name="guest_picture"))
    assert "<script>x" not in shown_page
    assert "&lt;script&gt;x" in shown_page
    change = page(link, comment.pk, name="guest_comment_change")
    delete = page(link, comment.pk, name="guest_comment_delete")
    assert Client().post(change, {"text": "mine now"}).status_code == 404
    assert Client().post(delete).status_code == 404
    assert guest.post(change, {"name": "Jo", "text": "Warmer, please"}).status_code == 303
    comment.refresh_from_db()
    assert comment.text == "Warmer, please"
    assert guest.post(delete).status_code == 303
    assert Picture.objects.get().approval == ""


def test_a_link_without_comments_ends_what_guests_may_change(guest: Client, maker: Person) -> None:
    link = make_link(maker, shown(maker))
    guest.post(page(link, 1, name="guest_comments"), {"name": "Jo", "text": "Warmer, please"})
    comment = Comment.objects.get()
    change = page(link, comment.pk, name="guest_comment_change")
    statuses = [guest.post(change, {"name": "Jo", "text": f"{n}"}).status_code for n in range(40)]
    assert {*statuses} == {303, 429}, "changes are limited like comments"
    GuestLink.objects.update(comments=False)
    for name in ("guest_comment_change", "guest_comment_delete"):
        answer = guest.post(page(link, comment.pk, name=name), {"name": "Jo", "text": "Mine"})
        assert answer.status_code == 404
    assert Comment.objects.get().deleted_at is None


def test_a_refused_comment_keeps_what_was_typed(guest: Client, maker: Person) -> None:
    link = make_link(maker, shown(maker))
    add = page(link, 1, name="guest_comments")
    answer = guest.post(add, {"name": "Jo", "text": "y" * 4001, "click": "a"})
    assert answer.status_code == 422
    assert "y" * 4001 in answer.content.decode()
    assert guest.post(add, {"text": "Who am I?"}).status_code == 422
    assert guest.post(add, {"name": "Jo", "text": "z" * 10_000_000}).status_code == 413
    codes = [guest.post(add, {"name": "Jo", "text": f"{n}"}).status_code for n in range(21)]
    assert codes[-2:] == [303, 429]
    GuestLink.objects.update(comments=False)
    assert guest.post(add, {"name": "Jo", "text": "a"}).status_code == 404


def test_guests_never_read_what_the_team_says(client: Client, guest: Client, maker: Person) -> None:
    picture = shown(maker)
    link, other = make_link(maker, picture), make_link(maker, picture)
    client.force_login(maker)
    path = reverse("picture_comments", args=[picture.pk])
    client.post(path, {"text": "only inside", "approval": "approved"})
    client.post(path, {"text": "for one link", "link": link.pk})
    mute = make_link(maker, picture, comments=False)
    client.post(path, {"text": "at none", "link": mute.pk})
    assert not Comment.objects.filter(text="at none").exists()
    assert (
        guest.post(
            page(other, 1, name="guest_comments"), {"name": "Jo", "text": "at the other"}
        ).status_code
        == 303
    )
    said = text_of(guest, page(link, 1, name="guest_picture"))
    assert "for one link" in said
    assert "Mara Lind" in said
    for word in ("only inside", "at the other", "Approved", "mara"):
        assert word not in said, word
    assert "Approved" not in text_of(guest, page(link))
    inside = text_of(client, path)
    assert inside.count('class="comment"') == 3
