"""The table of screens: whole, without doubles, and the only home of their addresses."""

import json
import re
from functools import cache
from pathlib import Path

import pytest
from django.test import Client
from django.urls import clear_script_prefix, reverse, set_script_prefix

from omixa_studio.places import PLACES, SCRIPT_ROUTES, SUB_PAGES, addresses_for, links_of, numbered
from omixa_studio.urls import urlpatterns
from tests.factories import make_person

PROJECT = Path(__file__).resolve().parent.parent
SCRIPTS, TEMPLATES, MODULES = (
    [path.relative_to(PROJECT) for path in sorted((PROJECT / room).rglob(f"*.{kind}"))]
    for room, kind in (("static/js", "js"), ("templates", "html"), ("omixa_studio", "py"))
)
# The gateway's own addresses are not ours; the server answers one before Django is asked.
OURS = [path for path in MODULES if path.parts[1] not in ("gateway", "sandbox", "serving")]
ADDRESS = re.compile(r"\baddress\(\"(\w+)\"")
HEADS = sorted({str(one.pattern).split("/")[0] for one in urlpatterns} - {""})
WRITTEN = re.compile(rf"""["'`](?:/(?:{"|".join(HEADS)})\b|/\?)|(?:href|action|src)=["']/["']""")


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


def test_the_bar_counts_what_waits_up_to_99() -> None:
    for waiting, shown in ((1, "1"), (99, "99"), (100, "99+")):
        links = links_of("admin", "/", {"unknown": waiting})
        assert [link.counted for link in links if link.count] == [shown]


def test_every_place_has_a_label_of_its_own() -> None:
    labels = [str(place.label) for place in PLACES]
    assert all(labels)
    assert len(set(labels)) == len(labels)


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["member", "manager", "admin"])
def test_bar_keys_and_script_say_the_same(client: Client, role: str) -> None:
    client.force_login(make_person(role=role))
    html = client.get(reverse("account")).content.decode()
    open_to = [place for place in PLACES if role in place.roles]
    places = [place for place in open_to if place.in_bar and not place.waits]
    bar = html.split('<nav class="places"')[1].split("</nav>")[0]
    assert re.findall(r'href="([^"]+)"', bar) == [reverse(place.name) for place in places]
    keys = re.findall(r"<kbd>g</kbd> <kbd>(.)</kbd></dt><dd>([^<]+)</dd>", html)
    assert keys == [(place.key, str(place.label)) for place in open_to if place.key]
    given = html.split('<script id="addresses" type="application/json">')[1].split("</script>")[0]
    assert json.loads(given) == addresses_for(role)
    assert json.loads(given)["chords"] == {
        place.key: reverse(place.name) for place in open_to if place.key
    }


def test_the_script_uses_the_addresses_it_is_given_and_no_other() -> None:
    asked = {name for path in SCRIPTS for name in ADDRESS.findall(read(path))}
    assert asked <= set(SCRIPT_ROUTES)
    text = "".join(read(path) for path in [*SCRIPTS, *TEMPLATES])
    assert [name for name in SCRIPT_ROUTES if not re.search(rf"\"{name}\"|\b{name}: ", text)] == []


def test_no_address_is_written_out() -> None:
    wrong = [str(path) for path in [*SCRIPTS, *TEMPLATES, *OURS] if WRITTEN.search(read(path))]
    assert wrong == [], "an address comes from the name of its route"


@cache
def read(path: Path) -> str:
    return (PROJECT / path).read_text(encoding="utf-8")


@pytest.mark.parametrize("prefix", ["/", "/studio/0/"])
def test_it_puts_a_number_where_the_route_has_it(prefix: str) -> None:
    set_script_prefix(prefix)
    try:
        for name in ("picture", "picture_thumb"):
            assert numbered(name)(50) == reverse(name, args=[50])
    finally:
        clear_script_prefix()
