"""One's own costs: everything of oneself, nothing of anybody else, whatever the address says."""

import pytest
from django.test import Client

from tests.factories import make_limit, make_person
from tests.views.test_cost_review import NOVEMBER, cells, click, listed

pytestmark = pytest.mark.django_db


def test_it_shows_ones_own_costs_alone(client: Client) -> None:
    me, jon = make_person("me"), make_person("jon")
    mine, his = click(me, billed=70_000), click(jon, billed=20_000, prompt="his secret")
    client.force_login(me)
    for query in ("", f"&person={jon.pk}", "&by=person", "&by=model&then=person"):
        html = client.get(f"/spending/?{NOVEMBER}{query}").content.decode()
        assert "jon" not in html
        [_, row, total] = cells(html)
        assert (row[2][0], total[2][0]) == ("$0.070", "$0.070")
        assert listed(client, row[2][1]) == [mine.pk]
    for query in ("", f"&person={jon.pk}", f"&person={jon.pk}&state=failed"):
        address = f"/spending/generations/?{NOVEMBER}{query}"
        assert his.pk not in listed(client, address)
        assert "his secret" not in client.get(address).content.decode()


def test_it_says_what_is_left_of_each_limit(client: Client) -> None:
    me = make_person("me")
    make_limit(me.pk, 5_000_000)
    make_limit(None, 90_000_000)
    client.force_login(me)
    html = client.get("/spending/").content.decode()
    assert "$5.00" in html
    assert "your limit" in html
    assert "the studio&#x27;s limit" in html


def test_odd_addresses_are_refused(client: Client) -> None:
    client.force_login(make_person())
    assert client.get("/spending/?from=x").status_code == 422
    assert client.get("/spending/generations/?state=x").status_code == 422
