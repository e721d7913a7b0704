"""The bill beside the ledger: managers read it without prompts, admins settle differences."""

from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from omixa_studio.models import (
    BackgroundJob,
    BillAnswer,
    BillDay,
    BillMatch,
    BillNote,
    Charge,
    Kind,
)
from tests.factories import make_bill_match, make_gateway_key, make_person

pytestmark = pytest.mark.django_db


def client_of(role: str) -> Client:
    client = Client()
    client.force_login(make_person(role=role))
    return client


@pytest.fixture
def manager() -> Client:
    return client_of("manager")


@pytest.fixture
def admin() -> Client:
    return client_of("admin")


@pytest.fixture
def match() -> BillMatch:
    return make_bill_match(make_person("anna"))


def test_days_show_both_sums_and_say_that_a_gap_proves_nothing(
    match: BillMatch, manager: Client
) -> None:
    html = manager.get(reverse("matching")).content.decode()
    assert "$0.040" in html
    assert "$0.050" in html
    assert "+$0.010" in html
    assert "1 difference" in html
    assert "A missing entry proves nothing" in html
    assert reverse("matching_start") not in html


def test_it_says_whose_bills_are_compared(manager: Client) -> None:
    make_gateway_key("Acme", on_own_bill=True)
    for source, sentence in (
        ("log", "Only the account of the environment's key is compared."),
        ("file", "Several accounts are billed"),
    ):
        html = unescape(manager.get(reverse("matching"), {"source": source}).content.decode())
        assert sentence in html
        assert "Acme" in html


def test_managers_read_a_day_and_a_row_without_prompts(match: BillMatch, manager: Client) -> None:
    for path in ("matching_day", "matching_row"):
        number = match.bill_day_id if path == "matching_day" else match.pk
        html = manager.get(reverse(path, args=[number])).content.decode()
        assert f"G-{match.generation_id}" in html
        assert "Near in time" in html
        assert "harbour" not in html
        assert "<textarea" not in html


def test_an_adjustment_needs_a_note_and_the_confirmation(match: BillMatch, admin: Client) -> None:
    path = reverse("matching_adjust", args=[match.pk])
    for sent in ({}, {"note": "As billed."}, {"confirmed": "on"}, {"note": " ", "confirmed": "on"}):
        answer = admin.post(path, sent)
        assert answer.status_code == 422
        assert "errorlist" in answer.content.decode()
    assert not Charge.objects.filter(kind=Kind.ADJUSTMENT).exists()
    for _ in range(2):
        answer = admin.post(path, {"note": "As billed.", "confirmed": "on"})
        assert answer.status_code == 303
    assert Charge.objects.get(kind=Kind.ADJUSTMENT).amount_micros == 10_000
    assert "adjusted" in admin.get(answer["Location"]).content.decode()


def test_a_difference_is_explained_with_note_and_name(match: BillMatch, admin: Client) -> None:
    admin.post(reverse("matching_explain", args=[match.pk]), {"note": "<b>A test.</b>"})
    html = admin.get(reverse("matching_row", args=[match.pk])).content.decode()
    assert "&lt;b&gt;A test." in html
    assert BillNote.objects.get().by_name in html
    assert BillDay.objects.get().open == 0


def test_the_sums_of_a_day_are_explained(match: BillMatch, admin: Client) -> None:
    path = reverse("matching_day_explain", args=[match.bill_day_id])
    assert admin.post(path, {}).status_code == 422
    assert admin.post(path, {"note": "Rounded."}).status_code == 303
    assert (
        "Rounded." in admin.get(reverse("matching_day", args=[match.bill_day_id])).content.decode()
    )


def test_comparing_goes_on_in_the_background(admin: Client) -> None:
    for _ in range(2):
        assert admin.post(reverse("matching_start")).status_code == 303
    assert BackgroundJob.objects.get().kind == "matching"


def test_what_was_just_compared_appears_without_a_reload(admin: Client) -> None:
    path, script = reverse("matching"), {"HX-Request": "true"}
    assert "Nothing was compared yet" in admin.get(path).content.decode()
    assert 'data-poll="compared"' not in admin.get(path).content.decode()
    admin.post(reverse("matching_start"))
    page = admin.get(path).content.decode()
    assert 'data-poll="compared"' in page
    assert "Nothing was compared yet" not in page
    assert 'data-poll="compared"' not in admin.get(f"{path}?source=file").content.decode()
    polled = unescape(page.split(f'hx-get="{path}')[1].partition('"')[0])
    assert admin.get(f"{path}{polled}", headers=script).status_code == 204
    make_bill_match(make_person("anna"))
    BackgroundJob.objects.update(state="done")
    part = admin.get(f"{path}{polled}", headers=script).content.decode()
    assert "$0.050" in part
    assert "data-poll" not in part
    assert "<h1>" not in part


def test_another_target_is_not_there(match: BillMatch, admin: Client) -> None:
    BillDay.objects.update(target="www.omixa.cloud")
    kept = BillAnswer.objects.create(target="www.omixa.cloud", what="requests", body="{}")
    for path in (
        reverse("matching_day", args=[match.bill_day_id]),
        reverse("matching_row", args=[match.pk]),
        reverse("matching_answer", args=[kept.pk]),
    ):
        assert admin.get(path).status_code == 404


def test_an_answer_is_a_text_to_download(admin: Client) -> None:
    kept = BillAnswer.objects.create(target="sandbox", what="requests", body="<script>x</script>")
    answer = admin.get(reverse("matching_answer", args=[kept.pk]))
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert "attachment" in answer["Content-Disposition"]


@pytest.mark.parametrize("query", ["?source=x", "?before=x", "?source=file&before=2026-11-01"])
def test_odd_filters_are_none(match: BillMatch, manager: Client, query: str) -> None:
    assert manager.get(reverse("matching") + query).status_code == 200


def test_a_day_opens_by_its_key_however_long_it_is(match: BillMatch, manager: Client) -> None:
    told = {"bill_day": match.bill_day, "kind": "equal", "at": match.at}
    BillMatch.objects.bulk_create(BillMatch(**told) for _ in range(120))
    path = reverse("matching_day", args=[match.bill_day_id])
    html = manager.get(path).content.decode()
    assert html.count("<tr>") == 51
    after = html.split("after=")[1].split('"')[0]
    assert manager.get(f"{path}?after={after}").content.decode().count("<tr>") == 51
    assert manager.get(f"{path}?kind=equal&after={after}").content.decode().count("<tr>") == 51


def test_a_line_booked_as_nobodys_is_in_every_file_of_costs(
    match: BillMatch, admin: Client
) -> None:
    BillMatch.objects.filter(pk=match.pk).update(
        kind="bill_only", generation_id=0, here_micros=None
    )
    path = reverse("matching_adjust", args=[match.pk])
    assert admin.post(path, {"note": "Lost.", "confirmed": "on"}).status_code == 303
    rows = admin.get(reverse("costs_export")).getvalue().decode()
    [row] = [line for line in rows.splitlines() if ",0.050000" in line]
    assert row.split(",")[4] == ""
    rows = admin.get(reverse("costs_focus")).getvalue().decode()
    assert sum("0.050000" in line for line in rows.splitlines()) == 1
