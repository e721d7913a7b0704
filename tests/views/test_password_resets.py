"""Who forgot their password gets a link by mail; strangers learn nothing of who has an account."""

import re
from datetime import timedelta
from smtplib import SMTPException

import pytest
from django.conf import LazySettings
from django.core import mail
from django.test import Client
from django.utils import timezone

from omixa_studio.env import Mail
from omixa_studio.models import Act, PasswordReset, Person
from omixa_studio.presenters.mail import reset_mail
from omixa_studio.services.password_resets import mail_resets
from omixa_studio.services.tokens import make_token
from tests.factories import PASSWORD, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]
FRESH = "quite another sentence"
CHOSEN = {"password": FRESH, "again": FRESH}


@pytest.fixture(autouse=True)
def _mail_is_set_up(settings: LazySettings) -> None:
    settings.MAIL = Mail(host="mail.example")


@pytest.fixture
def mara() -> Person:
    return make_person("mara", email="mara@example.org")


def mailed() -> str:
    """The path in the mail that the worker sends now."""
    assert mail_resets(lambda person, secret: reset_mail(person, secret).send()) == 1
    [link] = re.findall(r"http://\S+(/forgotten/[\w-]{43}/)", str(mail.outbox[-1].body))
    return str(link)


def test_a_link_comes_by_mail_and_works_once(client: Client, mara: Person) -> None:
    logged_in = Client()
    logged_in.force_login(mara)
    assert client.post("/forgotten/", {"login": "MARA@example.org"}).status_code == 200
    assert mail.outbox == []
    path = mailed()
    assert mail.outbox[0].to == ["mara@example.org"]
    assert path.split("/")[2] not in str([*PasswordReset.objects.values(), *Act.objects.values()])
    assert client.get(path).status_code == 200
    weak = client.post(path, {"password": "short", "again": "short"})
    assert weak.status_code == 422
    answer = client.post(path, CHOSEN)
    assert (answer.status_code, answer["location"]) == (302, "/login/")
    mara.refresh_from_db()
    assert mara.check_password(FRESH)
    assert logged_in.get("/account/").status_code == 302
    assert client.post(path, {"password": PASSWORD, "again": PASSWORD}).status_code == 404
    kinds = Act.objects.order_by("pk").values_list("kind", "who_name", "whom_name")
    assert list(kinds)[-2:] == [("password_asked", "", "mara"), ("password", "mara", "")]
    assert mail_resets(lambda person, secret: pytest.fail("mailed twice")) == 0


@pytest.mark.parametrize(("ticked", "alive"), [({}, True), ({"ends_tokens": "yes"}, False)])
def test_it_ends_access_tokens_if_one_leaves_the_tick(
    client: Client, mara: Person, ticked: dict[str, str], alive: bool
) -> None:
    client.post("/forgotten/", {"login": "mara"})
    path = mailed()
    assert "Revoke my access tokens, too" not in client.get(path).content.decode()
    token, _text = make_token(mara, "Script", ["make"], None)
    assert "Revoke my access tokens, too" in client.get(path).content.decode()
    client.post(path, {**CHOSEN, **ticked})
    token.refresh_from_db()
    assert (token.revoked_at is None) == alive


def test_strangers_learn_nothing(client: Client, mara: Person) -> None:
    make_person("ada")
    make_person("gone", email="gone@example.org", is_active=False)
    answers = [
        client.post("/forgotten/", {"login": login})
        for login in ("mara", "nobody@example.org", "ada", "gone")
    ]
    assert {answer.status_code for answer in answers} == {200}
    pages = {re.sub(r'value="\w{64}"', "", answer.content.decode()) for answer in answers}
    assert len(pages) == 1
    assert PasswordReset.objects.count() == 4
    mailed()
    assert len(mail.outbox) == 1


def test_one_account_gets_three_links_an_hour(client: Client, mara: Person) -> None:
    for spelling in ("mara", "Mara", "mara@example.org", "ｍara", "MARA"):
        assert client.post("/forgotten/", {"login": spelling}).status_code == 200
    assert PasswordReset.objects.count() == 3


def test_a_network_of_addresses_counts_as_one_visitor(client: Client, mara: Person) -> None:
    for n in range(20):
        client.post("/forgotten/", {"login": f"nobody{n}"}, REMOTE_ADDR=f"2001:db8::{n}")
    more = client.post("/forgotten/", {"login": "nobody"}, REMOTE_ADDR="2001:db8::99")
    assert more.status_code == 429


@pytest.mark.parametrize("why", ["ended", "deactivated", "changed"])
def test_a_link_ends(client: Client, mara: Person, why: str) -> None:
    client.post("/forgotten/", {"login": "mara"})
    path = mailed()
    if why == "ended":
        PasswordReset.objects.update(mailed_at=timezone.now() - timedelta(hours=1))
    elif why == "deactivated":
        Person.objects.update(is_active=False)
    else:
        own = Client()
        own.force_login(mara)
        own.post("/account/password/", {"now": PASSWORD, **CHOSEN})
    assert client.get(path).status_code == 404
    assert client.post(path, CHOSEN).status_code == 404


def test_a_mail_that_failed_is_sent_again_with_another_link(client: Client, mara: Person) -> None:
    secrets = []

    def fail(_person: Person, secret: str) -> None:
        secrets.append(secret)
        raise SMTPException

    client.post("/forgotten/", {"login": "mara"})
    assert mail_resets(fail) == 0
    path = mailed()
    assert client.get(f"/forgotten/{secrets[0]}/").status_code == 404
    assert client.get(path).status_code == 200


def test_without_mail_it_says_who_can_help(
    client: Client, mara: Person, settings: LazySettings
) -> None:
    settings.MAIL = Mail()
    page = client.get("/forgotten/").content.decode()
    assert "Ask an admin of this studio" in page
    assert "<form" not in page.partition('class="door"')[2]
