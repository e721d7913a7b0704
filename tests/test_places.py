"""The table of screens: whole, without doubles, and the only home of their addresses."""

import json
import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from omixa_studio.places import PLACES, SCRIPT_ROUTES, SUB_PAGES, addresses_for
from omixa_studio.urls import urlpatterns
from tests.factories import make_person

PROJECT = Path(__file__).resolve().parent.parent
SCRIPTS = sorted((PROJECT / "static" / "js").rglob("*.js"))
ADDRESS = re.compile(r"\baddress\(\"(\w+)\"")


def test_it_names_routes_that_exist() -> None:
    routes = {pattern.name for pattern in urlpatterns}
    assert {place.name for place in PLACES} | SUB_PAGES | set(SCRIPT_ROUTES) <= routes


def test_a_page_is_a_place_or_a_page_below_one() -> None:
    names = [place.name for place in PLACES]
    assert len(set(names)) == len(names)
    assert not SUB_PAGES & set(names)


def test_a_key_leads_to_one_place() -> None:
    keys = [place.key for place in PLACES if place.key]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch("[a-z]", key) for key in keys)


def test_every_place_has_a_label_of_its_own() -> None:
    labels = [str(place.label) for place in PLACES]
    assert all(labels)
    assert len(set(labels)) == len(labels)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["member", "manager", "admin"])
def test_bar_keys_and_script_say_the_same(client: Client, role: str) -> None:
    client.force_login(make_person(role=role))
    html = client.get(reverse("account")).content.decode()
    places = [place for place in PLACES if role in place.roles and not place.waits]
    bar = html.split('<nav class="places"')[1].split("</nav>")[0]
    assert re.findall(r'href="([^"]+)"', bar) == [reverse(place.name) for place in places]
    keys = re.findall(r"<kbd>g</kbd> <kbd>(.)</kbd></dt><dd>([^<]+)</dd>", html)
    assert keys == [(place.key, str(place.label)) for place in places if place.key]
    given = html.split('<script id="addresses" type="application/json">')[1].split("</script>")[0]
    assert json.loads(given) == addresses_for(role)
    assert json.loads(given)["chords"] == {
        place.key: reverse(place.name) for place in places if place.key
    }


def test_the_script_uses_the_addresses_it_is_given_and_no_other() -> None:
    used = {name for path in SCRIPTS for name in ADDRESS.findall(path.read_text(encoding="utf-8"))}
    assert used == set(SCRIPT_ROUTES)
