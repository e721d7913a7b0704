"""The page of all limits: who reads it, who changes it, what it says."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from omixa_studio.models import Act, Limit, LimitRaise, Person, Scope, StudioSettings
from omixa_studio.models.ledger import today
from omixa_studio.models.periods import next_start
from omixa_studio.services import ledger, limits
from omixa_studio.services.audit import STUDIO
from omixa_studio.services.budget import set_limit
from tests.factories import make_charge, make_generation, make_person, make_project

pytestmark = pytest.mark.django_db
OF_MEMBERS = {
    "scope": "role",
    "role": "member",
    "amount": "60",
    "period": "week",
    "strength": "hard",
}


@pytest.fixture
def admin(client: Client) -> Client:
    """The client of an admin who entered the password just now."""
    client.force_login(make_person(role="admin"))
    return client


def test_it_shows_what_is_spent_reserved_and_left(admin: Client) -> None:
    person = make_person()
    make_charge(make_generation(person), amount_micros=1_500_000)
    ledger.hold(make_generation(person, state="queued", held_micros=250_000))
    set_limit(Scope.PERSON, person.pk, 5_000_000)
    page = admin.get("/limits/").content.decode()
    for amount in ("$5.00 a month", "$1.50", "$0.25", "$3.25"):
        assert amount in page
    assert "at 00:00, UTC time" in page


def test_it_says_how_many_wait_beyond_a_limit(admin: Client) -> None:
    person, other = make_person(), make_person()
    for whose, times in ((person, 5), (other, 3)):
        rows = [make_generation(whose, state="queued") for _each in range(times)]
        ledger.hold(*rows)
    set_limit(Scope.PERSON, person.pk, 90_000)
    set_limit(Scope.PERSON, other.pk, 120_000)
    soft = {"scope": Scope.STUDIO, "subject": "", "period": "day", "hard": False}
    Limit.objects.create(**soft, amount_micros=10_000)
    page = " ".join(admin.get("/limits/").content.decode().split())
    assert page.count("do not fit any more") == 1
    assert "3 waiting requests do not fit any more ($0.120 reserved)" in page


@pytest.mark.parametrize(
    ("scope", "named", "subject"),
    [
        ("studio", {}, ""),
        ("role", {"role": "manager"}, "manager"),
        ("model", {"model": "imagen-4.0-generate-001"}, "imagen-4.0-generate-001"),
    ],
)
@pytest.mark.parametrize("strength", ["hard", "soft"])
def test_it_adds_a_limit_of_every_scope(
    admin: Client, scope: str, named: dict[str, str], subject: str, strength: str
) -> None:
    sent = {"scope": scope, "amount": "12.50", "period": "day", "strength": strength, **named}
    assert admin.post("/limits/add/", sent).status_code == 303
    limit = Limit.objects.get()
    assert (limit.scope, limit.subject, limit.period) == (scope, subject, "day")
    assert (limit.amount_micros, limit.hard) == (12_500_000, strength == "hard")
    assert Act.objects.filter(kind="limit").count() == 1
    assert admin.post("/limits/add/", sent).status_code == 422


def test_it_names_people_and_projects(admin: Client) -> None:
    person, project = make_person(first_name="Mara"), make_project(name="Autumn")
    for named in (
        {"scope": "person", "person": person.username},
        {"scope": "project", "project": str(project.pk)},
    ):
        sent = {**named, "amount": "5", "period": "month", "strength": "hard"}
        assert admin.post("/limits/add/", sent).status_code == 303
    assert set(Limit.objects.values_list("subject", flat=True)) == {str(person.pk), str(project.pk)}
    page = admin.get("/limits/").content.decode()
    assert "Mara" in page
    assert "Autumn" in page
    assert admin.post("/limits/add/", {"scope": "person", "amount": "5"}).status_code == 422


def test_an_undo_brings_back_the_amount_that_was_removed() -> None:
    set_limit(Scope.STUDIO, "", 5_000_000)
    read_before = Limit.objects.get()
    limits.change_amount(Limit.objects.get(), 7_000_000, by=STUDIO)
    removed = limits.remove_limit(read_before, by=STUDIO)
    limits.restore_limit(removed, by=STUDIO)
    assert Limit.objects.get().amount_micros == 7_000_000


def test_it_undoes_a_removal_with_its_raises(admin: Client) -> None:
    admin.post("/limits/add/", OF_MEMBERS)
    limit = Limit.objects.get()
    sent = {"extra": "5", "until": "month", "reason": "covers"}
    admin.post(f"/limits/{limit.pk}/raise/", sent)
    answer = admin.post(f"/limits/{limit.pk}/remove/", follow=True)
    assert not Limit.objects.exists()
    [undo] = [m.extra_tags for m in answer.context["messages"] if "undo:" in m.extra_tags]
    admin.post(undo.removeprefix("undo:"))
    assert Limit.objects.get().amount_micros == 60_000_000
    back = LimitRaise.objects.get()
    assert (back.extra_micros, back.reason) == (5_000_000, "covers")
    assert back.until == next_start("month", today())
    assert admin.post("/limits/restore/?limit=made-up").status_code == 404


def test_it_raises_until_the_end_of_a_day(admin: Client) -> None:
    set_limit(Scope.STUDIO, "", 1_000_000)
    limit, day = Limit.objects.get(), today() + timedelta(days=3)
    for until, end in (
        ({"until": "day"}, next_start("day", today())),
        ({"until": "date", "day": day.isoformat()}, next_start("day", day)),
    ):
        admin.post(f"/limits/{limit.pk}/raise/", {"extra": "5", **until})
        granted = LimitRaise.objects.latest("pk")
        assert granted.until == end
        admin.post(f"/limits/raises/{granted.pk}/end/")
        assert not LimitRaise.objects.exists()
    for wrong in ({"until": "date"}, {"until": "date", "day": "2020-01-01"}, {"extra": "0"}):
        sent = {"extra": "5", "until": "day", **wrong}
        assert admin.post(f"/limits/{limit.pk}/raise/", sent).status_code == 422


def test_managers_read_and_change_nothing(client: Client) -> None:
    client.force_login(make_person(role="manager"))
    set_limit(Scope.STUDIO, "", 1_000_000)
    page = client.get("/limits/").content.decode()
    assert "Everybody together" in page
    assert "/limits/add/" not in page
    assert client.post("/limits/add/", OF_MEMBERS).status_code == 403
    assert Limit.objects.count() == 1


def test_it_shows_no_raise_that_is_over(admin: Client) -> None:
    set_limit(Scope.STUDIO, "", 1_000_000)
    LimitRaise.objects.create(
        limit=Limit.objects.get(), extra_micros=7_000_000, until=timezone.now()
    )
    assert "$7.00 more" not in admin.get("/limits/").content.decode()


def test_new_people_get_the_limit_that_is_set_for_them(admin: Client) -> None:
    older = make_person()
    sent = {"default_amount": "25", "default_period": "week"}
    assert admin.post("/limits/default/", sent).status_code == 303
    assert StudioSettings.objects.get().default_limit_micros == 25_000_000
    for name, typed, expected in (
        ("mara", {}, 25_000_000),
        ("jon", {"limit": "3", "period": "week"}, 3_000_000),
        ("ida", {"limit": ""}, None),
    ):
        admin.post("/people/add/", {"username": name, "role": "member", **typed})
        limits = Limit.objects.filter(subject=str(Person.objects.get(username=name).pk))
        assert list(limits.values_list("amount_micros", "period")) == (
            [(expected, "week")] if expected else []
        )
    assert not Limit.objects.filter(subject=str(older.pk)).exists()
