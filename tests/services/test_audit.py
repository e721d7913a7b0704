"""The log of acts: what was done is written with it or not at all, and stays as it is."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from omixa_studio.models import Act, ActKind
from omixa_studio.queries.acts import SoughtActs, acts
from omixa_studio.services import audit
from omixa_studio.services.audit import Actor
from tests.factories import make_person

pytestmark = pytest.mark.django_db


def test_it_says_who_did_what_to_whom_and_from_where() -> None:
    person = make_person("jon")
    person.first_name = "Jonathan"
    by = Actor(7, "mara", "203.0.113.9", "Mara")
    audit.write(ActKind.ROLE, by=by, whom=person, before="member", after="admin")
    act = Act.objects.get()
    assert (act.who_id, act.who_name, act.address) == (7, "mara", "203.0.113.9")
    assert (act.kind, act.whom_id, act.whom_name) == ("role", person.pk, "jon")
    assert (act.before, act.after, act.thing) == ("member", "admin", "")


def test_pages_of_days_repeat_no_act_and_leave_none_out() -> None:
    for number in range(5):
        audit.write(ActKind.LOGIN, by=Actor(number, "mara", "", ""))
    sought, seen = SoughtActs(first=timezone.localdate() - timedelta(days=1)), list[int]()
    for _page in range(3):
        seen += [act.pk for act in acts(sought)[:2]]
        sought = replace(sought, before=seen[-1])
    assert seen == sorted((act.pk for act in Act.objects.all()), reverse=True)


def test_it_refuses_to_change_and_to_delete_acts() -> None:
    audit.write(ActKind.LOGIN, by=audit.STUDIO)
    every = Act.objects.all()
    for spoil in (lambda: every.update(who_name="nobody"), lambda: every.delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            spoil()
    assert Act.objects.get().who_name == ""


def test_it_cuts_what_is_too_long_for_its_column() -> None:
    audit.write(ActKind.MODEL, by=Actor(1, "n" * 500, "a" * 99), thing="m" * 999, after="v" * 999)
    act = Act.objects.get()
    assert [len(text) for text in (act.who_name, act.address, act.thing, act.after)] == [
        150,
        45,
        200,
        200,
    ]
