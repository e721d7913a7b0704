"""The page of access tokens: made with the password, shown once, limited, revoked."""

import re
import time

import pytest
from django.test import Client

from omixa_studio.models import Act, Limit, Notice, Person, Token
from omixa_studio.services.tokens import make_token
from omixa_studio.visitors import PROOF_LASTS, PROVED_AT
from tests.factories import PASSWORD, make_person, make_project

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]
FORM = {"name": "Photo script", "scopes": ["make", "read"], "days": "90", "period": "month"}


@pytest.fixture
def person(client: Client) -> Person:
    person = make_person("mara")
    client.force_login(person)
    return person


def prove(client: Client, seconds_ago: float = 0) -> None:
    session = client.session
    session[PROVED_AT] = time.time() - seconds_ago
    session.save()


def test_a_token_is_made_and_shown_once(client: Client, person: Person) -> None:
    project = make_project(person)
    answer = client.post("/account/tokens/new/", FORM | {"amount": "5", "project": project.pk})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    [text] = set(re.findall(r"omixa_[\w-]{43}", answer.content.decode()))
    token = Token.objects.get()
    assert (token.scopes, token.last_four, token.project) == (["make", "read"], text[-4:], project)
    assert Limit.objects.get().amount_micros == 5_000_000
    listed = client.get("/account/tokens/").content.decode()
    assert text not in listed
    assert "Photo script" in listed
    assert "$5.00 left of $5.00 a month" in listed
    headers = {"Authorization": f"Bearer {text}"}
    told = client.get("/api/v1/me", headers=headers).json()
    assert told["token"]["name"] == "Photo script"
    assert [(one["scope"], one["left"]) for one in told["limits"]] == [("token", "5.000000")]
    kinds = Act.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["token_made", "limit"]
    assert Notice.objects.get(person=person).kind == "token_made"
    assert "An access token of your account was made" in client.get("/notices/").content.decode()
    assert text not in str(list(Act.objects.values())) + str(list(Notice.objects.values()))


def test_a_reload_of_the_page_that_shows_it_makes_no_second(client: Client, person: Person) -> None:
    once = FORM | {"click": client.get("/account/tokens/").context["click"]}
    assert client.post("/account/tokens/new/", once).status_code == 200
    again = client.post("/account/tokens/new/", once, follow=True)
    assert again.redirect_chain == [("/account/tokens/", 302)]
    assert "This form has been sent already." in again.content.decode()
    assert Token.objects.count() == 1


def test_it_asks_for_the_password_and_forgets_nothing(client: Client, person: Person) -> None:
    prove(client, PROOF_LASTS + 1)
    asked = client.post("/account/tokens/new/", FORM)
    assert asked.status_code == 422
    assert not Token.objects.exists()
    sent: dict[str, list[str]] = {}
    for name, value in asked.context["sent"]:
        sent.setdefault(name, []).append(value)
    answer = client.post("/account/tokens/new/", sent | {"own_password": PASSWORD})
    assert answer.status_code == 200
    assert Token.objects.get().scopes == ["make", "read"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"scopes": ["admin"]}, "A token may not do more than you."),
        ({"scopes": []}, "Choose at least one permission."),
        ({"scopes": ["everything"]}, "is not one of the available choices"),
        ({"name": ""}, "This field is required"),
        ({"amount": "lots"}, "Write dollars and cents"),
        ({"project": "999"}, "is not one of the available choices"),
    ],
)
def test_it_says_what_is_wrong(
    client: Client, person: Person, wrong: dict[str, object], sentence: str
) -> None:
    answer = client.post("/account/tokens/new/", FORM | wrong)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Token.objects.exists()


def test_an_end_may_be_left_out_only_by_choice(client: Client, person: Person) -> None:
    client.post("/account/tokens/new/", FORM)
    client.post("/account/tokens/new/", FORM | {"days": "never"})
    assert [token.expires_at is None for token in Token.objects.order_by("pk")] == [False, True]


def test_its_limit_is_changed_and_removed(client: Client, person: Person) -> None:
    token, _text = make_token(person, "Script", ["make"], None, limit=(5_000_000, "month"))
    path = f"/account/tokens/{token.pk}/limit/"
    for sent, kept in (
        ({"amount": "7", "period": "month"}, [("month", 7_000_000)]),
        ({"amount": "2", "period": "day"}, [("day", 2_000_000)]),
        ({"amount": "", "period": "day"}, []),
    ):
        assert client.post(path, sent).status_code == 303
        assert list(Limit.objects.values_list("period", "amount_micros")) == kept


@pytest.mark.parametrize(
    ("sent", "asks"),
    [
        ({"amount": "4", "ask_above": "1"}, False),
        ({"amount": "5", "ask_above": "0.5"}, False),
        ({"amount": "5.01", "ask_above": "1"}, True),
        ({"amount": "", "ask_above": "1"}, True),
        ({"amount": "4", "period": "day", "ask_above": "1"}, True),
        ({"amount": "5", "ask_above": "1.01"}, True),
        ({"amount": "5", "ask_above": ""}, True),
    ],
)
def test_giving_it_more_takes_the_password(
    client: Client, person: Person, sent: dict[str, str], asks: bool
) -> None:
    token, _text = make_token(
        person, "Script", ["make"], None, limit=(5_000_000, "month"), ask_above_micros=1_000_000
    )
    path, form = f"/account/tokens/{token.pk}/limit/", {"period": "month", **sent}
    prove(client, PROOF_LASTS + 1)
    first = client.post(path, form)
    assert first.status_code == (422 if asks else 303)
    if asks:
        token.refresh_from_db()
        assert (Limit.objects.get().amount_micros, token.ask_above_micros) == (5_000_000, 1_000_000)
        wrong = client.post(path, dict(first.context["sent"]) | {"own_password": "guessed"})
        assert wrong.status_code == 422
        right = dict(first.context["sent"]) | {"own_password": PASSWORD}
        assert client.post(path, right).status_code == 303
    shown = [f"{one / 10**6:g}" for one in Limit.objects.values_list("amount_micros", flat=True)]
    assert shown == [sent["amount"]] * bool(sent["amount"])


def test_a_first_limit_takes_no_password(client: Client, person: Person) -> None:
    token, _text = make_token(person, "Script", ["make"], None)
    prove(client, PROOF_LASTS + 1)
    path = f"/account/tokens/{token.pk}/limit/"
    assert client.post(path, {"amount": "3", "period": "month"}).status_code == 303
    assert Limit.objects.get().amount_micros == 3_000_000


def test_revoking_says_which_limit_went(client: Client, person: Person) -> None:
    token, _text = make_token(person, "Script", ["make"], None, limit=(5_000_000, "month"))
    client.post(f"/account/tokens/{token.pk}/revoke/")
    assert not Limit.objects.exists()
    gone = Act.objects.get(kind="limit", after="")
    assert (gone.thing, gone.before) == ("limit_month token Script", "5.000000")


def test_a_model_asks_above_an_amount_of_the_tokens_own(client: Client, person: Person) -> None:
    client.post("/account/tokens/new/", FORM | {"ask_above": "0"})
    token = Token.objects.get()
    assert token.ask_above_micros == 0
    assert "models ask above $0.00" in client.get("/account/tokens/").content.decode()
    path = f"/account/tokens/{token.pk}/limit/"
    for sent, kept in (
        ({"ask_above": "0.25"}, 250_000),
        ({"amount": "7"}, 250_000),
        ({"ask_above": "a lot"}, 250_000),
        ({"ask_above": ""}, None),
    ):
        client.post(path, sent)
        token.refresh_from_db()
        assert token.ask_above_micros == kept


def test_an_admin_revokes_anybodys(client: Client, person: Person) -> None:
    token, text = make_token(person, "Script", ["make"], None)
    client.force_login(make_person("ada", role="admin"))
    page = client.get(f"/people/{person.pk}/").content.decode()
    assert "Script" in page
    assert f"/people/tokens/{token.pk}/revoke/" in page
    assert client.post(f"/people/tokens/{token.pk}/revoke/").status_code == 303
    answer = client.get("/api/v1/me", headers={"Authorization": f"Bearer {text}"})
    assert answer.status_code == 401
    act = Act.objects.get(kind="token_revoked")
    assert (act.who_name, act.whom_name, act.thing) == ("ada", "mara", "Script")


@pytest.mark.parametrize(("ticked", "alive"), [({}, True), ({"ends_tokens": "yes"}, False)])
def test_a_new_password_ends_tokens_if_one_says_so(
    client: Client, person: Person, ticked: dict[str, str], alive: bool
) -> None:
    make_token(person, "Script", ["make"], None)
    fresh = {"password": "tall-blue-harbour", "again": "tall-blue-harbour"}
    assert "Revoke my access tokens" in client.get("/account/").content.decode()
    answer = client.post("/account/password/", {"now": PASSWORD, **fresh, **ticked})
    assert answer.status_code == 302
    assert (Token.objects.get().revoked_at is None) == alive
