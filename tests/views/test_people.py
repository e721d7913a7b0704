"""The people page: accounts, roles, limits, passwords; one route for each action."""

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from omixa_studio.models import Limit, Person
from tests.factories import PASSWORD, make_charge, make_generation, make_limit, make_person
from tests.pages import forms_to

pytestmark = pytest.mark.django_db
FIRST = "tall-blue-harbour"
NEW = {"username": "jon", "name": "Jon Berg", "email": "", "role": "manager", "limit": "12.50"}


def limit_of(person: Person | None) -> int | None:
    whose = ("person", str(person.pk)) if person else ("studio", "")
    row = Limit.objects.filter(scope=whose[0], subject=whose[1]).first()
    return row.amount_micros if row else None


def shown_password(html: str) -> str:
    return str(re.findall(r"<code>(.*?)</code>", html)[-1])


def test_it_shows_role_spending_limit_and_when_last_seen(client: Client, admin: Person) -> None:
    jon = make_person("jon", role="manager", first_name="Jon")
    make_limit(jon.pk, 25_000_000)
    make_charge(make_generation(jon), amount_micros=3_120_000)
    html = client.get("/people/").content.decode()
    row = html[html.index(">Jon</strong>") :]
    for text in ("Manager", "$3.12", "of $25.00", "seen just now"):
        assert text in row


def test_it_adds_a_person_and_shows_a_password_once(client: Client, admin: Person) -> None:
    response = client.post("/people/add/", NEW)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    jon = Person.objects.get(username="jon")
    assert jon.check_password(shown_password(response.content.decode()))
    assert (jon.role, jon.name, limit_of(jon)) == ("manager", "Jon Berg", 12_500_000)
    assert not jon.is_superuser


def test_it_takes_a_chosen_password(client: Client, admin: Person) -> None:
    client.post("/people/add/", NEW | {"password": "tall-blue-harbour"})
    assert (
        Client().post("/login/", {"login": "jon", "password": "tall-blue-harbour"})["location"]
        == "/"
    )


def test_it_lets_no_sum_be_anything_but_money(client: Client, admin: Person) -> None:
    for odd in ("-1", "1.234", "1e3", "NaN", "Infinity", "١٢", "12 000", "0x10", "$"):
        response = client.post("/people/add/", NEW | {"limit": odd})
        assert response.status_code == 422, odd
        assert "Write dollars and cents" in response.content.decode()
        assert client.post("/people/limit/", {"limit": odd}).status_code == 422, odd
        answer = client.post(f"/people/{admin.pk}/limit/", {"limit": odd})
        assert answer.status_code == 422, odd
        assert "Write dollars and cents" in answer.content.decode()
    assert limit_of(None) is None
    assert limit_of(admin) is None
    assert not Person.objects.filter(username="jon").exists()


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("12,50", "Use a point before the cents"),
        ("1,000", "Use a point before the cents"),
        ("1,234.50", "Use a point before the cents"),
        ("1000000000", "This is too much"),
        ("9" * 40, "This is too much"),
    ],
)
def test_it_says_why_an_amount_is_none(
    client: Client, admin: Person, typed: str, reason: str
) -> None:
    for path in ("/people/add/", f"/people/{admin.pk}/limit/", "/people/limit/"):
        answer = client.post(path, NEW | {"limit": typed})
        assert answer.status_code == 422
        assert reason in answer.content.decode()
    assert limit_of(admin) is limit_of(None) is None


def test_a_refused_change_keeps_what_was_typed_in_its_form_alone(
    client: Client, admin: Person
) -> None:
    jon = make_person("jon")
    make_limit(jon.pk, 7_000_000)

    def limit_in(html: str) -> str:
        return str(re.findall(r'id="limit-\d+"[^>]* value="([^"]*)"', html)[0])

    for typed in ("12,50", "lots"):
        refused = client.post(f"/people/{jon.pk}/limit/", {"limit": typed})
        assert refused.status_code == 422
        assert limit_in(refused.content.decode()) == typed
    # What another form of the account was sent with changes nothing in this one.
    html = client.post(f"/people/{jon.pk}/password/", {"password": "<short>"}).content.decode()
    assert limit_in(html) == "7.00"
    assert html.count('value="&lt;short&gt;"') == 1
    last_admin = client.post(f"/people/{admin.pk}/role/", {"role": "manager"}).content.decode()
    assert last_admin.count('value="manager" selected') == 1


def test_it_answers_where_the_person_stands_among_many(client: Client, admin: Person) -> None:
    jon = make_person("jon")
    place = f"/people/#person-{jon.pk}"
    changes = [("role", {"role": "manager"}), ("limit", {"limit": "5"}), ("deactivate", {})]
    for path, given in [*changes, ("reactivate", {})]:
        assert client.post(f"/people/{jon.pk}/{path}/", given)["Location"] == place
    page = client.get("/people/").content.decode()
    assert f'id="person-{jon.pk}"' in page
    # Adding somebody takes no scrolling past all the others, nor past the studio's own figures.
    assert page.index('action="/people/add/"') < page.index('action="/people/limit/"')
    assert page.index('action="/people/add/"') < page.index('id="person-')
    [paused] = forms_to(client.get(f"/people/{jon.pk}/").content.decode(), "/queue/pause/")
    assert client.post("/queue/pause/", paused)["Location"] == f"/people/{jon.pk}/#person-{jon.pk}"
    refused = client.post(f"/people/{jon.pk}/limit/", {"limit": "x"}).content.decode()
    assert re.search(r'<p class="note bad" role="alert" tabindex="-1"\s+autofocus>', refused)
    fresh = client.post(f"/people/{jon.pk}/password/", {}).content.decode()
    assert f'href="{place}"' in fresh
    assert "They choose their own at the next login." in fresh
    own = client.post(f"/people/{admin.pk}/password/", {}).content.decode()
    assert "at the next login" not in own


@pytest.mark.parametrize(
    ("typed", "micros"),
    [
        ("25", 25_000_000),
        ("12.5", 12_500_000),
        ("0.01", 10_000),
        ("12345.67", 12_345_670_000),
        ("$ 7", 7_000_000),
        ("0", 0),
        ("999999999.99", 999_999_999_990_000),
        ("", None),
    ],
)
def test_it_sets_limits_exactly(
    client: Client, admin: Person, typed: str, micros: int | None
) -> None:
    make_limit(admin.pk, 1)
    make_limit(None, 1)
    assert client.post(f"/people/{admin.pk}/limit/", {"limit": typed}).status_code == 303
    assert client.post("/people/limit/", {"limit": typed}).status_code == 303
    assert limit_of(admin) == limit_of(None) == micros


@pytest.mark.parametrize("sent", [{}, {"monthly_limit": "5"}])
def test_a_form_without_the_field_lifts_no_limit(
    client: Client, admin: Person, sent: dict[str, str]
) -> None:
    make_limit(admin.pk, 1)
    make_limit(None, 2)
    for path in (f"/people/{admin.pk}/limit/", "/people/limit/"):
        answer = client.post(path, sent)
        assert answer.status_code == 422
        assert "Write dollars and cents" in answer.content.decode()
    assert (limit_of(admin), limit_of(None)) == (1, 2)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"username": "MARA"}, "Someone already uses this."),
        ({"email": "Mara@Example.org"}, "Someone already uses this."),
        ({"role": "owner"}, "Select a valid choice."),
        ({"password": "jonberg1"}, "too similar"),
        ({"password": "abc"}, "too short"),
        ({"username": "=cmd()"}, "Enter a valid username."),
    ],
)
def test_it_refuses_to_add_with_a_sentence(
    client: Client, admin: Person, changed: dict[str, str], sentence: str
) -> None:
    Person.objects.update(email="mara@example.org")
    response = client.post("/people/add/", NEW | changed)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert Person.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "taken"),
    [
        ("username", "Mara@Example.org"),
        ("email", "ann@example.org"),
        ("username", "ОЛЬГА"),
    ],
)
def test_nobody_gets_a_name_that_leads_to_another_account(
    client: Client, admin: Person, field: str, taken: str
) -> None:
    make_person("ann@example.org", email="mara@example.org")
    make_person("ольга")
    response = client.post("/people/add/", NEW | {field: taken})
    assert response.status_code == 422
    assert "Someone already uses this." in response.content.decode()
    assert Person.objects.count() == 3


def test_it_adds_once_however_often_the_form_is_posted(client: Client, admin: Person) -> None:
    answers = [client.post("/people/add/", NEW).status_code for _ in range(2)]
    assert answers == [200, 422]
    assert Person.objects.filter(username="jon").count() == 1


def test_it_changes_a_role_at_once(client: Client, admin: Person) -> None:
    jon = make_person()
    theirs = Client()
    theirs.force_login(jon)
    assert theirs.get("/costs/").status_code == 403
    assert client.post(f"/people/{jon.pk}/role/", {"role": "manager"}).status_code == 303
    assert theirs.get("/costs/").status_code == 200


@pytest.mark.parametrize(("path", "data"), [("role", {"role": "member"}), ("deactivate", {})])
def test_it_keeps_the_last_admin(
    client: Client, admin: Person, path: str, data: dict[str, str]
) -> None:
    response = client.post(f"/people/{admin.pk}/{path}/", data)
    assert response.status_code == 422
    assert "This is the last admin who can log in." in response.content.decode()
    assert client.get("/people/").status_code == 200


def test_it_shuts_a_person_out_and_lets_them_in_again(client: Client, admin: Person) -> None:
    jon = make_person("jon")
    theirs = Client()
    theirs.force_login(jon)
    login = {"login": "jon", "password": PASSWORD}
    assert client.post(f"/people/{jon.pk}/deactivate/").status_code == 303
    assert theirs.get("/account/").status_code == 302
    assert Client().post("/login/", login).headers.get("location") != "/"
    assert client.post(f"/people/{jon.pk}/reactivate/").status_code == 303
    assert theirs.get("/account/").status_code == 302
    assert Client().post("/login/", login)["location"] == "/"


def test_it_replaces_a_password_and_ends_the_sessions_of_the_old(
    client: Client, admin: Person
) -> None:
    jon = make_person("jon")
    theirs = Client()
    theirs.force_login(jon)
    response = client.post(f"/people/{jon.pk}/password/", {"password": ""})
    fresh = shown_password(response.content.decode())
    jon.refresh_from_db()
    assert jon.check_password(fresh)
    assert theirs.get("/account/").status_code == 302


def test_a_reload_of_the_page_of_a_password_makes_no_other(client: Client, admin: Person) -> None:
    once = NEW | {"click": client.get("/people/").context["click"]}
    assert client.post("/people/add/", once).status_code == 200
    assert client.post("/people/add/", once)["location"] == "/people/"
    jon = Person.objects.get(username="jon")
    form = {"password": "", "click": client.get(f"/people/{jon.pk}/").context["click"]}
    shown = client.post(f"/people/{jon.pk}/password/", form).content.decode()
    again = client.post(f"/people/{jon.pk}/password/", form)
    assert (again.status_code, again["location"]) == (303, f"/people/#person-{jon.pk}")
    jon.refresh_from_db()
    assert jon.check_password(shown_password(shown))


def test_it_refuses_a_weak_password_for_somebody(client: Client, admin: Person) -> None:
    jon = make_person("jon")
    response = client.post(f"/people/{jon.pk}/password/", {"password": "12345678"})
    assert response.status_code == 422
    jon.refresh_from_db()
    assert jon.check_password(PASSWORD)


def test_it_knows_nobody_by_a_made_up_number(client: Client, admin: Person) -> None:
    for path in ("role", "limit", "password", "deactivate", "reactivate"):
        assert client.post(f"/people/999999/{path}/").status_code == 404
        assert client.get(f"/people/{admin.pk}/{path}/").status_code == 405


def test_it_asks_the_database_as_often_for_many_people(
    client: Client, admin: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(20):
        make_charge(make_generation(make_person()))
    client.get("/people/")  # the session of a first request is written
    # One of them says which accounts the page is about, another how many there are, two whose login
    # needs two steps.
    with django_assert_max_num_queries(19):
        client.get("/people/")


def test_it_opens_nothing_before_a_given_password_is_changed(client: Client, admin: Person) -> None:
    client.post("/people/add/", NEW | {"password": FIRST})
    jon = Client()
    jon.post("/login/", {"login": "jon", "password": FIRST})
    for path in ("/", "/gallery/", "/costs/export.csv"):
        assert jon.get(path)["location"] == "/account/"
    assert jon.post("/generations/", {})["location"] == "/account/"
    page = jon.get("/account/").content.decode()
    # On a phone a form below the month and the theme would be out of sight.
    assert page.index("Choose your own") < page.index('name="now"') < page.index("Your month")
    same = {"now": FIRST, "password": FIRST, "again": FIRST}
    assert jon.post("/account/password/", same).status_code == 422
    own = same | {"password": "green-hill-farmer", "again": "green-hill-farmer"}
    assert jon.post("/account/password/", own)["location"] == "/"
    assert jon.get("/").status_code == 200
    page = jon.get("/account/").content.decode()
    assert page.index("Your month") < page.index('name="now"')
    assert jon.post("/account/password/", own | {"now": "green-hill-farmer"}).status_code == 422
    client.post(f"/people/{Person.objects.get(username='jon').pk}/password/")
    assert Person.objects.get(username="jon").must_change_password
