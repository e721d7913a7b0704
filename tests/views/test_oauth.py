"""Apps that people let in by OAuth: asked, allowed, their tokens handed out, and all that ends."""

import base64
import hashlib
import json
import re
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from allauth.idp.oidc.models import Client as App
from allauth.idp.oidc.models import Token as OAuthToken
from django.db import DataError, connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from omixa_studio.app_access import AppAccess
from omixa_studio.models import Act, Limit, Notice, Person, Token
from omixa_studio.services import oauth_clients, people
from omixa_studio.services.audit import STUDIO
from omixa_studio.visitors import PROOF_LASTS, PROVED_AT
from tests.factories import PASSWORD, make_person
from tests.pages import Answer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]

HERE = "http://testserver"
BACK = "http://127.0.0.1:4100/callback"
VERIFIER = "v" * 43
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
)
FORM = {"scopes": ["make", "read"], "days": "90", "amount": "5", "period": "month"}
LIST_TOOLS = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}


@pytest.fixture(autouse=True)
def oauth_on(settings: Settings) -> None:
    settings.OAUTH = AppAccess(on=True, hosts=("claude.ai",))
    settings.STUDIO_URL = HERE


@pytest.fixture
def person(client: Client) -> Person:
    person = make_person("mara")
    client.force_login(person)
    return person


@pytest.fixture
def machine() -> Client:
    """What an app sends from: no session, and no form's token."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def app(machine: Client) -> str:
    return str(registered(machine).json()["client_id"])


def registered(machine: Client, **changed: Any) -> Answer:
    sent = {"client_name": "Code Pal", "redirect_uris": [BACK], **changed}
    return machine.post("/oauth/register", json.dumps(sent), content_type="application/json")


def asking(app: str, **changed: Any) -> str:
    """The query of an app that asks; None leaves something out."""
    query = {
        "response_type": "code",
        "client_id": app,
        "redirect_uri": BACK,
        "state": "its state",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "scope": "make read",
        "resource": f"{HERE}/mcp",
    } | changed
    return urlencode({name: value for name, value in query.items() if value is not None}, True)


def led_to(answer: Answer) -> tuple[str, dict[str, str]]:
    """Where an answer leads on, and what it says there."""
    [onward] = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.content.decode())
    where, _sign, query = unescape(onward).partition("?")
    return where, dict(parse_qsl(query))


def allow(client: Client, app: str, form: dict[str, Any] = FORM, **changed: Any) -> Answer:
    return client.post("/account/apps/allow/", {**form, "query": asking(app, **changed)})


def code_of(client: Client, app: str, form: dict[str, Any] = FORM, **changed: Any) -> str:
    return led_to(allow(client, app, form, **changed))[1]["code"]


def exchange(machine: Client, app: str, its_code: str, **changed: Any) -> Answer:
    sent = {
        "grant_type": "authorization_code",
        "client_id": app,
        "code": its_code,
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
        "resource": f"{HERE}/mcp",
    } | changed
    return machine.post(
        "/oauth/token", {name: value for name, value in sent.items() if value is not None}
    )


def exchanging(app: str, its_code: str) -> Callable[[Client], Answer]:
    return lambda machine: exchange(machine, app, its_code)


def refresh(machine: Client, app: str, text: str, **more: Any) -> Answer:
    sent = {"grant_type": "refresh_token", "client_id": app, "refresh_token": text, **more}
    return machine.post("/oauth/token", sent)


def pair(client: Client, machine: Client, app: str, **form: Any) -> dict[str, Any]:
    """What an app gets whose person allows it."""
    answer = exchange(machine, app, code_of(client, app, FORM | form))
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def use(machine: Client, text: str, path: str = "/mcp") -> Answer:
    headers = {"Authorization": f"Bearer {text}", "Accept": "application/json"}
    return machine.post(
        path, json.dumps(LIST_TOOLS), content_type="application/json", headers=headers
    )


def tools(machine: Client, text: str) -> list[str]:
    return [tool["name"] for tool in use(machine, text).json()["result"]["tools"]]


def at_once(many: int, ask: Callable[[Client], Answer]) -> list[Answer]:
    """Let several machines ask the same at one moment."""
    start = threading.Barrier(many)
    answers: list[Answer] = []

    def run() -> None:
        start.wait()
        answers.append(ask(Client(enforce_csrf_checks=True)))
        connection.close()

    threads = [threading.Thread(target=run) for _one in range(many)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(answers) == many
    return answers


def is_over(machine: Client, app: str, told: dict[str, Any]) -> bool:
    again = refresh(machine, app, told["refresh_token"])
    ended = again.status_code == 400 and again.json()["error"] == "invalid_grant"
    return ended and use(machine, told["access_token"]).status_code == 401


def test_an_app_finds_asks_is_let_in_and_uses_the_tools(
    client: Client, machine: Client, person: Person
) -> None:
    refused = use(machine, "")
    told = dict(re.findall(r'(\w+)="([^"]+)"', refused["WWW-Authenticate"]))
    assert (refused.status_code, told["scope"]) == (401, "make read")
    resource = machine.get(told["resource_metadata"].removeprefix(HERE)).json()
    assert resource["resource"] == f"{HERE}/mcp"
    assert resource["authorization_servers"] == [HERE]
    server = machine.get("/.well-known/oauth-authorization-server").json()
    assert server["issuer"] == HERE
    assert server["code_challenge_methods_supported"] == ["S256"]
    assert "admin" not in server["scopes_supported"]
    app = registered(machine).json()
    assert app["token_endpoint_auth_method"] == "none"
    assert "client_secret" not in app
    page = client.get(
        f"{server['authorization_endpoint'].removeprefix(HERE)}?{asking(app['client_id'])}"
    )
    shown = page.content.decode()
    assert page.status_code == 200
    for words in ("Code Pal", "not verified", "127.0.0.1:4100", "Spends money", 'value="10"'):
        assert words in shown
    assert 'value="admin"' not in shown
    assert 'value="costs"' not in shown
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert not Token.objects.exists()

    where, back = led_to(allow(client, app["client_id"]))
    assert (where, back["state"], back["iss"]) == (BACK, "its state", HERE)
    got = exchange(machine, app["client_id"], back["code"])
    assert got["Cache-Control"] == "no-store"
    told = got.json()
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 3600, "make read")
    assert "generate" in tools(machine, told["access_token"])

    token = Token.objects.get()
    assert (token.person, token.name, token.scopes) == (person, "Code Pal", ["make", "read"])
    assert (token.app, token.app_host) == (app["client_id"], "127.0.0.1:4100")
    assert token.last_used_at is not None
    assert [(one.scope, one.amount_micros) for one in Limit.objects.all()] == [("token", 5_000_000)]
    kinds = Act.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["app_connected", "limit"]
    assert Notice.objects.get(person=person).kind == "app_connected"
    listed = client.get("/account/tokens/").content.decode()
    assert "Code Pal" in listed
    assert "127.0.0.1:4100" in listed
    assert "Disconnect" in listed


def test_nothing_that_opens_is_stored(
    client: Client, machine: Client, person: Person, app: str
) -> None:
    code = code_of(client, app)
    told = exchange(machine, app, code).json()
    rows = str([*OAuthToken.objects.values(), *Token.objects.values(), *Act.objects.values()])
    assert "hash" in rows
    for text in (code, told["access_token"], told["refresh_token"]):
        assert text not in rows


def test_without_the_setting_nothing_is_there(
    client: Client, machine: Client, person: Person, app: str, settings: Settings
) -> None:
    told = pair(client, machine, app)
    settings.OAUTH = AppAccess()
    for path in (
        *("/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/mcp"),
        *("/.well-known/oauth-authorization-server", f"/account/apps/connect?{asking(app)}"),
    ):
        assert client.get(path).status_code == 404
    assert registered(machine).status_code == 404
    assert exchange(machine, app, "x").status_code == 404
    assert allow(client, app).status_code == 404
    refused = use(machine, told["access_token"])
    assert refused.status_code == 401
    assert "resource_metadata" not in refused["WWW-Authenticate"]


def test_who_is_not_logged_in_comes_back_to_the_question(client: Client, app: str) -> None:
    make_person("mara")
    answer = client.get(f"/account/apps/connect?{asking(app)}")
    assert answer.status_code == 302
    sent = {"login": "mara", "password": PASSWORD}
    back = client.post(answer["Location"], sent)
    assert back["Location"] == f"/account/apps/connect?{asking(app)}"


def test_it_asks_for_the_password_and_forgets_nothing(
    client: Client, machine: Client, person: Person, app: str
) -> None:
    session = client.session
    session[PROVED_AT] = time.time() - PROOF_LASTS - 1
    session.save()
    asked = allow(client, app)
    assert asked.status_code == 422
    assert not Token.objects.exists()
    sent: dict[str, list[str]] = {}
    for name, value in asked.context["sent"]:
        sent.setdefault(name, []).append(value)
    answer = client.post("/account/apps/allow/", sent | {"own_password": PASSWORD})
    assert exchange(machine, app, led_to(answer)[1]["code"]).status_code == 200


def test_a_form_of_another_page_allows_nothing(person: Person, app: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person)
    for path in ("/account/apps/allow/", "/account/apps/cancel/"):
        assert strict.post(path, {**FORM, "query": asking(app)}).status_code == 403
    assert not Token.objects.exists()


def test_a_refusal_is_told_and_gives_nothing(client: Client, person: Person, app: str) -> None:
    where, told = led_to(client.post("/account/apps/cancel/", {"query": asking(app)}))
    assert where == BACK
    assert told == {"error": "access_denied", "state": "its state", "iss": HERE}
    assert not Token.objects.exists()


def test_a_person_gives_less_than_was_asked_for_and_never_admin(
    client: Client, machine: Client, app: str
) -> None:
    client.force_login(make_person("root", role="admin"))
    asked = {"scope": "make read costs admin openid"}
    page = client.get(f"/account/apps/connect?{asking(app, **asked)}").content.decode()
    assert re.findall(r'name="scopes" value="(\w+)" checked', page) == ["make", "read", "costs"]
    wrong = allow(client, app, FORM | {"scopes": ["admin"]}, **asked)
    assert wrong.status_code == 422
    none = allow(client, app, FORM | {"scopes": []}, **asked)
    assert "Choose at least one permission." in none.content.decode()
    code = code_of(client, app, FORM | {"scopes": ["read"]}, **asked)
    told = exchange(machine, app, code).json()
    assert told["scope"] == "read"
    assert "generate" not in tools(machine, told["access_token"])
    call = {
        **LIST_TOOLS,
        "method": "tools/call",
        "params": {"name": "generate", "arguments": {"prompt": "x"}},
    }
    headers = {"Authorization": f"Bearer {told['access_token']}"}
    answer = machine.post(
        "/mcp", json.dumps(call), content_type="application/json", headers=headers
    )
    challenge = answer["WWW-Authenticate"]
    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="read make"' in challenge
    assert "resource_metadata" in challenge


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "nobody"},
        {"client_id": None},
        {"redirect_uri": None},
        {"redirect_uri": "http://127.0.0.1:4100/other"},
        {"redirect_uri": "http://127.0.0.1.evil.example:4100/callback"},
        {"redirect_uri": "http://127.0.0.1:4100@evil.example/callback"},
        {"redirect_uri": "http://localhost:4100/callback"},
        {"redirect_uri": "https://127.0.0.1:4100/callback"},
        {"redirect_uri": f"{BACK}?more=1"},
        {"redirect_uri": f"{BACK}#x"},
        {"redirect_uri": "https://claude.ai/callback"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": [BACK, "https://evil.example/"]},
    ],
)
def test_nobody_is_led_where_the_app_did_not_register(
    client: Client, person: Person, app: str, changed: dict[str, Any]
) -> None:
    query = asking(app, **changed)
    for answer in (
        client.get(f"/account/apps/connect?{query}"),
        client.post("/account/apps/allow/", {**FORM, "query": query}),
        client.post("/account/apps/cancel/", {"query": query}),
    ):
        assert answer.status_code == 400
        assert not re.search(r"http-equiv|href=\"[^\"]*evil", answer.content.decode())
    assert not Token.objects.exists()


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unauthorized_client"),
        ({"response_type": None}, "invalid_request"),
        ({"scope": "admin"}, "invalid_scope"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"resource": "https://other.example/mcp"}, "invalid_target"),
        ({"resource": [f"{HERE}/mcp", "https://other.example/mcp"]}, "invalid_target"),
        ({"resource": f"{HERE}/api"}, "invalid_target"),
    ],
)
def test_the_app_is_told_what_is_wrong(
    client: Client, person: Person, app: str, changed: dict[str, Any], error: str
) -> None:
    where, told = led_to(client.get(f"/account/apps/connect?{asking(app, **changed)}"))
    assert (where, told["error"], told["state"], told["iss"]) == (BACK, error, "its state", HERE)
    assert led_to(allow(client, app, **changed))[1]["error"] == error
    assert not Token.objects.exists()


@pytest.mark.parametrize("odd", ["%", "a=%ff%fe", "client_id=\x00", "&&==", "client_id=%00", "ü=ü"])
def test_an_odd_question_is_answered(client: Client, person: Person, odd: str) -> None:
    assert client.get(f"/account/apps/connect?{odd}").status_code == 400
    assert client.post("/account/apps/allow/", {"query": odd}).status_code == 400


def test_no_client_of_any_spelling_breaks_the_database(
    client: Client, machine: Client, person: Person
) -> None:
    """PostgreSQL breaks a statement that holds a NUL; SQLite takes it, so it is watched here."""

    def refuse_nul(execute: Callable[..., Any], sql: str, params: Any, *more: Any) -> Any:
        if any("\x00" in str(one) for one in params or ()):
            raise DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
        return execute(sql, params, *more)

    odd = {"client_id": "a\x00b", "token": "x", "refresh_token": "x", "code": "x"}
    with connection.execute_wrapper(refuse_nul):
        for grant in ("authorization_code", "refresh_token"):
            answer = machine.post("/oauth/token", odd | {"grant_type": grant, "code_verifier": "x"})
            assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert machine.post("/oauth/revoke", odd).status_code == 401
        assert client.get("/account/apps/connect?client_id=%00").status_code == 400


def test_a_loopback_may_have_any_port(client: Client, machine: Client, person: Person) -> None:
    app = registered(machine, redirect_uris=["http://localhost/cb"]).json()["client_id"]
    other = "http://localhost:51234/cb"
    code = code_of(client, app, redirect_uri=other)
    assert exchange(machine, app, code, redirect_uri=other).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"code": "x" * 43},
        {"code": None},
        {"code_verifier": "w" * 43},
        {"code_verifier": None},
        {"redirect_uri": "http://127.0.0.1:4101/callback"},
        {"redirect_uri": None},
        {"client_id": "nobody"},
        {"client_id": None},
        {"grant_type": "password"},
        {"grant_type": "client_credentials"},
        {"resource": "https://other.example/mcp"},
    ],
)
def test_a_code_opens_to_its_app_alone(
    client: Client, machine: Client, person: Person, app: str, changed: dict[str, Any]
) -> None:
    code = code_of(client, app)
    answer = exchange(machine, app, code, **changed)
    assert answer.status_code in (400, 401)
    assert "error" in answer.json()
    assert exchange(machine, app, code).status_code == 200


def test_a_code_of_another_app_is_none(
    client: Client, machine: Client, person: Person, app: str
) -> None:
    other = registered(machine).json()["client_id"]
    answer = exchange(machine, other, code_of(client, app))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_code_that_is_used_twice_disconnects_the_app(
    client: Client, machine: Client, person: Person, app: str
) -> None:
    code = code_of(client, app)
    told = exchange(machine, app, code).json()
    assert exchange(machine, app, code).json()["error"] == "invalid_grant"
    assert is_over(machine, app, told)
    assert Token.objects.get().revoked_at is not None
    assert Notice.objects.filter(person=person, kind="app_replayed").exists()
    assert "used twice" in client.get("/notices/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_requests_at_once_one_gets_tokens_for_a_code(
    client: Client, machine: Client, person: Person, app: str
) -> None:
    for _round in range(3):
        code = code_of(client, app)
        answers = at_once(8, exchanging(app, code))
        told = [one.json() for one in answers]
        assert sorted(one.get("error", "") for one in told) == ["", *["invalid_grant"] * 7]
        [given] = [one for one in told if "access_token" in one]
        # Somebody else has the code, too: whoever came first keeps nothing.
        assert use(machine, given["access_token"]).status_code == 401
        assert is_over(machine, app, given)
    assert not Token.objects.filter(revoked_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_windows_that_renew_at_once_all_go_on(
    client: Client, machine: Client, person: Person, app: str
) -> None:
    told = pair(client, machine, app)
    answers = at_once(8, lambda one: refresh(one, app, told["refresh_token"]))
    assert [one.status_code for one in answers] == [200] * 8
    assert len({one.json()["refresh_token"] for one in answers}) == 8
    assert use(machine, answers[0].json()["access_token"]).status_code == 200
    assert Token.objects.get().revoked_at is None


def test_a_code_ends_after_a_minute(
    client: Client, machine: Client, person: Person, app: str
) -> None:
    code = code_of(client, app)
    OAuthToken.objects.update(expires_at=timezone.now())
    assert exchange(machine, app, code).json()["error"] == "invalid_grant"


def test_an_access_token_ends_and_is_renewed(
    client: Client, machine: Client, person: Person, app: str
) -> None:
    told = pair(client, machine, app)
    kept = OAuthToken.objects.filter(type=OAuthToken.Type.ACCESS_TOKEN)
    assert kept.get().expires_at <= timezone.now() + timedelta(hours=1)
    kept.update(expires_at=timezone.now())
    refused = use(machine, told["access_token"])
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "invalid_token")
    new = refresh(machine, app, told["refresh_token"]).json()
    assert new["refresh_token"] != told["refresh_token"]
    assert new["scope"] == "make read"
    assert "generate" in tools(machine, new["access_token"])
    less = refresh(machine, app, new["refresh_token"], scope="read").json()
    assert "generate" not in tools(machine, less["access_token"])
    all_again = refresh(machine, app, less["refresh_token"]).json()
    assert "generate" in tools(machine, all_again["access_token"])
    more = refresh(machine, app, all_again["refresh_token"], scope="make read costs")
    assert more.json()["error"] == "invalid_scope"


def test_an_old_refresh_token_disconnects_the_app(
    client: Client, machine: Client, person: Person, app: str
) -> None:
    told = pair(client, machine, app)
    new = refresh(machine, app, told["refresh_token"]).json()
    used = OAuthToken.objects.by_value(told["refresh_token"]).get()
    assert used.expires_at <= timezone.now() + timedelta(days=7)
    used.data["used_at"] -= 20
    used.save()
    # Two windows of one editor renew at once; the seconds count from the first of them.
    beside = refresh(machine, app, told["refresh_token"]).json()
    assert "generate" in tools(machine, beside["access_token"])
    used = OAuthToken.objects.by_value(told["refresh_token"]).get()
    used.data["used_at"] -= 11
    used.save()
    assert is_over(machine, app, told)
    assert is_over(machine, app, new)
    assert is_over(machine, app, beside)
    assert Token.objects.get().revoked_at is not None


def test_a_refresh_token_of_another_app_is_none_and_hurts_nobody(
    client: Client, machine: Client, person: Person, app: str
) -> None:
    other = registered(machine).json()["client_id"]
    told = pair(client, machine, app)
    assert refresh(machine, other, told["refresh_token"]).json()["error"] == "invalid_grant"
    sent = {"token": told["refresh_token"], "client_id": other}
    assert machine.post("/oauth/revoke", sent).status_code == 200
    assert refresh(machine, app, told["refresh_token"]).status_code == 200


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
def test_an_app_logs_itself_out(
    client: Client, machine: Client, person: Person, app: str, which: str
) -> None:
    told = pair(client, machine, app)
    sent = {"token": told[which], "client_id": app, "token_type_hint": which}
    assert machine.post("/oauth/revoke", sent).status_code == 200
    assert is_over(machine, app, told)
    assert machine.post("/oauth/revoke", sent).status_code == 200
    assert "Code Pal" not in client.get("/account/tokens/").content.decode()


@pytest.mark.parametrize("how", ["person", "admin", "deactivated", "expired", "password"])
def test_what_ends_a_token_ends_an_app(
    client: Client, machine: Client, person: Person, app: str, how: str
) -> None:
    told, code = pair(client, machine, app), ""
    token = Token.objects.get()
    if how == "person":
        client.post(f"/account/tokens/{token.pk}/revoke/")
    elif how == "admin":
        admin = Client()
        admin.force_login(make_person("root", role="admin"))
        page = admin.get(f"/people/{person.pk}/").content.decode()
        assert "Code Pal" in page
        admin.post(f"/people/tokens/{token.pk}/revoke/")
    elif how == "deactivated":
        people.deactivate(person, by=STUDIO)
    elif how == "password":
        people.set_password(person, "another long one", by=STUDIO, ends_tokens=True)
    else:
        Token.objects.update(expires_at=timezone.now())
    assert is_over(machine, app, told)
    assert exchange(machine, app, code).status_code == 400
    if how == "deactivated":
        people.reactivate(person, by=STUDIO)
        assert is_over(machine, app, told)


def test_a_code_ends_with_the_account(
    client: Client, machine: Client, person: Person, app: str
) -> None:
    code = code_of(client, app)
    people.deactivate(person, by=STUDIO)
    assert exchange(machine, app, code).json()["error"] == "invalid_grant"


def test_its_token_opens_the_tools_alone(
    client: Client, machine: Client, person: Person, app: str
) -> None:
    text = pair(client, machine, app)["access_token"]
    headers = {"Authorization": f"Bearer {text}"}
    assert use(machine, text).status_code == 200
    for path in ("/api/v1/me", "/api/v1/pictures", "/v1/models"):
        assert machine.get(path, headers=headers).status_code == 401
    assert machine.get("/account/", headers=headers).status_code == 302
    assert use(machine, pair(client, machine, app)["refresh_token"]).status_code == 401


def test_an_app_that_asks_again_keeps_its_place_under_new_terms(
    client: Client, machine: Client, person: Person, app: str
) -> None:
    first = pair(client, machine, app)
    second = pair(client, machine, app, amount="", scopes=["read"], days="7")
    token = Token.objects.get()
    assert (token.scopes, Limit.objects.count()) == (["read"], 0)
    assert token.expires_at is not None
    assert token.expires_at < timezone.now() + timedelta(days=8)
    assert is_over(machine, app, first)
    assert "status" in tools(machine, second["access_token"])


def test_two_people_of_one_app_are_two(
    client: Client, machine: Client, person: Person, app: str
) -> None:
    mine = pair(client, machine, app)
    other = Client()
    other.force_login(make_person("noor"))
    theirs = pair(other, machine, app)
    client.post(f"/account/tokens/{Token.objects.get(person=person).pk}/revoke/")
    assert is_over(machine, app, mine)
    assert use(machine, theirs["access_token"]).status_code == 200


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"redirect_uris": "x"}, "invalid_redirect_uri"),
        ({"redirect_uris": None}, "invalid_redirect_uri"),
        ({"redirect_uris": [BACK] * 11}, "invalid_client_metadata"),
        ({"redirect_uris": ["https://evil.example/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": [BACK, "https://evil.example/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://claude.ai.evil.example/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://claude.ai@evil.example/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://evil.example\\@claude.ai/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://claude.ai/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["https://claude.ai/cb#x"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["data:text/html,x"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["file:///etc/passwd"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://127.0.0.1/\x00"]}, "invalid_redirect_uri"),
        ({"redirect_uris": ["http://[::1/cb"]}, "invalid_redirect_uri"),
        ({"redirect_uris": [f"http://127.0.0.1/{'x' * 600}"]}, "invalid_redirect_uri"),
        ({"client_name": "<b>Claude</b>"}, "invalid_client_metadata"),
        ({"client_name": "x" * 101}, "invalid_client_metadata"),
        ({"grant_types": ["magic"]}, "invalid_client_metadata"),
    ],
)
def test_a_registration_that_is_not_safe_is_refused(
    machine: Client, changed: dict[str, Any], error: str
) -> None:
    answer = registered(machine, **changed)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert not App.objects.exists()


@pytest.mark.parametrize("body", ["", "[]", "{", '{"client_name": "\\ud800"}', "[" * 5000])
def test_a_registration_that_is_no_json_is_refused(machine: Client, body: str) -> None:
    answer = machine.post("/oauth/register", body, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")


@pytest.mark.parametrize(
    "uri",
    [
        "https://claude.ai/api/mcp/auth_callback",
        "cursor://anysphere.cursor-mcp/oauth/callback",
        "com.example.app:/back",
        "http://[::1]:80/cb?x=1",
    ],
)
def test_where_people_may_be_led(client: Client, machine: Client, person: Person, uri: str) -> None:
    app = registered(machine, redirect_uris=[uri]).json()["client_id"]
    code = code_of(client, app, redirect_uri=uri)
    assert exchange(machine, app, code, redirect_uri=uri).status_code == 200


def test_a_host_that_an_admin_takes_off_the_list_is_no_way_back(
    client: Client, machine: Client, person: Person, settings: Settings
) -> None:
    uri = "https://claude.ai/cb"
    app = registered(machine, redirect_uris=[uri]).json()["client_id"]
    settings.OAUTH = AppAccess(on=True)
    query = asking(app, redirect_uri=uri)
    assert client.get(f"/account/apps/connect?{query}").status_code == 400


def test_a_name_is_shown_as_it_is(client: Client, machine: Client, person: Person) -> None:
    name = "Claude\u202e\u200b\n  &amp; Co"
    answer = registered(machine, client_name=name).json()
    assert answer["client_name"] == "Claude &amp; Co"
    page = client.get(f"/account/apps/connect?{asking(answer['client_id'])}").content.decode()
    assert "Claude &amp;amp; Co" in page
    assert registered(machine, client_name=None).json()["client_name"] == "127.0.0.1:4100"


def test_few_apps_of_one_address_register(machine: Client) -> None:
    codes = [registered(machine).status_code for _ in range(21)]
    assert codes == [201] * 20 + [429]


def test_unused_registrations_give_way_and_used_ones_stay(
    client: Client, machine: Client, person: Person, app: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair(client, machine, app)
    monkeypatch.setattr(oauth_clients, "MOST_UNUSED", 2)
    register = oauth_clients.register
    old, new = register("old", [BACK]), register("new", [BACK])
    with pytest.raises(oauth_clients.TooManyApps):
        register("more", [BACK])
    assert registered(machine).status_code == 503
    App.objects.filter(pk__in=[app, old.pk]).update(created_at=timezone.now() - timedelta(hours=2))
    register("more", [BACK])
    assert set(App.objects.values_list("name", flat=True)) == {"Code Pal", "new", "more"}
    App.objects.update(created_at=timezone.now() - timedelta(days=91))
    register("last", [BACK])
    assert set(App.objects.values_list("name", flat=True)) == {"Code Pal", "last"}
    assert new.name == "new"


def test_rows_of_a_busy_app_stay_few(
    client: Client, machine: Client, person: Person, app: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omixa_studio.services.oauth_tokens.MOST_KEPT", 6)
    told = pair(client, machine, app)
    for _ in range(6):
        told = refresh(machine, app, told["refresh_token"]).json()
    assert OAuthToken.objects.count() <= 6
    assert "generate" in tools(machine, told["access_token"])


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/.well-known/oauth-protected-resource", ("GET", "HEAD")),
        ("/.well-known/oauth-protected-resource/mcp", ("GET", "HEAD")),
        ("/.well-known/oauth-authorization-server", ("GET", "HEAD")),
        ("/oauth/register", ("POST",)),
        ("/oauth/token", ("POST",)),
        ("/oauth/revoke", ("POST",)),
    ],
)
def test_an_address_for_apps_opens_to_everybody_by_its_methods(
    client: Client, person: Person, path: str, methods: tuple[str, ...]
) -> None:
    for asker in (client, Client(enforce_csrf_checks=True)):
        for method in METHODS:
            answer = asker.generic(method, path)
            wanted = (200, 400, 401) if method in methods else (405,)
            assert answer.status_code in wanted, method
            assert answer["Content-Type"].startswith("application/json")
            assert not answer.cookies
