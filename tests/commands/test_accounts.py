"""Django's own commands for accounts keep the studio's rules."""

from typing import Any

import pytest
from django.contrib.auth.management.commands import changepassword
from django.core.management import CommandError, call_command

from omixa_studio.models import Act, Person
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


def test_no_account_is_made_past_the_rules() -> None:
    with pytest.raises(CommandError, match="/people/"):
        call_command("createsuperuser", "--noinput", "--username", "eve", "--email", "e@x.org")
    assert not Person.objects.exists()
