"""Forms that count each time they arrive: sent twice by a double click, they count once."""

import re
from collections.abc import Sequence

import pytest
from django.db.models import Model
from django.test import Client

from omixa_studio.models import LimitRaise, Report, Scope, TopUp
from omixa_studio.services.budget import set_limit
from tests.factories import make_person

pytestmark = pytest.mark.django_db

RAISE = {"extra": "5", "until": "week"}
TOP_UP = {"amount": "100", "day": "2026-11-20"}
REPORT = {"name": "Costs", "address": "", "when": "month-1", "hour": "8"}


@pytest.mark.parametrize(
    ("page", "action", "sent", "made"),
    [
        ("/limits/", r"/limits/\d+/raise/", RAISE, LimitRaise),
        ("/costs/wallet/", "/costs/wallet/add/", TOP_UP, TopUp),
        ("/costs/reports/", "/costs/reports/add/", REPORT, Report),
    ],
)
def test_the_same_form_counts_once(
    client: Client, page: str, action: str, sent: dict[str, str], made: type[Model]
) -> None:
    admin = make_person(role="admin", email="ada@example.org")
    set_limit(Scope.STUDIO, "", 9_000_000)
    client.force_login(admin)

    def shown() -> Sequence[str]:
        html = client.get(page).content.decode()
        form = rf'action="({action})".*?name="click" value="(\w+)"'
        found = re.search(form, html, re.DOTALL)
        assert found
        return found.groups()

    address, click = shown()
    form = {**sent, "people": [admin.pk], "click": click}
    for _sent in range(2):
        assert client.post(address, form).status_code == 303
    assert made._default_manager.count() == 1
    assert "sent already" in client.get(page).content.decode()
    client.post(address, form | {"click": shown()[1]})
    assert made._default_manager.count() == 2
