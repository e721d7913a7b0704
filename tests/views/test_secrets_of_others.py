"""Every page and file of money that links lead to: costs to those who may see them, no secrets."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client

from omixa_studio.forms.costs import GROUPINGS
from omixa_studio.models import Person
from omixa_studio.services import curating, kept, tagging
from tests.factories import (
    hold,
    make_bill_match,
    make_budget_request,
    make_charge,
    make_collection,
    make_generation,
    make_person,
    make_picture,
    make_preset,
    make_project,
    make_top_up,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models_toml")]

SECRET = "Zephyr"
MOST_PAGES = 90
# Other pages are no pages of money, or lead back to these.
PLACES = (
    *("/costs/", "/spending/", "/limits/", "/requests/", "/projects/", "/notices/", "/jobs/"),
    *("/exports/", "/team/", "/people/"),
)
FILES = ("costs/export.csv", "costs/review.csv", "costs/focus.csv", "costs/focus-unknown.csv")


@pytest.fixture
def hanna() -> Person:
    """Somebody whose requests, pictures, collection, tag and preset are private."""
    person = make_person("hanna")
    secret = f"{SECRET} over a vault"
    preset = make_preset(person, f"{SECRET} preset")
    template = {"prompt": f"{SECRET} {{{{where}}}}", "values": {}}
    states: dict[str, dict[str, Any]] = {
        "done": {"template": template, "template_key": -9, "preset_id": preset.pk},
        "failed": {"error_kind": "policy"},
        "unknown": {"charged": "unknown"},
        "queued": {},
    }
    for state, more in states.items():
        made = make_generation(person, state=state, prompt=secret, billed_micros=987_000, **more)
        hold(made)
        if state in ("done", "failed"):
            make_charge(made, amount_micros=987_000, pictures=int(state == "done"))
    for fate in (curating.star, curating.reject, curating.trash):
        made = make_generation(person, prompt=secret, billed_micros=987_000)
        hold(made)
        make_charge(made, amount_micros=987_000, pictures=1)
        picture = make_picture(made, cost_micros=987_000)
        tagging.tag_pictures(person, [picture.pk], f"{SECRET} tag")
        make_collection(person, picture, name=f"{SECRET} box")
        fate(person, picture.pk)
    choice = {"model": made.model, "values": {"prompt": secret}, "held_micros": 987_000}
    kept_order = {"choices": [{**choice, "project": None}], "retry_of": None, "run": None}
    make_budget_request(person, kept=kept_order, held_micros=987_000)
    make_bill_match(person)
    make_top_up()
    make_project(person, name="Autumn")
    kept.merge(most=1000)
    return person


def groupings(place: str) -> Iterator[str]:
    for by in GROUPINGS:
        yield from (f"{place}?by={by}&then={then}" for then in ("", "person", "tag", "day"))


def read_all(client: Client, places: tuple[str, ...], *begin: str) -> dict[str, str]:
    """Return what is said at some addresses, and at those in some places that they lead to."""
    found: dict[str, str] = {}
    ahead = list(begin)
    while ahead and len(found) < MOST_PAGES:
        address = ahead.pop(0)
        if address in found:
            continue
        answer = client.get(address)
        body = b"".join(answer) if answer.streaming else answer.content
        found[address] = text = body.decode("utf-8", "replace")
        assert answer.status_code < 500, address
        if answer.headers["Content-Type"].startswith("text/html"):
            links = [urljoin(address, unescape(one)) for one in re.findall(r'href="([^"]+)"', text)]
            pages = [one for one in links if urlsplit(one).path.startswith(places)]
            # Where nobody was yet first: a page of costs leads to hundreds like itself.
            new = {urlsplit(one).path for one in pages} - {urlsplit(one).path for one in found}
            ahead = [one for one in pages if urlsplit(one).path in new] + ahead + pages
    return found


def test_a_manager_sees_costs_and_no_secrets(client: Client, hanna: Person) -> None:
    client.force_login(make_person("mila", role="manager"))
    begin = [*(f"/{file}" for file in FILES), *PLACES, *groupings("/costs/")]
    found = read_all(client, PLACES, *begin)
    assert "0.987" in found["/costs/export.csv"]
    assert [address for address, text in found.items() if SECRET.lower() in text.lower()] == []


def test_a_member_sees_nothing_of_others(client: Client, hanna: Person) -> None:
    client.force_login(make_person("mara"))
    places = ("/spending/", "/requests/", "/projects/", "/notices/", "/jobs/", "/exports/")
    found = read_all(client, places, *places, *groupings("/spending/"))
    for word in (SECRET.lower(), "0.987", "hanna", "autumn"):
        assert [(word, address) for address, text in found.items() if word in text.lower()] == []
