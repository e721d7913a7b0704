"""Programs come in by a token, and are answered in JSON whatever goes wrong."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from omixa_studio.models import Person, Token
from omixa_studio.queries import tokens as queries
from omixa_studio.services import people
from omixa_studio.services.audit import STUDIO, Actor
from omixa_studio.services.tokens import make_token, revoke_token
from omixa_studio.views import api_access
from tests.factories import make_person
from tests.pages import Answer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]


@pytest.fixture
def person() -> Person:
    return make_person("mara")


def ask(client: Client, text: str, path: str = "/api/v1/me", **more: Any) -> Answer:
    method = more.pop("method", "GET")
    return client.generic(method, path, headers={"Authorization": f"Bearer {text}"}, **more)


def error_of(answer: Answer) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()["error"]
    assert set(found) >= {"message", "type", "param", "code"}
    assert found["message"]
    return found


def test_a_token_says_who_asks(client: Client, person: Person) -> None:
    token, text = make_token(person, "Script", ["read", "make"], None)
    answer = ask(client, text)
    assert answer.status_code == 200
    assert answer.json()["username"] == "mara"
    assert answer.json()["scopes"] == ["make", "read"]
    assert text not in str(Token.objects.values().get(pk=token.pk))
    assert dict(answer.cookies) == {}


def test_a_token_ends_when_it_is_revoked_expired_or_its_person_deactivated(
    client: Client, person: Person
) -> None:
    make_person(role="admin")
    soon = timezone.now() + timedelta(hours=1)
    revoked, one = make_token(person, "One", ["read"], soon)
    expired, two = make_token(person, "Two", ["read"], soon)
    _third, three = make_token(person, "Three", ["read"], soon)
    assert [ask(client, text).status_code for text in (one, two, three)] == [200, 200, 200]
    assert revoke_token(revoked, Actor(person.pk)) == []
    Token.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    assert [ask(client, text).status_code for text in (one, two, three)] == [401, 401, 200]
    people.deactivate(person, by=STUDIO)
    people.reactivate(person, by=STUDIO)
    assert ask(client, three).status_code == 401


def test_a_session_opens_nothing_here(client: Client, person: Person) -> None:
    client.force_login(person)
    answer = client.get("/api/v1/me")
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert error_of(answer)["code"] == "missing_token"
    assert ask(client, "omixa_" + "x" * 43)["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_a_token_opens_no_page(client: Client, person: Person) -> None:
    _token, text = make_token(person, "Script", ["read"], None)
    assert ask(client, text, "/gallery/").status_code == 302


def test_a_role_that_was_taken_away_takes_the_scope_with_it(client: Client) -> None:
    admin = make_person(role="admin")
    _token, text = make_token(admin, "Script", ["read", "admin"], None)
    Person.objects.filter(pk=admin.pk).update(role="member")
    assert ask(client, text).json()["scopes"] == ["read"]


def test_it_waits_for_the_own_password(client: Client, person: Person) -> None:
    _token, text = make_token(person, "Script", ["read"], None)
    Person.objects.filter(pk=person.pk).update(must_change_password=True)
    answer = ask(client, text)
    assert (answer.status_code, error_of(answer)["code"]) == (403, "password_change_required")


def test_the_last_use_is_written_once_a_minute(client: Client, person: Person) -> None:
    token, text = make_token(person, "Script", ["read"], None)
    ask(client, text)
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None
    ask(client, text)
    token.refresh_from_db()
    assert token.last_used_at == first
    Token.objects.update(last_used_at=first - timedelta(seconds=61))
    ask(client, text)
    token.refresh_from_db()
    assert token.last_used_at >= first


def test_guesses_are_limited_by_address_and_lock_nobody_out(client: Client, person: Person) -> None:
    _token, text = make_token(person, "Script", ["read"], None)
    guess = "omixa_" + "x" * 43
    answers = [ask(client, guess, REMOTE_ADDR="10.0.0.9").status_code for _ in range(31)]
    assert answers == [401] * 30 + [429]
    assert ask(client, guess, REMOTE_ADDR="10.0.0.8").status_code == 401
    assert ask(client, text, REMOTE_ADDR="10.0.0.9").status_code == 200


@pytest.mark.parametrize(
    ("path", "status"), [("/api/v1/nothing", 404), ("/v1/nothing", 404), ("/mcp/nothing", 404)]
)
def test_nothing_is_no_page_either(client: Client, person: Person, path: str, status: int) -> None:
    _token, text = make_token(person, "Script", ["read"], None)
    answer = ask(client, text, path)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
    assert error_of(answer)["type"] == "invalid_request_error"
    assert answer["x-should-retry"] == "false"


def test_a_method_it_does_not_take(client: Client, person: Person) -> None:
    _token, text = make_token(person, "Script", ["read"], None)
    answer = ask(client, text, method="POST")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    assert error_of(answer)["code"] == "method_not_allowed"


def test_a_bug_and_a_missing_database_are_told_in_json(
    client: Client, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    _token, text = make_token(person, "Script", ["read"], None)
    client.raise_request_exception = False

    def fail(error: Exception) -> None:
        def raising(*_args: object) -> None:
            raise error

        monkeypatch.setattr(api_access, "find_token", raising)

    fail(ValueError("a bug"))
    answer = ask(client, text)
    assert (answer.status_code, error_of(answer)["type"]) == (500, "server_error")
    fail(OperationalError("database is locked"))
    answer = ask(client, text)
    assert answer.status_code == 503
    assert "busy or unavailable" in error_of(answer)["message"]
    assert answer["x-should-retry"] == "true"


class Unread(io.BytesIO):
    was_read = False

    def read(self, *args: int | None) -> bytes:
        self.was_read = True
        return super().read(*args)


@pytest.mark.parametrize("size", [70_000, 200 * 2**20])
def test_bodies_of_strangers_are_never_read(client: Client, person: Person, size: int) -> None:
    body = Unread(b"{}")
    told: dict[str, Any] = {"CONTENT_LENGTH": str(size), "wsgi.input": body}
    answer = client.generic("POST", "/api/v1/me", **told)
    assert answer.status_code in (401, 413)
    assert answer["Content-Type"] == "application/json"
    assert not body.was_read


def test_a_token_has_256_bits_and_is_one_of_its_kind(person: Person) -> None:
    texts = {make_token(person, "Script", ["read"], None)[1] for _ in range(9)}
    assert len(texts) == 9
    assert all(len(text) == len(queries.TOKEN_PREFIX) + 43 for text in texts)
