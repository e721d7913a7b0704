"""Uploading a bill and choosing its columns."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from omixa_studio.models import BackgroundJob, BillFile
from tests.factories import make_person

pytestmark = pytest.mark.django_db

ROWS = "Time;Price;<i>Note</i>\r\n2026-11-20 12:00:00;0,04;<b>x</b>\r\n"


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(make_person(role="admin"))
    return client


def upload(client: Client, data: bytes) -> HttpResponse:
    sent = {"file": SimpleUploadedFile("bill.csv", data)}
    return client.post(reverse("bill_upload"), sent, follow=True)  # type: ignore[return-value]


def chosen(**fields: str) -> dict[str, str]:
    told = {"encoding": "utf-8-sig", "separator": ";", "decimal": ",", "minus": "plus"}
    return {**told, "dates": "iso", "zone": "utc", "time": "0", "amount": "1", **fields}


def test_a_preview_shows_what_is_read_before_anything_is(admin: Client) -> None:
    html = upload(admin, ROWS.encode()).content.decode()
    assert "The amount has a comma" not in html
    assert "&lt;b&gt;x&lt;/b&gt;" in html
    assert "<i>Note" not in html
    file = BillFile.objects.get()
    path = reverse("bill_file", args=[file.pk])
    html = admin.post(path, chosen(preview="1")).content.decode()
    assert "$0.040" in html
    assert not BackgroundJob.objects.exists()
    assert admin.post(path, chosen()).status_code == 303
    assert BackgroundJob.objects.get().kind == "bill_import"
    file.refresh_from_db()
    assert file.mapping
    assert file.mapping["columns"] == {"time": 0, "amount": 1}


@pytest.mark.parametrize(
    "fields", [{"time": ""}, {"amount": "9"}, {"encoding": "x"}, {"separator": "tab"}]
)
def test_odd_choices_are_refused(admin: Client, fields: dict[str, str]) -> None:
    upload(admin, ROWS.encode())
    path = reverse("bill_file", args=[BillFile.objects.get().pk])
    assert admin.post(path, chosen(**fields)).status_code == 422
    assert not BackgroundJob.objects.exists()


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n" + bytes(500), b"x" * 3_000_000])
def test_what_is_no_bill_is_refused_with_a_sentence(admin: Client, data: bytes) -> None:
    html = upload(admin, data).content.decode()
    assert any(said in html for said in ("This file", "Choose a CSV file", "This is no CSV file"))
    assert not BillFile.objects.exists()


def test_the_same_file_leads_to_the_one_there_is(admin: Client) -> None:
    upload(admin, ROWS.encode())
    assert "booked twice" in upload(admin, ROWS.encode()).content.decode()
    assert BillFile.objects.count() == 1
