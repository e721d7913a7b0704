"""Comments by people, the notices they make, and the mail about them."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from omixa_studio.models import Act, ActKind, Comment, GuestLink, Notice, Person, Picture
from omixa_studio.presenters.mail import mail_of
from omixa_studio.queries.guests import token_of
from omixa_studio.services import comments, mailing
from tests.factories import make_comment, make_generation, make_link, make_person, make_picture
from tests.present import present

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]


@pytest.fixture
def picture() -> Picture:
    """A picture of Jon's, shared with the team."""
    jon = make_person("jon", email="jon@example.org")
    return make_picture(make_generation(jon, prompt="A pier"), shared=True)


def comments_at(picture: Picture) -> str:
    return reverse("picture_comments", args=[picture.pk])


def test_a_comment_is_kept_once_and_tells_the_maker(
    client: Client, person: Person, picture: Picture
) -> None:
    said = {"text": "Lovely \u202e light", "approval": "approved", "click": "c1"}
    for _twice in range(2):
        answer = client.post(comments_at(picture), said)
        assert answer["location"].endswith("/comments/#comments")
    comment = Comment.objects.get()
    picture.refresh_from_db()
    assert (comment.person, comment.approval, picture.approval) == (person, "approved", "approved")
    notice = Notice.objects.get()
    assert notice.person == picture.person
    assert Person.objects.get(pk=notice.person_id).unread == 1
    assert 'dir="auto">Lovely' in client.get(comments_at(picture)).content.decode()
    Person.objects.filter(pk=notice.person_id).update(is_active=False)
    client.post(comments_at(picture), {"approval": "needs_work"})
    assert Notice.objects.count() == 1, "a deactivated account is told nothing"
    picture.refresh_from_db()
    assert picture.approval == "needs_work"


@pytest.mark.parametrize("text", ["", "  \x00 ", "x" * 4001])
def test_an_unusable_comment_is_refused_and_not_lost(
    client: Client, person: Person, picture: Picture, text: str
) -> None:
    answer = client.post(comments_at(picture), {"text": text, "approval": "perfect"})
    assert answer.status_code == 422
    assert text.strip(" \x00") in answer.content.decode()
    assert not Comment.objects.exists()


def test_one_edits_and_deletes_own_comments_and_undoes_it(
    client: Client, person: Person, picture: Picture
) -> None:
    comment = make_comment(picture, person, "Oops", approval="approved")
    paths = [
        reverse(f"comment_{act}", args=[comment.pk]) for act in ("change", "delete", "restore")
    ]
    client.post(paths[0], {"text": "Better"})
    assert Comment.objects.get().text == "Better"
    assert (
        client.post(paths[0], {"text": "x" * 4001}, headers={"hx-request": "true"}).status_code
        == 422
    )
    client.post(paths[1])
    picture.refresh_from_db()
    assert (picture.approval, Comment.objects.get().deleted_at is None) == ("", False)
    client.post(paths[2])
    picture.refresh_from_db()
    assert (picture.approval, Comment.objects.get().deleted_at) == ("approved", None)
    # The maker of the picture may remove it, but not put words into anybody's mouth.
    assert picture.person
    client.force_login(picture.person)
    assert client.post(paths[0], {"text": "I agree"}).status_code == 404
    assert client.post(paths[1]).status_code == 303
    assert Act.objects.filter(kind=ActKind.COMMENT_REMOVED, whom_id=person.pk).exists()


def test_notices_are_read_one_by_one_or_all(client: Client, picture: Picture) -> None:
    jon, eva = picture.person, make_person("eva")
    assert jon
    for n in range(3):
        make_comment(picture, eva, f"Number {n}")
    client.force_login(jon)
    page = client.get(reverse("notices")).content.decode()
    assert page.count('class="notice-line new"') == 3
    assert ">3</span>" in page
    first = Notice.objects.earliest("pk")
    answer = client.post(reverse("notice_open", args=[first.pk]))
    assert answer["location"] == f"{comments_at(picture)}#comment-{first.comment_id}"
    assert Person.objects.get(pk=jon.pk).unread == 2
    newest = Notice.objects.latest("pk").pk
    make_comment(picture, eva, "After the page was shown")
    client.post(reverse("notices_read"), {"newest": newest})
    assert Person.objects.get(pk=jon.pk).unread == 1
    lines = client.get(reverse("lines"), {"seen": ".-.n0"}, headers={"hx-request": "true"})
    assert 'id="unread"' in lines.content.decode()


def test_a_deleted_comment_is_no_news(client: Client, picture: Picture) -> None:
    jon, eva = picture.person, make_person("eva")
    assert jon
    comment = make_comment(picture, eva)
    client.force_login(eva)
    client.post(reverse("comment_delete", args=[comment.pk]))
    assert Person.objects.get(pk=jon.pk).unread == 0
    client.post(reverse("comment_restore", args=[comment.pk]))
    assert Person.objects.get(pk=jon.pk).unread == 1
    # Whatever became of the pictures, the number can be cleared.
    picture.delete()
    client.force_login(jon)
    client.post(reverse("notices_read"), {"newest": "0"})
    assert Person.objects.get(pk=jon.pk).unread == 0


def test_a_guests_comment_tells_the_maker_of_picture_and_link(
    client: Client, picture: Picture
) -> None:
    eva = make_person("eva")
    link = make_link(eva, picture)
    path = reverse("guest_comments", args=[token_of(link), 1])
    Client().post(path, {"name": "Client", "text": "Bigger logo"})
    assert set(Notice.objects.values_list("person", flat=True)) == {eva.pk, picture.person_id}


def waited() -> None:
    Notice.objects.update(created_at=timezone.now() - timedelta(minutes=3))


def test_many_comments_are_one_mail_in_the_readers_language(picture: Picture) -> None:
    jon, eva = picture.person, make_person("eva", first_name="Eva", last_name="Berg")
    assert jon
    Person.objects.filter(pk=jon.pk).update(language="ru")
    for n in range(50):
        make_comment(picture, eva, f"Number {n}\r\nBcc: all@example.org")
    send: Any = lambda person, notices: mail_of(person, notices).send()  # noqa: E731
    assert mailing.mail_notices(send) == 0  # too early
    waited()
    assert [mailing.mail_notices(send) for _n in range(3)] == [1, 0, 0]
    (sent,) = mail.outbox
    assert isinstance(sent, EmailMessage)
    assert sent.to == ["jon@example.org"]
    assert "50" in sent.subject
    assert "Number 49" in sent.body
    assert "Eva Berg" in sent.body
    assert "Отключить" in sent.body
    assert "A pier" not in sent.body
    # Half an hour later there is the next one.
    make_comment(picture, eva, "Later")
    waited()
    assert mailing.mail_notices(send) == 0
    Person.objects.update(mailed_at=timezone.now() - timedelta(minutes=31))
    assert mailing.mail_notices(send) == 1


def test_mail_that_fails_breaks_nothing_and_comes_later(picture: Picture) -> None:
    make_comment(picture, make_person("eva"))
    waited()

    def fail(person: Person, notices: object) -> None:
        raise OSError("no such host")

    assert mailing.mail_notices(fail) == 0
    assert Notice.objects.get().mailed_at is None
    Person.objects.update(mailed_at=timezone.now() - timedelta(minutes=31))
    assert mailing.mail_notices(lambda person, notices: None) == 1


@pytest.mark.parametrize(
    "why", ["read", "switched off", "no address", "deactivated", "own", "deleted"]
)
def test_nobody_gets_mail_for_nothing(client: Client, picture: Picture, why: str) -> None:
    jon = picture.person
    assert jon
    comment = make_comment(picture, jon if why == "own" else make_person("eva"))
    waited()
    client.force_login(jon)
    if why == "read":
        client.post(reverse("notices_read"), {"newest": Notice.objects.get().pk})
    if why == "switched off":
        client.post(reverse("choose_mail"))
    if why == "no address":
        Person.objects.update(email="")
    if why == "deactivated":
        Person.objects.filter(pk=jon.pk).update(is_active=False)
    if why == "deleted":
        Comment.objects.filter(pk=comment.pk).update(deleted_at=timezone.now())
    assert mailing.mail_notices(lambda person, notices: None) == 0


def test_an_author_does_not_put_back_what_somebody_else_removed(
    client: Client, person: Person, picture: Picture
) -> None:
    comment = make_comment(picture, person, "Spam")
    restore = reverse("comment_restore", args=[comment.pk])
    remover = Client()
    remover.force_login(present(picture.person))
    remover.post(reverse("comment_delete", args=[comment.pk]))
    assert "so it stays away" in client.post(restore, follow=True).content.decode()
    comment.refresh_from_db()
    assert comment.deleted_at
    remover.post(restore)
    comment.refresh_from_db()
    assert comment.deleted_at is None


def test_a_comment_for_guests_of_a_closed_link_is_not_kept_without_them(
    client: Client, person: Person
) -> None:
    mine = make_picture(make_generation(person))
    link = make_link(person, mine, comments=True)
    GuestLink.objects.update(revoked_at=timezone.now())
    answer = client.post(comments_at(mine), {"text": "For the client", "link": link.pk})
    assert answer.status_code == 422
    assert "their link was closed" in answer.content.decode()
    assert "For the client" in answer.content.decode()
    assert not Comment.objects.exists()


def test_no_name_turns_the_words_of_a_mail_around(picture: Picture) -> None:
    guest = {"guest": "x", "guest_name": "gro.live\u202e moc", "text": "a\u2066b"}
    Comment.objects.create(picture=picture, click="c", **guest)
    notice = Notice(person=present(picture.person), comment=Comment.objects.get())
    assert not {"\u202e", "\u2066"} & {*mail_of(present(picture.person), [notice]).body}


@pytest.mark.django_db(transaction=True)
def test_a_comment_on_what_was_just_erased_is_kept_for_another_try(
    person: Person, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(person)
    add = comments.add_comment

    def add_later(*asked: Any, **more: Any) -> Comment:
        Picture.objects.filter(pk=picture.pk).delete()
        return add(*asked, **more)

    monkeypatch.setattr(comments, "add_comment", add_later)
    answer = client.post(comments_at(picture), {"text": "Lovely light", "click": "c1"})
    assert answer.status_code == 503
    page = answer.content.decode()
    assert "Something that this is about was deleted meanwhile." in page
    assert "Lovely light" in page
