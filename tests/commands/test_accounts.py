"""Django's own commands for accounts keep the studio's rules."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib.auth.management.commands import changepassword
from django.core.management import CommandError, call_command
from django.test import Client

from omixa_studio.models import Act, Person
from omixa_studio.services.audit import Actor
from omixa_studio.services.factors import add_app
from tests.factories import make_person

pytestmark = pytest.mark.django_db
FRESH = "tall-blue-harbour"


def type_in(monkeypatch: Any, password: str) -> None:
    monkeypatch.setattr(changepassword.Command, "_get_pass", lambda *_: password)


def test_a_new_password_from_the_machine_is_written_down(monkeypatch: Any) -> None:
    person = make_person("mara")
    type_in(monkeypatch, FRESH)
    call_command("changepassword", "mara")
    person.refresh_from_db()
    assert person.check_password(FRESH)
    act = Act.objects.get()
    assert (act.kind, act.who_id, act.whom_id) == ("password_given", 0, person.pk)


def test_one_that_breaks_the_rules_is_neither_taken_nor_written_down(monkeypatch: Any) -> None:
    make_person("mara")
    type_in(monkeypatch, "short")
    with pytest.raises(CommandError):
        call_command("changepassword", "mara")
    assert not Act.objects.exists()


def test_lost_second_steps_are_removed_on_the_machine(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    person = make_person("mara", email="mara@example.org")
    with pytest.raises(CommandError, match="has no second step"):
        call_command("resetfactors", "mara")
    add_app(person, generate_totp_secret(), 1, by=Actor(person.pk))
    client.force_login(person)
    call_command("resetfactors", "mara@example.org")
    assert not Authenticator.objects.exists()
    assert client.get("/").status_code == 302
    told = capsys.readouterr().out
    assert "/login/" in told
    assert "/account/two-step/" in told
    act = Act.objects.get(kind="factors_reset")
    assert (act.who_id, act.whom_id, act.after) == (0, person.pk, "1")
    with pytest.raises(CommandError, match="Nobody"):
        call_command("resetfactors", "jon")


def test_no_account_is_made_past_the_rules() -> None:
    with pytest.raises(CommandError, match="/people/"):
        call_command("createsuperuser", "--noinput", "--username", "eve", "--email", "e@x.org")
    assert not Person.objects.exists()
