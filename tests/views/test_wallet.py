"""The wallet: managers read it, admins enter and take back."""

import pytest
from django.test import Client
from django.urls import reverse

from omixa_studio.models import TopUp
from tests.factories import make_person, make_top_up

pytestmark = pytest.mark.django_db


def client_of(role: str) -> Client:
    client = Client()
    client.force_login(make_person(role=role))
    return client


def test_an_admin_enters_a_top_up_and_takes_it_back() -> None:
    admin = client_of("admin")
    sent = {"amount": "120.50", "day": "2026-11-20", "note": "<b>Card</b>"}
    assert admin.post(reverse("wallet_add"), sent).status_code == 303
    row = TopUp.objects.get()
    html = admin.get(reverse("wallet")).content.decode()
    assert "$120.50" in html
    assert "&lt;b&gt;Card" in html
    assert admin.post(reverse("wallet_take_back", args=[row.pk])).status_code == 303
    html = admin.get(reverse("wallet")).content.decode()
    assert "\N{MINUS SIGN}$120.50" in html
    assert "No top-up was entered yet" in html


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"amount": "0", "day": "2026-11-20"},
        {"amount": "-5", "day": "2026-11-20"},
        {"amount": "1,5", "day": "2026-11-20"},
        {"amount": "5", "day": "2999-01-01"},
        {"amount": "5", "day": "1999-01-01"},
        {"amount": "5", "day": "2026-11-20", "note": "x" * 201},
        {"amount": "9" * 10, "day": "2026-11-20"},
    ],
)
def test_odd_top_ups_are_refused(sent: dict[str, str]) -> None:
    assert client_of("admin").post(reverse("wallet_add"), sent).status_code == 422
    assert not TopUp.objects.exists()


def test_managers_see_it_and_can_change_nothing() -> None:
    row = make_top_up()
    html = client_of("manager").get(reverse("wallet")).content.decode()
    assert "$100.00" in html
    assert "<textarea" not in html
    assert reverse("wallet_take_back", args=[row.pk]) not in html


def test_the_line_about_a_low_wallet_stands_on_every_page_of_an_admin() -> None:
    admin = client_of("admin")
    sent = {"amount": "3", "day": "2026-11-20"}
    admin.post(reverse("wallet_add"), sent)
    assert "nearly empty" in admin.get(reverse("studio")).content.decode()
    assert "nearly empty" not in client_of("manager").get(reverse("studio")).content.decode()
    admin.post(reverse("wallet_least"), {"least": "1"})
    assert "nearly empty" not in admin.get(reverse("studio")).content.decode()
