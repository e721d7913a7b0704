"""The log of acts: what people do is in it, with who and from where; admins read and export it."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from omixa_studio.models import Act, ActKind, BlindTest, Person, Preset
from omixa_studio.services import audit, ledger, pauses
from omixa_studio.services.audit import Actor
from tests.factories import (
    PASSWORD,
    make_blind_test,
    make_generation,
    make_person,
    make_preset,
    make_project,
)
from tests.pages import folded

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]
NEW = {"username": "ida", "name": "", "email": "", "role": "manager", "limit": ""}
FRESH = "tall-blue-harbour"
Does = Callable[[Client, Person, Person], Any]


@pytest.fixture
def admin(client: Client) -> Person:
    admin = make_person("ada", role="admin")
    client.force_login(admin)
    return admin


def last() -> Act:
    return Act.objects.latest("id")


def told(act: Act) -> tuple[str, str, str, str]:
    return act.kind, act.whom_name or act.thing, act.before, act.after


def decide(client: Client, admin: Person, jon: Person) -> Any:
    row = make_generation(jon, state="unknown", charged="unknown", settled_by=None, pk=77)
    ledger.hold(row)
    return client.post("/unknown/77/", {"outcome": "charged", "amount": "0.04"})


def resume(client: Client, admin: Person, jon: Person) -> Any:
    pauses.pause("sandbox", "rate", error=[])
    return client.post("/pause/resume")


def change_model(client: Client, admin: Person, jon: Person) -> Any:
    change = {"slug": "gpt-image-1.5", "change": "off"}
    return client.post("/models/apply/", change)


def let_in_again(client: Client, admin: Person, jon: Person) -> Any:
    Person.objects.filter(pk=jon.pk).update(is_active=False)
    return client.post(f"/people/{jon.pk}/reactivate/")


def own_password(client: Client, admin: Person, jon: Person) -> Any:
    given = {"now": PASSWORD, "password": FRESH, "again": FRESH}
    return client.post("/account/password/", given)


def close_test(client: Client, admin: Person, jon: Person) -> Any:
    test = make_blind_test(jon, pk=12)
    Person.objects.filter(pk=jon.pk).update(is_active=False)
    return client.post(f"/tests/{test.pk}/close/")


def on_preset(act: str, **data: str) -> Does:
    def does(client: Client, admin: Person, jon: Person) -> Any:
        preset = make_preset(jon, team=True)
        if act == "restore":
            Preset.objects.update(deleted_at=timezone.now())
        return client.post(reverse(f"preset_{act}", args=[preset.pk]), data)

    return does


def post(path: str, **data: str) -> Does:
    return lambda client, admin, jon: client.post(path.format(jon.pk), data)


ACTS: list[tuple[Does, tuple[str, str, str, str]]] = [
    (post("/people/add/", **NEW), ("person_added", "ida", "", "manager")),
    (post("/people/{}/role/", role="admin"), ("role", "jon", "member", "admin")),
    (post("/people/{}/limit/", limit="12.50"), ("limit", "jon", "", "12.500000")),
    (post("/people/limit/", limit="99"), ("limit", "studio", "", "99.000000")),
    (post("/people/{}/password/"), ("password_given", "jon", "", "")),
    (post("/people/{}/deactivate/"), ("deactivated", "jon", "", "")),
    (let_in_again, ("reactivated", "jon", "", "")),
    (own_password, ("password", "", "", "")),
    (decide, ("cost", "G-77", "", "0.040000")),
    (resume, ("resumed", "sandbox", "", "")),
    (change_model, ("model", "gpt-image-1.5", "", "enabled = False")),
    (close_test, ("test_closed", "jon", "", "")),
    (
        on_preset("change", preset_name="Silk", preset_team="yes"),
        ("preset_renamed", "jon", "Linen", "Silk"),
    ),
    (on_preset("change", preset_name="Linen"), ("preset_unshared", "jon", "", "")),
    (on_preset("delete"), ("preset_deleted", "jon", "", "")),
    (on_preset("restore"), ("preset_restored", "jon", "", "")),
    (post("/logout/"), ("logout", "", "", "")),
]


@pytest.mark.parametrize(("act", "row"), ACTS, ids=[row[0] + row[1] for _, row in ACTS])
def test_it_writes_down_what_an_admin_does(
    client: Client, admin: Person, act: Does, row: tuple[str, str, str, str]
) -> None:
    jon = make_person("jon")
    act(client, admin, jon)
    assert told(last()) == row
    assert (last().who_id, last().who_name, last().address) == (admin.pk, "ada", "127.0.0.1")
    assert Act.objects.exclude(kind="proved").count() == 1


def test_it_writes_nothing_of_what_an_admin_does_to_own_things(
    client: Client, admin: Person
) -> None:
    test, preset = make_blind_test(admin), make_preset(admin, team=True)
    assert client.post(f"/tests/{test.pk}/close/").status_code == 303
    for act in ("change", "delete", "restore"):
        address = reverse(f"preset_{act}", args=[preset.pk])
        assert client.post(address, {"preset_name": "Silk"}).status_code == 303
    assert not Act.objects.exists()


@pytest.mark.parametrize(
    "act", [on_preset("change", preset_name="Silk"), on_preset("delete"), close_test]
)
def test_what_cannot_be_written_down_is_not_done(
    client: Client, admin: Person, monkeypatch: pytest.MonkeyPatch, act: Does
) -> None:
    client.raise_request_exception = False
    monkeypatch.setattr(Act, "save", lambda *_, **__: 1 / 0)
    assert act(client, admin, make_person("jon")).status_code == 500
    assert not Preset.objects.exclude(name="Linen", team=True, deleted_at=None).exists()
    assert not BlindTest.objects.exclude(closed_at=None).exists()


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/people/{}/role/", {"role": "emperor"}),
        ("/people/{}/limit/", {"limit": "lots"}),
        ("/people/add/", NEW | {"username": "jon"}),
        ("/people/{}/password/", {"password": "short"}),
        ("/models/apply/", {"slug": "unheard-of", "change": "off"}),
        ("/pause/resume", {}),
    ],
)
def test_it_writes_nothing_of_what_was_refused(
    client: Client, admin: Person, path: str, data: dict[str, str]
) -> None:
    client.post(path.format(make_person("jon").pk), data)
    assert not Act.objects.exists()


def test_it_writes_down_logins_and_whose_password_was_guessed(client: Client) -> None:
    jon = make_person("jon", email="jon@example.org")
    client.post("/login/", {"login": "jon@example.org", "password": "wrong"})
    assert (told(last()), last().who_id) == (("login_failed", "jon", "", ""), 0)
    client.post("/login/", {"login": "jon", "password": PASSWORD})
    assert (told(last()), last().who_id) == (("login", "", "", ""), jon.pk)
    Person.objects.filter(pk=jon.pk).update(is_active=False)
    Client().post("/login/", {"login": "jon", "password": PASSWORD})
    assert told(last()) == ("login_failed", "jon", "", "inactive")


def test_it_keeps_no_name_that_nobody_has_since_it_may_be_a_password(client: Client) -> None:
    make_person("jon")
    client.post("/login/", {"login": "my-secret-password", "password": "x"})
    assert told(last()) == ("login_failed", "", "", "")


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "198.51.100.7, 203.0.113.9", "203.0.113.9"),
        (1, "<script>", ""),
        (2, "203.0.113.9, 2001:db8:0::7", "203.0.113.9"),
    ],
)
def test_it_takes_the_address_from_behind_the_trusted_proxies(
    client: Client, admin: Person, settings: Settings, proxies: int, header: str, address: str
) -> None:
    settings.PROXIES = proxies
    client.post("/people/limit/", {"limit": "9"}, headers={"X-Forwarded-For": header})
    assert last().address == address


def write(kind: ActKind, number: int, **facts: Any) -> None:
    audit.write(kind, by=Actor(number, f"person{number}", "203.0.113.9"), **facts)


def test_it_shows_a_page_of_them_and_leads_to_older_ones(client: Client, admin: Person) -> None:
    for number in range(1, 251):
        write(ActKind.MODEL, 1, thing=f"model-{number:03d}")
    seen, path = [], "/log/"
    while path:
        sheet = client.get(path).context["sheet"]
        seen += [line.whom for line in sheet.lines]
        path = f"/log/{sheet.older}" if sheet.older else ""
    assert seen == [f"model-{number:03d}" for number in range(250, 0, -1)]


def test_it_narrows_to_a_person_an_act_and_days(client: Client, admin: Person) -> None:
    jon = make_person("jon")
    write(ActKind.LOGIN, jon.pk)
    write(ActKind.ROLE, 999, whom=jon, before="member", after="admin")
    write(ActKind.LOGIN, 999)

    def found(**query: Any) -> list[str]:
        return [line.what for line in client.get("/log/", query).context["sheet"].lines]

    assert found(person=jon.pk) == ["Changed a role", "Logged in"]
    assert found(kind="login", person=jon.pk) == ["Logged in"]
    assert found(q="JÔN") == found(person=jon.pk)
    assert found(q="nobody") == []
    today = timezone.localdate()
    assert len(found(**{"from": today, "to": today})) == 3
    assert found(to=today - timedelta(days=1)) == found(**{"from": today + timedelta(days=1)}) == []
    for odd in ("kind=x", "from=soon", "person=-1", "to=0001-01-01", "from=9999-12-31"):
        assert client.get(f"/log/?{odd}").status_code == 422
        assert client.get(f"/log/export.csv?{odd}").status_code == 422


def test_it_finds_people_of_the_log_however_they_are_spelled(
    client: Client, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    fyodor = make_person("fyodor", first_name="Фёдор")
    write(ActKind.LOGIN, fyodor.pk)
    write(ActKind.LOGIN, 999)
    for most in (200, 0):
        monkeypatch.setattr("omixa_studio.queries.acts.MOST_PEOPLE", most)
        for words in ("ФЕДОР", "фёдор", "FYODOR"):
            sheet = client.get("/log/", {"q": words}).context["sheet"]
            assert len(sheet.lines) == 1, words
            assert sheet.name == words
    assert client.get("/log/", {"person": fyodor.pk}).context["sheet"].name == "fyodor"
    exported = b"".join(client.get("/log/export.csv", {"q": "ФЕДОР"})).decode()
    assert exported.count("login") == 1


def test_it_says_them_in_words(client: Client, admin: Person) -> None:
    write(ActKind.ROLE, 1, whom=admin, before="member", after="admin")
    write(ActKind.LIMIT, 1, thing="studio", before="", after="12.500000")
    write(ActKind.COST, 1, thing="G-7", after="0.000000")
    html = folded(client.get("/log/").content.decode())
    for words in ("Member → Admin", "no limit → $12.50", "The whole studio", "not charged"):
        assert words in html


def test_it_names_the_thing_of_a_person_and_counts_requests(client: Client, admin: Person) -> None:
    run = "run 1a2b3c4d-0000-4000-8000-123456789abc"
    write(ActKind.CANCELLED, 1, whom=admin, thing=run, after="1")
    write(ActKind.CANCELLED, 1, whom=admin, thing="G-7", after="12")
    write(ActKind.CANCELLED, 1, thing="sandbox", after="3")
    write(ActKind.PAUSED, 1, whom=admin, thing="sandbox", after="too dear")
    lines = client.get("/log/").context["sheet"].lines
    assert [(line.whom, line.change) for line in lines] == [
        ("ada", "too dear"),
        ("Everyone", "3 requests"),
        ("ada · G-7", "12 requests"),
        ("ada · run 1a2b3c4d", "1 request"),
    ]


@pytest.mark.parametrize(
    ("kind", "facts", "whom", "change"),
    [
        (ActKind.PAUSED, {"thing": "sandbox"}, "Everyone", ""),
        (ActKind.RESUMED, {"thing": "www.omixa.cloud"}, "Everyone · www.omixa.cloud", ""),
        (ActKind.CANCELLED, {"thing": "limit", "after": "2"}, "Everyone · over the limit", None),
        (ActKind.LOST_CLOSED, {"thing": "studio", "after": "1"}, "The whole studio", "1 request"),
        (ActKind.MODEL, {"thing": "m-1", "after": "enabled = False"}, "m-1", "switched off"),
        (ActKind.LINK_MADE, {"thing": "link 7", "after": "Spring"}, "guest link 7", "Spring"),
        (
            ActKind.PICTURES_EXPORTED,
            {"thing": "export 3", "after": "12 client"},
            "export 3",
            "12 pictures · For a client",
        ),
        (ActKind.COMMENT_REMOVED, {"thing": "picture 9"}, "picture 9", ""),
        (ActKind.MODEL, {"thing": "m-1", "after": "enabled = True"}, "m-1", "switched on"),
        (
            ActKind.MODEL,
            {"thing": "m-1", "after": "image_price = 0.03"},
            "m-1",
            "$0.030 per picture",
        ),
        (
            ActKind.MODEL,
            {"thing": "m-1", "after": "like = m-0, name = A, B, image_price = 1"},
            "m-1",
            "like m-0, called A, B, $1.00 per picture",
        ),
        (ActKind.MODEL, {"thing": "m-1", "after": "default_model"}, "m-1", "default for everyone"),
        (ActKind.PRICES_FORGOTTEN, {"thing": "m-1", "before": "0.250000"}, "m-1", "$0.250"),
        (ActKind.TEST_CLOSED, {"thing": "test 12"}, "blind test 12", ""),
        (ActKind.PRESET_DELETED, {"thing": "studio"}, "studio", ""),
        (ActKind.PRESET_RENAMED, {"before": "Linen", "after": "Silk"}, "", "Linen → Silk"),
        (
            ActKind.EXPORTED,
            {"thing": "costs", "after": "2026-11-01 – …"},
            "Costs",
            "1 November 2026 – …",
        ),
        # A limit as older rows tell it, without its scope.
        (
            ActKind.LIMIT,
            {"thing": "limit_day member", "after": "5"},
            "All members together · limit a day",
            "no limit → $5.00",
        ),
        (
            ActKind.LIMIT,
            {"thing": "notice_week gpt-image-1.5", "before": "5"},
            "GPT Image 1.5 · soft limit a week",
            "$5.00 → no limit",
        ),
        (
            ActKind.BUDGET_GRANTED,
            {"before": "5.000000", "after": "2 until 2026-11-30 00:00 UTC"},
            "",
            "$5.00 → $2.00 more until 2026-11-30 00:00 UTC",
        ),
        (
            ActKind.BUDGET_GRANTED,
            {"before": "5", "after": "2 2026-12-01T00:00:00+00:00"},
            "",
            "$5.00 → $2.00 more until 30 November 2026",
        ),
        (ActKind.BUDGET_DECLINED, {"before": "5"}, "", "$5.00"),
        (
            ActKind.APPROVERS,
            {"thing": "managers", "before": "no", "after": "yes"},
            "Managers",
            "may not answer → may answer",
        ),
        (ActKind.PRICES_FORGOTTEN, {"thing": "gpt-image-1.5"}, "GPT Image 1.5", ""),
        (ActKind.TOPPED_UP, {"thing": "2026-11-02", "after": "25"}, "2 November 2026", "$25.00"),
        (ActKind.BILL_IMPORTED, {"thing": "2026-11-02"}, "2026-11-02", ""),
        (ActKind.REPORT_MADE, {"thing": "report 3"}, "report 3", ""),
    ],
)
def test_it_says_things_in_words_and_not_as_they_are_kept(
    client: Client,
    admin: Person,
    kind: ActKind,
    facts: dict[str, str],
    whom: str,
    change: str | None,
) -> None:
    write(kind, 1, **facts)
    [line] = client.get("/log/").context["sheet"].lines
    assert line.whom == whom
    assert change is None or line.change.startswith(change)


def test_an_act_that_changes_nothing_is_no_row(client: Client, admin: Person) -> None:
    jon = make_person("jon")
    presses = [("role", "manager"), ("limit", "5"), ("deactivate", ""), ("reactivate", "")]
    for path, value in presses:
        for _time in range(2):
            client.post(f"/people/{jon.pk}/{path}/", {path: value})
    preset = make_preset(jon, team=True)
    for act in ("delete", "restore"):
        for _time in range(2):
            client.post(reverse(f"preset_{act}", args=[preset.pk]))
    client.post(
        reverse("preset_change", args=[preset.pk]), {"preset_name": "Linen", "preset_team": "yes"}
    )
    kinds = Act.objects.order_by("pk").values_list("kind", flat=True)
    people = ["role", "limit", "deactivated", "reactivated"]
    assert list(kinds) == [*people, "preset_deleted", "preset_restored"]


def test_an_export_is_a_row_with_its_days(client: Client, admin: Person) -> None:
    costs = "/costs/export.csv?from=2026-11-01&to=2026-11-20"
    client.head(costs)
    assert not Act.objects.exists()
    assert client.get(costs)["Content-Disposition"].endswith('"costs-2026-11-01-2026-11-20.csv"')
    assert told(last()) == ("exported", "costs", "", "2026-11-01 – 2026-11-20")
    client.get("/log/export.csv?from=2026-11-01")
    assert told(last()) == ("exported", "log", "", "2026-11-01 – …")
    client.get("/log/export.csv")
    assert told(last()) == ("exported", "log", "", "")
    assert (last().who_name, last().address) == ("ada", "127.0.0.1")
    # Nothing is taken by a form that is refused, nor by who may not.
    client.get("/costs/export.csv?from=never")
    client.force_login(make_person())
    client.get(costs)
    assert Act.objects.count() == 3


def test_it_says_how_many_calls_and_requests_in_the_language_of_the_reader(
    client: Client, admin: Person
) -> None:
    write(ActKind.DEACTIVATED, 1, whom=admin, after="5")
    write(ActKind.LOST_CLOSED, 1, thing="studio", after="2")
    for kind, count in ((ActKind.PAUSED, 1), (ActKind.RESUMED, 3), (ActKind.PAUSED, 0)):
        write(kind, 1, thing="sandbox", after=f"older_copy {count}")

    def said(language: str) -> list[str]:
        answer = client.get("/log/", headers={"Accept-Language": language})
        return [line.change for line in answer.context["sheet"].lines]

    assert said("en") == [
        "an older copy of the database",
        "an older copy of the database · 3 requests",
        "an older copy of the database · 1 request",
        "2 requests",
        "5 requests",
    ]
    assert said("ru") == [
        "более старая копия базы данных",
        "более старая копия базы данных · 3 запроса",
        "более старая копия базы данных · 1 запрос",
        "2 запроса",
        "5 запросов",
    ]


def test_it_marks_guesses_and_leads_back_to_the_newest(client: Client, admin: Person) -> None:
    write(ActKind.LOGIN_FAILED, 0)
    write(ActKind.PROOF_FAILED, 1)
    write(ActKind.LOGIN, 1)
    page = client.get("/log/")
    assert [line.failed for line in page.context["sheet"].lines] == [False, True, True]
    assert "Newest" not in page.content.decode()
    older = client.get(f"/log/?kind=login&before={last().pk + 1}").content.decode()
    assert '<a class="button" href="/log/?kind=login">Newest</a>' in older


def test_it_says_what_to_do_where_nothing_is_found(client: Client, admin: Person) -> None:
    html = folded(client.get("/log/?kind=login").content.decode())
    assert "Try another person, another action or more days." in html
    assert "Show everything" in html


def test_it_exports_what_is_sought_and_runs_nothing(client: Client, admin: Person) -> None:
    write(ActKind.MODEL, 1, thing="x;=1+1", after="=2+2")
    write(ActKind.LOGIN, 2)
    answer = client.get("/log/export.csv?kind=model")
    text = b"".join(answer).decode()
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [(row["act"], row["who"], row["address"]) for row in rows] == [
        ("model", "person1", "203.0.113.9")
    ]
    assert (rows[0]["thing"], rows[0]["after"]) == ("x;'=1+1", "'=2+2")


def test_it_asks_the_database_as_often_however_many_there_are(
    client: Client, admin: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(120):
        write(ActKind.LOGIN, 1)
    with django_assert_max_num_queries(10):
        client.get("/log/")


def logged(client: Client) -> list[tuple[str, str]]:
    """What each row of the log applies to and says, oldest first."""
    page = client.get("/log/").content.decode()
    found = re.findall(r'class="(?:whom|details)" role="cell"><bdi>(.*?)</bdi>', page)
    return list(zip(found[::2], found[1::2], strict=True))[::-1]


def test_limits_and_rules_stand_there_by_name(client: Client, admin: Person) -> None:
    fair = make_project(name="Fair")
    make_person("jon")
    kinds = [
        {"scope": "role", "role": "member", "period": "week"},
        {"scope": "model", "model": "gpt-image-1.5", "period": "day", "strength": "soft"},
        {"scope": "project", "project": str(fair.pk), "period": "month"},
        {"scope": "person", "person": "jon", "period": "day"},
        {"scope": "studio", "period": "month"},
    ]
    for kind in kinds:
        answer = client.post("/limits/add/", {"amount": "5", "strength": "hard", **kind})
        assert answer.status_code == 303
    client.post("/limits/default/", {"default_amount": "9", "default_period": "week"})
    rule = {"scope": "role", "subject": "member", "dearest": "0.10", "most_pictures": "4"}
    models, values = {"allowed_models": ["gpt-image-1.5"]}, {"forbidden": ["size=4K"]}
    assert client.post("/limits/rules/save/", {**rule, **models, **values}).status_code == 303
    client.post("/limits/rules/admins/", {"free": "yes"})
    assert logged(client) == [
        ("All members together · limit a week", "no limit → $5.00"),
        ("GPT Image 1.5 · soft limit a day", "no limit → $5.00"),
        ("Fair · limit a month", "no limit → $5.00"),
        ("jon · limit a day", "no limit → $5.00"),
        ("The whole studio", "no limit → $5.00"),
        ("New people · limit a week", "no limit → $9.00"),
        (
            "Member",
            "dearest request $0.100 · most pictures 4 · only GPT Image 1.5 · size not 4K",
        ),
        ("Admin", "free of the rules"),
    ]
