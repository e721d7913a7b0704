"""Acts of admins ask for the password again half an hour after it was given, and lose nothing."""

import time

import pytest
from django.core.cache import cache
from django.test import Client

from omixa_studio.models import Act, Person
from omixa_studio.visitors import PROOF_LASTS, PROVED_AT
from tests.factories import PASSWORD, make_person
from tests.pages import folded
from tests.views.rules import RULES, path_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]

ADMINS_POST = [
    name for name, rule in RULES.items() if rule.who == "admin" and "POST" in rule.methods
]
ASKS = 'name="own_password"'
SCRIPT = {"HX-Request": "true"}
RIGHT, WRONG = {"own_password": PASSWORD}, {"own_password": "mistyped"}


@pytest.fixture
def admin(client: Client) -> Person:
    """An admin, logged in with `client` half an hour ago."""
    admin = make_person("ada", role="admin")
    client.force_login(admin)
    set_age(client, PROOF_LASTS + 1)
    return admin


@pytest.fixture
def jon() -> Person:
    return make_person("jon")


def set_age(client: Client, seconds: float) -> None:
    """Let the password have been given so long ago."""
    session = client.session
    session[PROVED_AT] = time.time() - seconds
    session.save()


def acts() -> list[tuple[str, str]]:
    return list(Act.objects.order_by("pk").values_list("kind", "who_name"))


def test_every_address_where_only_admins_post_says_whether_it_asks() -> None:
    assert [name for name in ADMINS_POST if RULES[name].again is None] == []


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if "POST" in rule.methods])
def test_an_address_asks_whom_its_rule_says(client: Client, admin: Person, name: str) -> None:
    answer = client.post(path_of(name, admin))
    assert (ASKS in answer.content.decode()) == bool(RULES[name].again)
    assert (answer.status_code == 422) or not RULES[name].again


@pytest.mark.parametrize(("age", "asks"), [(PROOF_LASTS - 60, False), (-60, True), (1e9, True)])
def test_a_password_counts_for_a_while(
    client: Client, admin: Person, jon: Person, age: float, asks: bool
) -> None:
    set_age(client, age)
    answer = client.post(f"/people/{jon.pk}/role/", {"role": "manager"})
    assert answer.status_code == (422 if asks else 303)
    jon.refresh_from_db()
    assert jon.role == ("member" if asks else "manager")


def test_what_was_sent_is_done_after_the_password_without_being_typed_again(
    client: Client, admin: Person
) -> None:
    typed = {"username": "ida", "name": 'Ida "<i>" Öz', "password": "tall-blue-harbour"}
    sent = typed | {"email": "", "role": "manager", "limit": "12.50"}
    asked = client.post("/people/add/", sent)
    kept = dict(asked.context["sent"])
    assert kept == sent
    assert 'value="Ida &quot;&lt;i&gt;&quot; Öz"' in asked.content.decode()
    assert not Person.objects.filter(username="ida").exists()
    assert client.post("/people/add/", kept | RIGHT).status_code == 200
    ida = Person.objects.get(username="ida")
    assert (ida.name, ida.role, ida.check_password("tall-blue-harbour")) == (
        typed["name"],
        "manager",
        True,
    )
    assert acts() == [("proved", "ada"), ("person_added", "ada"), ("limit", "ada")]
    # Once given it counts for what comes next, too.
    assert client.post("/people/limit/", {"limit": "9"}).status_code == 303


@pytest.mark.parametrize(("sent_from", "leads"), [("/costs/?by=person", "Costs"), ("", "People")])
def test_who_leaves_it_gets_back_to_where_the_form_was_sent_from(
    client: Client, admin: Person, sent_from: str, leads: str
) -> None:
    path = "/queue/cancel/" if sent_from else "/people/limit/"
    asked = client.post(path, {"everybody": "yes", "next": sent_from})
    assert f"Cancel, back to {leads}" in folded(asked.content.decode())


def test_a_field_sent_twice_is_kept_twice(client: Client, admin: Person) -> None:
    asked = client.post("/models/apply/", {"slug": ["one", "two"], "csrfmiddlewaretoken": "x"})
    assert asked.context["sent"] == [("slug", "one"), ("slug", "two")]


def test_a_report_of_a_fault_holds_nothing_of_the_form(client: Client, admin: Person) -> None:
    answer = client.post("/queue/resume/", {"everybody": "yes", **RIGHT})
    assert vars(answer.wsgi_request)["sensitive_post_parameters"] == "__ALL__"


def test_a_wrong_password_does_nothing_and_keeps_the_form(
    client: Client, admin: Person, jon: Person
) -> None:
    answer = client.post(f"/people/{jon.pk}/role/", {"role": "admin"} | WRONG)
    assert answer.status_code == 422
    assert answer.context["sent"] == [("role", "admin")]
    assert "mistyped" not in answer.content.decode()
    assert answer.context["faults"]
    jon.refresh_from_db()
    assert jon.role == "member"
    assert acts() == [("proof_failed", "ada")]


def test_the_password_of_somebody_else_is_a_wrong_one(client: Client, admin: Person) -> None:
    Person.objects.filter(pk=admin.pk).update(email="ada@example.org")
    other = make_person("other", role="admin")
    other.set_password("another long password")
    other.save()
    answer = client.post("/people/limit/", {"limit": "9", "own_password": "another long password"})
    assert answer.status_code == 422


def test_guesses_are_counted_and_the_form_is_kept(client: Client, admin: Person) -> None:
    pages = [
        client.post("/people/limit/", {"limit": "9"} | WRONG, REMOTE_ADDR=f"10.0.0.{number}")
        for number in range(7)
    ]
    told = ["Too many failed login attempts" in page.content.decode() for page in pages]
    assert told == [False] * 5 + [True] * 2
    late = client.post("/people/limit/", {"limit": "9"} | RIGHT)
    assert late.status_code == 422
    assert late.context["sent"] == [("limit", "9")]
    assert acts() == [("proof_failed", "ada")] * 5
    cache.clear()
    assert client.post("/people/limit/", {"limit": "9"} | RIGHT).status_code == 303


def test_guesses_of_strangers_keep_no_admin_from_acting(client: Client, admin: Person) -> None:
    for number in range(8):
        stranger = {"login": "ada", "password": "wrong"}
        Client().post("/login/", stranger, REMOTE_ADDR=f"10.0.0.{number}")
    assert client.post("/people/limit/", {"limit": "9"} | RIGHT).status_code == 303


def test_script_is_asked_inside_the_form_that_it_sent(client: Client, admin: Person) -> None:
    change = {"slug": "gpt-image-1.5", "change": "off"}
    asked = client.post("/models/apply/", change, headers=SCRIPT)
    assert asked.status_code == 422
    assert (asked["HX-Retarget"], asked["HX-Reswap"]) == ("this", "innerHTML")
    assert b"<form" not in asked.content
    assert asked.context["sent"] == list(change.items())
    done = client.post("/models/apply/", change | RIGHT, headers=SCRIPT)
    assert done.status_code == 200
    assert "is switched off" in done.content.decode()
    assert "HX-Retarget" not in done


def test_who_has_no_password_here_is_told_to_log_in_anew(client: Client, admin: Person) -> None:
    admin.set_unusable_password()
    admin.save()
    client.force_login(admin)
    assert client.post("/people/limit/", {"limit": "9"}).status_code == 303
    set_age(client, PROOF_LASTS + 1)
    for answer in (
        client.post("/people/limit/", {"limit": "9", "own_password": ""}),
        client.get("/log/export.csv"),
    ):
        html = folded(answer.content.decode())
        assert answer.status_code == 422
        assert "Log out and log in again" in html
        assert "<input class" not in html


def test_the_log_is_exported_after_the_password(client: Client, admin: Person) -> None:
    led = client.get("/log/export.csv?kind=login&person=")
    back = "/log/?kind=login&person=&download=1"
    assert led.status_code == 303
    assert led["location"].startswith("/reauthenticate/?next=%2Flog%2F%3Fkind%3Dlogin")
    assert "refresh" not in client.get(back).content.decode()
    done = client.post(led["location"], {"password": PASSWORD, "next": back})
    assert (done.status_code, done["location"]) == (302, back)
    export = "/log/export.csv?kind=login"
    assert f'http-equiv="refresh" content="0; url={export}"' in client.get(back).content.decode()
    assert client.get(export).streaming


def test_the_own_new_password_counts_as_well(client: Client, admin: Person) -> None:
    fresh = "tall-blue-harbour"
    client.post("/account/password/", {"now": PASSWORD, "password": fresh, "again": fresh})
    assert client.post("/people/limit/", {"limit": "9"}).status_code == 303
