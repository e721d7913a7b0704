"""The page of reports by mail, and the mail itself."""

import re
from datetime import UTC, date, datetime
from email.message import Message
from typing import Any

import pytest
from django.core import mail as outbox
from django.test import Client

from omixa_studio.env import Mail
from omixa_studio.models import Act, Person, Report, ReportMail
from omixa_studio.presenters.costs.report_mail import mail_of_report
from omixa_studio.services import ledger, reports
from tests.factories import hold, make_generation, make_person, make_report

pytestmark = pytest.mark.django_db
OCTOBER = {"first": date(2026, 10, 1), "last": date(2026, 10, 31)}


@pytest.fixture
def admin(client: Client) -> Person:
    person = make_person("ada", role="admin", email="ada@example.org")
    client.force_login(person)
    return person


def buy(person: Person, billed: int = 40_000, **fields: Any) -> None:
    made = make_generation(
        person,
        created_at=datetime(2026, 10, 5, 12, tzinfo=UTC),
        month="2026-10",
        prompt="a secret lighthouse",
        **fields,
    )
    made.refresh_from_db()
    hold(made)
    ledger.capture(made, billed, "", pictures=1)


def form(*people: Person, **fields: Any) -> dict[str, Any]:
    usual = {"name": "Costs by model", "address": "", "when": "month-1", "hour": "8"}
    return usual | {"people": [person.pk for person in people]} | fields


def parts_of(person: Person, **fields: Any) -> dict[str, str]:
    """Return the parts of a report's mail by type, as they go over the wire."""
    report = make_report(person, **fields)
    mail = mail_of_report(ReportMail(report=report, person=person, **OCTOBER))
    message: Message = mail.message()
    found = {}
    for part in message.walk():
        if not part.is_multipart():
            found[part.get_content_type()] = part.get_payload(decode=True).decode()  # type: ignore[union-attr]
    return found | {"subject": str(message["Subject"]), "to": str(message["To"])}


def test_an_admin_makes_a_report(client: Client, admin: Person) -> None:
    mara = make_person("mara", role="manager", email="mara@example.org")
    address = (
        "https://studio.example/costs/?from=2026-10-01&to=2026-10-31&by=person&then=week&page=3"
    )
    answer = client.post("/costs/reports/add/", form(mara, address=address, when="week-5"))
    report = Report.objects.get()
    assert answer["Location"] == f"/costs/reports/#report-{report.pk}"
    assert (report.query, report.every, report.on) == ("by=person&then=week", "week", 5)
    html = client.get("/costs/reports/").content.decode()
    assert "Weekly, Friday at 08:00" in html
    assert "By person and week" in html
    assert Act.objects.get(kind="report_made").after == "week 5 8:00 mara"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"when": "month-29"},
        {"hour": "24"},
        {"address": "/costs/?by=nothing"},
        {"people": []},
    ],
)
def test_what_makes_no_sense_is_refused(
    client: Client, admin: Person, wrong: dict[str, Any]
) -> None:
    answer = client.post("/costs/reports/add/", form(admin) | wrong)
    assert answer.status_code == 422
    assert not Report.objects.exists()


def test_nobody_is_chosen_who_sees_no_costs(client: Client, admin: Person) -> None:
    jon = make_person("jon", email="jon@example.org")
    assert client.post("/costs/reports/add/", form(admin, jon)).status_code == 422


def test_a_report_is_changed_deleted_and_restored(client: Client, admin: Person) -> None:
    report = make_report(admin)
    client.post(f"/costs/reports/{report.pk}/change/", form(admin, name="Weekly", when="week-2"))
    report.refresh_from_db()
    assert (report.name, report.on) == ("Weekly", 2)
    client.post(f"/costs/reports/{report.pk}/delete/")
    assert "Weekly" not in client.get("/costs/reports/").content.decode().partition('id="new"')[0]
    assert client.post(f"/costs/reports/{report.pk}/send/").status_code == 404
    client.post(f"/costs/reports/{report.pk}/restore/")
    assert "Weekly" in client.get("/costs/reports/").content.decode()


def test_it_says_when_there_is_no_mail(client: Client, admin: Person) -> None:
    report = make_report(admin)
    assert "EMAIL_URL is not set" in client.get("/costs/reports/").content.decode()
    client.post(f"/costs/reports/{report.pk}/send/")
    assert not ReportMail.objects.exists()


def test_by_hand_it_reaches_the_admin(client: Client, admin: Person, settings: Any) -> None:
    settings.MAIL = Mail(host="mail.example")
    buy(admin)
    report = make_report(admin)
    client.post(f"/costs/reports/{report.pk}/send/")
    reports.send_due(lambda mail: mail_of_report(mail).send())
    [sent] = outbox.outbox
    assert sent.to == ["ada@example.org"]


def test_the_mail_has_the_review_as_html_text_and_csv(admin: Person) -> None:
    buy(make_person("jon"), 1_234_567)
    buy(admin, 100)
    parts = parts_of(admin, query="by=person", name="What we\nspent")
    assert parts["subject"] == "What we spent: October 2026"
    html, text, table = parts["text/html"], parts["text/plain"], parts["text/csv"]
    assert "<th" in html
    for part in (html, text):
        assert "$1.235" in part
        assert "jon" in part
    assert "&lt;$0.001" in html
    assert "jon,1,1.234567" in table
    assert "by=person" in html


def test_the_mail_brings_everything_along(admin: Person) -> None:
    buy(admin)
    html = parts_of(admin)["text/html"]
    assert not re.search(r"<(script|img|link|iframe|form)\b|url\(|@import|javascript:", html)
    assert "prefers-color-scheme: dark" in html


def test_no_prompt_is_in_it(admin: Person) -> None:
    buy(make_person("jon"))
    assert all("lighthouse" not in part for part in parts_of(admin, query="by=tag").values())


def test_what_people_wrote_is_escaped(admin: Person) -> None:
    buy(make_person("jon", first_name="<script>=1"))
    parts = parts_of(admin, query="by=person", name="<b>Costs</b>")
    assert "<script>" not in parts["text/html"]
    assert "<b>" not in parts["text/html"]


def test_many_rows_and_columns_are_in_the_file_alone(admin: Person) -> None:
    for n in range(45):
        buy(make_person(f"person{n}"), model=f"model{n % 10}")
    parts = parts_of(admin, query="by=person&then=model")
    assert parts["text/html"].count("<tr") < 60
    assert "5 more rows are in the attached file." in parts["text/html"]
    assert parts["text/csv"].count("\r\n") == 46


def test_it_is_in_the_language_of_its_reader(admin: Person) -> None:
    admin.language = "ru"
    html = parts_of(admin)["text/html"]
    assert 'lang="ru"' in html
    assert "октябрь 2026" in html.lower()


def test_the_preview_runs_nothing(client: Client, admin: Person) -> None:
    report = make_report(admin)
    answer = client.get(f"/costs/reports/{report.pk}/preview/")
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "Nothing was generated on these days." in answer.content.decode()
