"""Two-step login: an app set up and asked for, recovery codes, duties of roles, ways back in."""

import base64
import hashlib
import hmac
import re
import struct
import time

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.test import Client

from omixa_studio.models import Act, Notice, Person
from omixa_studio.services import factors
from omixa_studio.services.audit import Actor
from omixa_studio.services.people import change_role
from omixa_studio.services.tokens import make_token
from omixa_studio.visitors import PROOF_LASTS, PROVED_AT
from tests.factories import PASSWORD, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]
WRONG = "000000"
SECRET = r"<code>([A-Z2-7 ]{32,})</code>"


@pytest.fixture
def person(client: Client) -> Person:
    person = make_person("mara")
    log_in(client)
    return person


def code_of(secret: str, ahead: int = 0) -> str:
    """The code of RFC 6238, so many steps of 30 seconds ahead."""
    counter = struct.pack(">Q", int(time.time()) // 30 + ahead)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    at = digest[-1] & 15
    number = struct.unpack(">I", digest[at : at + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06}"


def early_in_a_step() -> None:
    """Wait until the time step will not end within a test."""
    left = 30 - time.time() % 30
    if left < 10:
        time.sleep(left)


def log_in(client: Client, code: str = "") -> str:
    """Log in as Mara, with a code where one is given; return where one is led."""
    client.logout()
    answer = client.post("/login/", {"login": "mara", "password": PASSWORD})
    if code:
        answer = client.post("/login/code/", {"code": code})
    return answer.get("Location", "") if answer.status_code == 302 else ""


def set_up(client: Client) -> tuple[str, list[str]]:
    """Add an app by the screens; return its secret and the recovery codes."""
    early_in_a_step()
    html = client.post("/account/two-step/app/").content.decode()
    [text] = re.findall(SECRET, html)
    secret = text.replace(" ", "")
    answer = client.post("/account/two-step/app/add/", {"code": code_of(secret, -1)})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return secret, shown_codes(answer.content.decode())


def shown_codes(html: str) -> list[str]:
    [text] = re.findall(r"<code>((?:\d{8} ?)+)</code>", html)
    return str(text).split()


def kinds() -> list[str]:
    unwanted = ("login", "logout")
    acts = Act.objects.exclude(kind__in=unwanted).order_by("pk")
    return list(acts.values_list("kind", flat=True))


def test_an_app_is_set_up_and_asked_for(client: Client, person: Person) -> None:
    secret, codes = set_up(client)
    assert len(codes) == 10
    kept = str(list(Authenticator.objects.values()))
    assert secret not in kept
    assert log_in(client) == "/login/code/"
    assert client.get("/").status_code == 302
    assert "Second step" in client.get("/login/code/").content.decode()
    refused = client.post("/login/code/", {"code": WRONG})
    assert refused.status_code == 422
    assert "This code is wrong" in refused.content.decode()
    assert client.post("/login/code/", {"code": code_of(secret)}).status_code == 302
    assert client.get("/").status_code == 200
    assert kinds() == ["factor_added", "code_failed"]
    failed = Act.objects.get(kind="code_failed")
    assert (failed.who_id, failed.whom_name) == (0, "mara")
    told = client.get("/notices/").content.decode()
    assert "Your login got a second step" in told
    assert all(code not in client.get("/account/two-step/").content.decode() for code in codes)


def test_a_code_counts_once_and_for_one_step_of_tolerance(client: Client, person: Person) -> None:
    secret, _codes = set_up(client)
    for ahead, led in ((-2, ""), (2, ""), (-1, ""), (0, "/"), (0, ""), (1, "/"), (0, "")):
        assert log_in(client, code_of(secret, ahead)) == led, ahead


def test_where_one_was_going_is_kept(client: Client, person: Person) -> None:
    secret, _codes = set_up(client)
    client.logout()
    client.post("/login/?next=/gallery/", {"login": "mara", "password": PASSWORD})
    answer = client.post("/login/code/", {"code": code_of(secret)})
    assert answer["Location"] == "/gallery/"


def test_a_reload_of_the_page_of_codes_makes_no_others(client: Client, person: Person) -> None:
    set_up(client)
    once = {"click": client.get("/account/two-step/").context["click"]}
    assert shown_codes(client.post("/account/two-step/codes/", once).content.decode())
    again = client.post("/account/two-step/codes/", once)
    assert (again.status_code, again["location"]) == (302, "/account/two-step/")
    assert Act.objects.filter(kind="recovery_codes").count() == 1


def test_a_reload_shows_the_same_secret_of_an_app(client: Client, person: Person) -> None:
    shown = []
    for _page in range(2):
        form = {"click": client.get("/account/two-step/").context["click"]}
        for _ in range(2):
            html = client.post("/account/two-step/app/", form).content.decode()
            shown += re.findall(SECRET, html)
    assert shown[0] == shown[1] != shown[2] == shown[3]
    early_in_a_step()
    code = {"code": code_of(shown[3].replace(" ", ""))}
    assert client.post("/account/two-step/app/add/", code).status_code == 200
    html = client.post("/account/two-step/app/", form).content.decode()
    assert shown[3] not in html


def test_a_recovery_code_counts_once_and_new_ones_void_the_old(
    client: Client, person: Person
) -> None:
    _secret, codes = set_up(client)
    assert log_in(client, codes[0]) == "/"
    assert log_in(client, codes[0]) == ""
    assert log_in(client, codes[1]) == "/"
    assert "8 codes are left" in client.get("/account/two-step/").content.decode()
    assert Act.objects.filter(kind="recovery_code_used").latest("pk").after == "8"
    assert Notice.objects.filter(kind="recovery_code_used").count() == 2
    answer = client.post("/account/two-step/codes/")
    fresh = shown_codes(answer.content.decode())
    assert "data:text/plain" in answer.content.decode()
    assert fresh[0] in answer.content.decode().split("data:text/plain")[1]
    assert log_in(client, codes[2]) == ""
    assert log_in(client, fresh[2]) == "/"


def test_guesses_are_counted(client: Client, person: Person) -> None:
    secret, _codes = set_up(client)
    for _guess in range(5):
        log_in(client, WRONG)
    assert log_in(client, code_of(secret)) == ""
    refused = client.post("/login/code/", {"credential": "{}"})
    assert "Too many failed" in refused.content.decode()
    assert Act.objects.filter(kind="code_failed").count() == 5


def test_it_asks_for_the_password(client: Client, person: Person) -> None:
    set_up(client)
    pk = Authenticator.objects.get(type="totp").pk
    session = client.session
    session[PROVED_AT] = time.time() - PROOF_LASTS - 1
    session.save()
    for path in ("app/", "app/add/", "codes/", "passkeys/", f"{pk}/remove/", f"{pk}/rename/"):
        answer = client.post(f"/account/two-step/{path}", {"code": "1"})
        assert "Confirm your password" in answer.content.decode(), path
    assert Authenticator.objects.count() == 2
    answer = client.post(f"/account/two-step/{pk}/remove/", {"own_password": PASSWORD})
    assert answer.status_code == 303
    assert not Authenticator.objects.exists()


def test_removing_the_last_step_removes_the_codes_and_leaves_sessions(
    client: Client, person: Person
) -> None:
    set_up(client)
    [pk] = Authenticator.objects.filter(type="totp").values_list("pk", flat=True)
    other = Client()
    other.force_login(make_person("jon"))
    assert other.post(f"/account/two-step/{pk}/remove/").status_code == 404
    assert client.post(f"/account/two-step/{pk}/remove/").status_code == 303
    assert not Authenticator.objects.exists()
    assert client.get("/").status_code == 200
    assert log_in(client) == "/"
    assert kinds()[-1] == "factor_removed"


def test_another_app_replaces_the_first(client: Client, person: Person) -> None:
    secret, _codes = set_up(client)
    html = client.post("/account/two-step/app/").content.decode()
    [text] = re.findall(SECRET, html)
    fresh = text.replace(" ", "")
    refused = client.post("/account/two-step/app/add/", {"code": code_of(secret)})
    assert refused.status_code == 422
    answer = client.post("/account/two-step/app/add/", {"code": code_of(fresh)})
    assert answer["Location"] == "/account/two-step/"
    assert log_in(client, code_of(secret)) == ""
    assert log_in(client, code_of(fresh, 1)) == "/"


def test_a_role_that_needs_it_is_led_to_set_it_up(client: Client, person: Person) -> None:
    token = make_token(person, "Script", ["read"], None)[1]
    admin = Client()
    admin.force_login(make_person("ada", role="admin"))
    assert admin.post("/people/two-step/", {"roles": ["member"]}).status_code == 303
    assert "1 without it" in admin.get("/people/").content.decode()
    for path in ("/", "/gallery/", "/account/", "/account/tokens/"):
        assert client.get(path)["Location"] == "/account/two-step/"
    assert "An admin requires" in client.get("/account/two-step/").content.decode()
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/me", headers=headers).status_code == 200
    assert admin.get("/").status_code == 200
    early_in_a_step()
    html = client.post("/account/two-step/app/").content.decode()
    [text] = re.findall(SECRET, html)
    added = client.post("/account/two-step/app/add/", {"code": code_of(text.replace(" ", ""))})
    assert 'href="/">Done' in added.content.decode()
    assert client.get("/").status_code == 200
    [pk] = Authenticator.objects.filter(type="totp").values_list("pk", flat=True)
    kept = client.post(f"/account/two-step/{pk}/remove/", follow=True).content.decode()
    assert "Your role needs a two-step login" in kept
    assert Authenticator.objects.filter(pk=pk).exists()
    act = Act.objects.get(kind="factors_required")
    assert (act.before, act.after) == ("", "member")
    assert "no role → Member" in admin.get("/log/").content.decode()


def test_ones_own_password_comes_before_the_second_step(client: Client, person: Person) -> None:
    Person.objects.update(must_change_password=True, must_add_factor=True)
    assert client.get("/")["Location"] == "/account/"
    assert client.get("/account/").status_code == 200
    fresh = {"password": "tall-blue-harbour", "again": "tall-blue-harbour"}
    client.post("/account/password/", {"now": PASSWORD, **fresh})
    assert client.get("/account/")["Location"] == "/account/two-step/"
    assert client.get("/logout/").status_code == 200


@pytest.mark.parametrize(("language", "title"), [("ru", "Второй шаг"), ("zh-hans", "第二步")])
def test_the_second_step_speaks_the_language_of_the_login(
    client: Client, person: Person, language: str, title: str
) -> None:
    set_up(client)
    client.post("/language/", {"language": language})
    log_in(client)
    client.post("/language/", {"language": language})
    assert f"<h1>{title}</h1>" in client.get("/login/code/").content.decode()


def test_the_duty_follows_role_and_rule(person: Person) -> None:
    def must() -> bool:
        person.refresh_from_db()
        return person.must_add_factor

    boss = Actor(0, "boss")
    factors.require_factors(["admin"], by=boss)
    assert not must()
    change_role(person, "admin", by=boss)
    assert must()
    factors.require_factors([], by=boss)
    assert not must()


def test_an_admin_switches_it_off_for_another(client: Client, person: Person) -> None:
    secret, _codes = set_up(client)
    admin = Client()
    ada = make_person("ada", role="admin")
    admin.force_login(ada)
    assert "Switch off two-step login" in admin.get(f"/people/{person.pk}/").content.decode()
    assert client.post(f"/people/{person.pk}/two-step/off/").status_code == 403
    assert admin.post(f"/people/{person.pk}/two-step/off/").status_code == 303
    assert not Authenticator.objects.exists()
    assert client.get("/")["Location"].startswith("/login/")
    assert log_in(client) == "/"
    act = Act.objects.get(kind="factors_reset")
    assert (act.who_name, act.whom_name, act.after) == ("ada", "mara", "1")
    assert "switched off by ada" in client.get("/notices/").content.decode()
    factors.add_app(ada, secret, 1, by=Actor(ada.pk))
    admin.post(f"/people/{ada.pk}/two-step/off/")
    assert Authenticator.objects.filter(user=ada).exists()


def test_a_code_of_a_lost_secret_is_wrong_and_not_a_fault(client: Client, person: Person) -> None:
    secret, codes = set_up(client)
    Authenticator.objects.filter(type="totp").update(data={"secret": "x"})
    Authenticator.objects.filter(type="recovery_codes").update(data={"seed": "x", "used_mask": 0})
    assert log_in(client, code_of(secret)) == ""
    assert log_in(client, codes[0]) == ""


def test_a_deactivated_person_does_not_finish_a_login(client: Client, person: Person) -> None:
    secret, _codes = set_up(client)
    log_in(client)
    Person.objects.filter(pk=person.pk).update(is_active=False)
    answer = client.post("/login/code/", {"code": code_of(secret)})
    assert answer["Location"] == "/login/"
    assert not any("_auth_user_id" in one.get_decoded() for one in Session.objects.all())


def test_a_new_password_ends_logins_that_wait_for_their_second_step(
    client: Client, person: Person
) -> None:
    secret, _codes = set_up(client)
    stranger = Client()
    assert log_in(stranger) == "/login/code/"
    fresh = {"password": "tall-blue-harbour", "again": "tall-blue-harbour"}
    client.post("/account/password/", {"now": PASSWORD, **fresh})
    answer = stranger.post("/login/code/", {"code": code_of(secret)})
    assert answer["Location"] == "/login/"
    assert client.get("/").status_code == 200


def test_whose_account_came_another_way_is_led_there_too(client: Client, person: Person) -> None:
    factors.require_factors(["member"], by=Actor(0, "boss"))
    Person.objects.update(must_add_factor=False)
    log_in(client)
    assert client.get("/")["Location"] == "/account/two-step/"


@pytest.mark.parametrize("sent", ["", "x", "[]", "{}", '{"id": "\\u0000"}', '{"response": 1}'])
def test_odd_answers_of_browsers_are_refused(client: Client, person: Person, sent: str) -> None:
    client.post("/account/two-step/passkeys/", {"name": "Key"})
    answer = client.post("/account/two-step/passkeys/add/", {"name": "Key", "credential": sent})
    assert answer.status_code == 422
    client.logout()
    client.get("/login/passkey/")
    assert client.post("/login/passkey/", {"credential": sent}).status_code == 422
    assert not Authenticator.objects.exists()
