"""Many accounts: found by folded words, sorted, a page at a time; a save keeps one's place."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from omixa_studio.models import Person
from omixa_studio.presenters.admin.people import PAGE
from omixa_studio.services import ledger
from tests.factories import make_charge, make_generation, make_person
from tests.pages import forms_to

pytestmark = pytest.mark.django_db
SCRIPT = {"HX-Request": "true"}


def listed(client: Client, query: str = "") -> list[str]:
    """The usernames or names on the page, in their order."""
    html = client.get(f"/people/{query}").content.decode()
    return re.findall(
        r'class="who">\s*<strong [^>]*>(.*?)</strong>', html.partition('id="found"')[2]
    )


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ÜBERSICHT", ["übersicht"]),
        ("ubersicht", ["übersicht"]),
        ("еж", ["Ёжик"]),
        ("ЁЖ", ["Ёжик"]),
        ("obi ada", ["Ada Obi"]),
        ("OBI@Example", ["Ada Obi"]),
        ("%", []),
        ("_", []),
        ("nobody", []),
        ("  ", ["Ada Obi", "mara", "übersicht", "Ёжик"]),
    ],
)
def test_it_finds_people_however_their_names_are_spelled(
    client: Client, admin: Person, typed: str, found: list[str]
) -> None:
    make_person("ada", first_name="Ada", last_name="Obi", email="obi@example.org")
    make_person("übersicht")
    Person.objects.bulk_create([Person(username="ezhik", first_name="Ёжик")])
    assert listed(client, f"?q={quote(typed)}") == found


def test_it_sorts_by_name_spending_and_last_seen(client: Client, admin: Person) -> None:
    now = timezone.now()
    jon, ilze = make_person("jon"), make_person("Ilze", last_login=now - timedelta(days=3))
    make_person("gone", is_active=False)
    make_charge(make_generation(jon, created_at=now - timedelta(days=9)), amount_micros=9_000_000)
    ledger.hold(make_generation(ilze, state="queued", created_at=now - timedelta(days=90)))
    assert listed(client) == ["Ilze", "jon", "mara", "gone"]
    assert listed(client, "?sort=spent") == ["jon", "Ilze", "gone", "mara"]
    assert listed(client, "?sort=seen") == ["mara", "Ilze", "jon", "gone"]
    assert listed(client, "?sort=spent&q=i") == ["Ilze"]


def test_a_page_holds_few_however_many_there_are(client: Client, admin: Person) -> None:
    Person.objects.bulk_create(Person(username=f"p{n:03}", password="x") for n in range(199))
    html = client.get("/people/").content.decode()
    assert html.count('<li class="person') == PAGE
    assert f"1–{PAGE} of 200" in " ".join(html.split())
    assert len(html) < 80_000
    assert html.count("<") - html.count("</") < 2_000
    pages = [listed(client, f"?page={n}") for n in range(1, 200 // PAGE + 1)]
    assert len({name for page in pages for name in page}) == 200
    # Past the end is the last page, and what is no page is the first.
    assert listed(client, "?page=999999") == pages[-1]
    for odd in ("0", "-1", "x", "9" * 40):
        assert listed(client, f"?page={odd}&sort=odd") == pages[0]
    # Links keep what was asked for.
    html = client.get("/people/?q=p0&sort=spent&page=2").content.decode()
    assert 'href="?q=p0&amp;sort=spent" rel="prev"' in html
    assert 'href="?q=p0&amp;sort=seen"' in html


def test_what_can_be_changed_comes_when_it_is_asked_for(client: Client, admin: Person) -> None:
    jon = make_person("jon")
    assert f"/people/{jon.pk}/limit/" not in client.get("/people/").content.decode()
    part = client.get(f"/people/{jon.pk}/", headers=SCRIPT).content.decode()
    assert "<html" not in part
    page = client.get(f"/people/{jon.pk}/?next=/people/%3Fq=jon").content.decode()
    assert 'href="/people/?q=jon"' in page
    for html in (part, page):
        for act in ("role", "limit", "password", "deactivate"):
            assert len(forms_to(html, f"/people/{jon.pk}/{act}/")) == 1
    elsewhere = client.get(f"/people/{jon.pk}/?next=//evil.example").content.decode()
    assert 'href="//evil' not in elsewhere


def test_a_save_keeps_the_place(client: Client, admin: Person) -> None:
    jon = make_person("jon")
    here = f"/people/?q=j&page=1#person-{jon.pk}"
    seen = {**SCRIPT, "HX-Current-URL": "http://testserver/people/?q=j&page=1"}
    part = client.get(f"/people/{jon.pk}/", headers=seen).content.decode()
    [form] = forms_to(part, f"/people/{jon.pk}/limit/")
    form = {name: unescape(value) for name, value in form.items()}
    assert form["next"] == here
    assert client.post(f"/people/{jon.pk}/limit/", {**form, "limit": "x"}).status_code == 422
    saved = client.post(f"/people/{jon.pk}/limit/", {**form, "limit": "7"})
    assert saved["Location"] == here
    # With script the line alone is drawn anew.
    line = client.post(f"/people/{jon.pk}/role/", {"role": "manager"}, headers=seen)
    html = line.content.decode()
    assert (line.status_code, html.count('<li class="person')) == (200, 1)
    assert "<html" not in html
    assert "jon has a new role." in html
    assert "Manager" in html
    refused = client.post(f"/people/{jon.pk}/limit/", {**form, "limit": "1,5"}, headers=seen)
    assert refused["HX-Retarget"] == f"#person-{jon.pk}"
    html = refused.content.decode()
    assert 'value="1,5"' in html
    assert unescape(forms_to(html, f"/people/{jon.pk}/limit/")[0]["next"]) == here


def test_somebody_new_is_found_among_many(client: Client, admin: Person) -> None:
    answer = client.post("/people/add/", {"username": "zoë@x", "role": "member", "limit": "0"})
    html = answer.content.decode()
    new = Person.objects.get(username="zoë@x")
    assert f'href="/people/?q=zo%C3%AB%40x#person-{new.pk}"' in html
    # A limit of nothing says whom it stops, also here.
    assert "cannot generate anything until" in html
