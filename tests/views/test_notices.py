"""Notices that are not about a comment: told once, read, opened, mailed in the reader's words."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from omixa_studio.models import Notice, Person
from omixa_studio.presenters.mail import mail_of
from omixa_studio.services import mailing, notices
from tests.factories import make_comment, make_generation, make_person, make_picture
from tests.views.test_comments import waited

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]

ASKED: dict[str, object] = {
    "who": "Jon <b>",
    "amount_micros": 5_000_000,
    "until_at": "2026-11-27T18:00:00+00:00",
    "text": "For the <i>campaign",
}


def tell(*people: Person, key: str = "request-1") -> int:
    return notices.tell(people, "budget_asked", ASKED, path="/account/", key=key)


def test_each_person_is_told_once_per_key_and_nobody_who_left(person: Person) -> None:
    eva, gone = make_person("eva"), make_person("gone", is_active=False)
    assert tell(person, gone) == 1
    assert tell(person, eva, gone) == 1
    assert tell(person, eva) == 0
    assert tell(person, key="") == tell(person, key="") == 1
    unread = dict(Person.objects.values_list("username", "unread"))
    assert (unread[person.username], unread["eva"], unread["gone"]) == (3, 1, 0)
    notices.settle("request-1")
    unread = dict(Person.objects.values_list("username", "unread"))
    assert (unread[person.username], unread["eva"]) == (2, 0)


def test_a_notice_says_what_happened_and_leads_there(client: Client, person: Person) -> None:
    tell(person)
    Notice.objects.create(person=person, kind="of a newer version", path="/gallery/")
    make_comment(make_picture(make_generation(person)), make_person("eva"), "Lovely")
    html = client.get(reverse("notices")).content.decode()
    assert "Jon &lt;b&gt; asks for $5.00 until 27 November, 18:00." in html
    assert "For the &lt;i&gt;campaign" in html
    assert "There is something new." in html
    assert "Lovely" in html
    first = Notice.objects.order_by("pk")[0]
    assert client.post(reverse("notice_open", args=[first.pk]))["location"] == "/account/"
    first.refresh_from_db()
    assert first.read_at


def test_the_mail_is_in_the_readers_language_and_its_subject_on_one_line(person: Person) -> None:
    Person.objects.filter(pk=person.pk).update(language="ru", email="mira@example.org")
    send: Any = lambda to, told: mail_of(to, told).send()  # noqa: E731
    notices.tell([person], "budget_asked", {**ASKED, "who": "A\nBcc: b@example.org"}, path="/x/")
    waited()
    assert mailing.mail_notices(send) == 1
    Person.objects.update(mailed_at=None)
    make_comment(make_picture(make_generation(person)), make_person("eva"), "Lovely")
    tell(person)
    waited()
    assert mailing.mail_notices(send) == 1
    one, two = mail.outbox
    assert "\n" not in one.subject
    assert "$5.00" in one.subject
    assert "27 ноября, 18:00" in one.body
    assert "/x/" in one.body
    assert "2" in two.subject
    assert "Lovely" in two.body
    assert "просит" in two.body
