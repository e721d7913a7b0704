"""One limit for several people: what it means is told first, and set once it was confirmed."""

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from omixa_studio.models import Act, Limit, Person
from tests.factories import make_charge, make_generation, make_limit, make_person

pytestmark = pytest.mark.django_db


def limits() -> dict[str, int]:
    return dict(Limit.objects.filter(scope="person").values_list("subject", "amount_micros"))


def told(client: Client, sent: dict[str, Any], status: int = 200) -> str:
    answer = client.post("/people/limits/", sent)
    assert answer.status_code == status
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def confirmed(client: Client, sent: dict[str, Any]) -> dict[str, Any]:
    """The form as its last button sends it."""
    html = client.post("/people/limits/", sent).content.decode()
    stamp = re.search(r'name="found" value="(\w+)"', html)
    assert stamp
    return {**sent, "found": stamp[1], "confirmed": sent["limit"]}


def test_it_tells_what_a_limit_means_and_sets_it_when_confirmed(
    client: Client, admin: Person
) -> None:
    jon, ilze, ada = make_person("jon"), make_person("ilze"), make_person("ada")
    make_limit(ilze.pk, 5_000_000)
    make_limit(ada.pk, 9_000_000)
    make_charge(make_generation(jon), amount_micros=6_000_000)
    asked: dict[str, Any] = {"people": [jon.pk, ilze.pk], "limit": "5"}
    html = told(client, asked)
    for words in ("Monthly limit of 2 people", "1 limit changes.", "1 stays as it is."):
        assert words in html
    assert re.search(
        r"1 person has spent .* cannot generate anything until \d+ \w+: jon \$6.00", html
    )
    # Told of another amount, this one is not confirmed.
    told(client, asked | {"confirmed": "7"})
    assert limits() == {str(ilze.pk): 5_000_000, str(ada.pk): 9_000_000}
    here = {"next": "/people/?q=j"}
    answer = client.post("/people/limits/", {**asked, **here, "confirmed": "5"})
    assert (answer.status_code, answer["Location"]) == (303, "/people/?q=j")
    assert limits() == {str(pk): 5_000_000 for pk in (jon.pk, ilze.pk)} | {str(ada.pk): 9_000_000}
    act = Act.objects.get(kind="limit")
    assert (act.whom_name, act.before, act.after) == ("jon", "", "5.000000")
    assert "The limit of 1 person is set." in client.get("/people/").content.decode()
    # The same once more changes nothing, and says so.
    again = told(client, asked | {"confirmed": "5"})
    assert "Nothing changes: all of them have this limit already." in again
    assert Act.objects.filter(kind="limit").count() == 1
    # An empty amount lifts it.
    client.post("/people/limits/", {"people": [jon.pk, ada.pk], "limit": "", "confirmed": ""})
    assert limits() == {str(ilze.pk): 5_000_000}


def test_it_sets_the_limit_of_all_who_are_found(client: Client, admin: Person) -> None:
    ids = {str(make_person(f"anna{n}").pk) for n in range(3)}
    sent = {"whom": "found", "q": "ANNA", "limit": "0", "people": [admin.pk]}
    assert client.post("/people/limits/", confirmed(client, sent)).status_code == 303
    assert limits() == dict.fromkeys(ids, 0)


def test_it_sets_nothing_for_who_is_found_only_after_the_page_has_told(
    client: Client, admin: Person
) -> None:
    anna = make_person("anna")
    sent = confirmed(client, {"whom": "found", "q": "anna", "limit": "5"})
    late = make_person("anna late")
    html = told(client, sent, 422)
    assert "Other people are found now. Check again." in html
    assert "Monthly limit of 2 people" in html
    # Nor does the amount alone say whom it is for.
    told(client, {**sent, "found": ""}, 422)
    assert limits() == {}
    client.post("/people/limits/", confirmed(client, sent))
    assert limits() == {str(anna.pk): 5_000_000, str(late.pk): 5_000_000}


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"limit": "5"}, "Select at least one person."),
        ({"limit": "5", "people": ["x", "-1", "9" * 30, "99999"]}, "Select at least one person."),
        ({"limit": "5", "whom": "found", "q": "nobody"}, "Select at least one person."),
        ({"limit": "99,999,999", "whom": "found"}, "Use a point before the cents and no comma"),
        ({"limit": "lots", "whom": "found", "confirmed": "lots"}, "Write dollars and cents"),
        ({"whom": "found", "confirmed": ""}, "Write dollars and cents"),
    ],
)
def test_it_sets_nothing_that_is_not_sound(
    client: Client, admin: Person, sent: dict[str, Any], sentence: str
) -> None:
    make_limit(admin.pk, 7)
    assert sentence in told(client, sent, 422)
    assert limits() == {str(admin.pk): 7}


def test_it_asks_the_database_as_often_for_many(
    client: Client, admin: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Person.objects.bulk_create(Person(username=f"p{n}", password="x") for n in range(300))
    sent = confirmed(client, {"whom": "found", "limit": "5"})
    with django_assert_max_num_queries(24):
        assert client.post("/people/limits/", sent).status_code == 303
    assert len(limits()) == Act.objects.filter(kind="limit").count() == 301
