"""Accounts: who may be made, changed, shut out, and what never happens to the last admin."""

import pytest
from django.contrib.sessions.models import Session
from django.db import DataError, IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from omixa_studio.models import Act, Person
from omixa_studio.services import people
from omixa_studio.services.audit import STUDIO
from tests.factories import make_person

pytestmark = pytest.mark.django_db
GOOD = "tall-blue-harbour"


def test_it_makes_the_first_admin_once() -> None:
    first = people.make_first_admin("mara", GOOD)
    assert first
    assert (first.role, first.check_password(GOOD)) == ("admin", True)
    assert people.make_first_admin("jon", GOOD) is None
    assert Person.objects.count() == 1


def test_it_makes_the_admin_of_the_environment(settings: Settings) -> None:
    settings.ADMIN_USERNAME, settings.ADMIN_PASSWORD = "mara", GOOD
    settings.ADMIN_EMAIL = "mara@example.org"
    assert people.ensure_first_admin()
    made = Person.objects.get()
    assert (made.username, made.email, made.role) == ("mara", "mara@example.org", "admin")
    assert made.check_password(GOOD)


def test_it_leaves_accounts_alone_whatever_the_environment_says(settings: Settings) -> None:
    there = make_person("mara")
    settings.ADMIN_USERNAME, settings.ADMIN_PASSWORD = "mara", GOOD
    assert people.ensure_first_admin()
    there.refresh_from_db()
    assert (there.role, there.check_password(GOOD)) == ("member", False)


@pytest.mark.parametrize(
    ("username", "password", "email", "named"),
    [
        ("mara", "", "", "PASSWORD"),
        ("", GOOD, "", "USERNAME"),
        ("", "", "mara@example.org", "USERNAME"),
        ("mara", "harbr", "", "PASSWORD"),
        ("mara", "qwerty123", "", "PASSWORD"),
        ("two words", GOOD, "", "USERNAME"),
        ("mara", GOOD, "no address", "EMAIL"),
    ],
)
def test_it_says_why_the_environment_makes_no_admin(
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    username: str,
    password: str,
    email: str,
    named: str,
) -> None:
    settings.ADMIN_USERNAME, settings.ADMIN_PASSWORD = username, password
    settings.ADMIN_EMAIL = email
    assert not people.ensure_first_admin()
    assert "No account was made from STUDIO_ADMIN_*" in caplog.text
    assert f"STUDIO_ADMIN_{named}: " in caplog.text
    assert not password or password not in caplog.text
    assert not Person.objects.exists()


def test_it_asks_for_setup_without_an_account_or_an_environment() -> None:
    assert not people.ensure_first_admin()


def test_it_refuses_a_username_in_another_case() -> None:
    people.add_person("mara", GOOD, by=STUDIO)
    with pytest.raises(people.TakenError, match="username"):
        people.add_person("Mara", GOOD, by=STUDIO)


def test_it_refuses_an_address_that_somebody_logs_in_with() -> None:
    people.add_person("mara", GOOD, email="mara@example.org", by=STUDIO)
    with pytest.raises(people.TakenError, match="email"):
        people.add_person("jon", GOOD, email="Mara@Example.org", by=STUDIO)
    assert (
        people.add_person("ida", GOOD, by=STUDIO).email
        == people.add_person("eva", GOOD, by=STUDIO).email
        == ""
    )


def test_it_holds_one_account_per_address_whoever_writes() -> None:
    make_person(email="mara@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_person(email="MARA@example.org")


def test_it_forgets_sessions_that_have_run_out(client: Client) -> None:
    client.force_login(make_person())
    old = Session.objects.create(session_key="old", expire_date=timezone.now())
    people.forget_expired_sessions()
    assert not Session.objects.filter(pk=old.pk).exists()
    assert client.get("/account/").status_code == 200


def test_it_never_takes_the_last_admin_away() -> None:
    admin = make_person(role="admin")
    make_person(role="admin", is_active=False)
    make_person(role="manager")
    with pytest.raises(people.LastAdminError):
        people.change_role(admin, "manager", by=STUDIO)
    with pytest.raises(people.LastAdminError):
        people.deactivate(admin, by=STUDIO)
    admin.refresh_from_db()
    assert (admin.role, admin.is_active) == ("admin", True)


def test_it_lets_an_admin_go_while_there_is_another() -> None:
    admin, other = make_person(role="admin"), make_person(role="admin")
    people.change_role(admin, "member", by=STUDIO)
    with pytest.raises(people.LastAdminError):
        people.deactivate(other, by=STUDIO)


def test_it_ends_the_sessions_of_who_is_shut_out_for_good() -> None:
    person, other = make_person(), make_person()
    clients = {one.pk: Client() for one in (person, other)}
    for one in (person, other):
        clients[one.pk].force_login(one)
    people.deactivate(person, by=STUDIO)
    people.reactivate(person, by=STUDIO)
    assert clients[person.pk].get("/account/").status_code == 302
    assert clients[other.pk].get("/account/").status_code == 200
    assert Session.objects.count() == 1


def test_it_ends_sessions_when_a_password_is_replaced(client: Client) -> None:
    person = make_person()
    client.force_login(person)
    people.set_password(person, GOOD, by=STUDIO)
    assert client.get("/account/").status_code == 302


def test_it_makes_passwords_that_pass_and_differ() -> None:
    made = {people.new_password() for _ in range(50)}
    assert len(made) == 50
    assert all(len(password) == 19 for password in made)


def test_nobody_is_added_without_the_limit_that_was_asked_for() -> None:
    more_than_the_column_takes = 2**63
    with pytest.raises((OverflowError, DataError)):
        people.add_person("ida", GOOD, by=STUDIO, limit_micros=more_than_the_column_takes)
    assert not Person.objects.exists()
    assert not Act.objects.exists()
