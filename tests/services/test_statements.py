"""How many statements a picture costs the worker, and which of them others wait for."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import Generation, Person
from omixa_studio.queries.balance_check import differences
from omixa_studio.services import claims, running
from omixa_studio.services.submission import Choice, submit
from omixa_studio.services.tools import Tools
from tests.factories import make_person
from tests.workers import take_turn

pytestmark = pytest.mark.django_db(transaction=True)


def ask(person: Person) -> Generation:
    catalogue = load_catalogue(None)
    choice = Choice(model=catalogue.models["imagen-4.0-generate-001"], values={"prompt": "A pier"})
    return submit(person, choice, catalogue=catalogue, wake=lambda: None)


@pytest.fixture
def second(tools: Tools) -> Generation:
    """What is next in line after one like it was made and billed."""
    person = make_person()
    _first, second = ask(person), ask(person)
    take_turn(tools)
    return second


def kinds(asked: CaptureQueriesContext) -> list[str]:
    return [one["sql"].split()[0] for one in asked]


def test_it_claims_in_one_statement_that_others_wait_for(second: Generation) -> None:
    with CaptureQueriesContext(connection) as asked:
        row = claims.claim_next("sandbox", "w1")
    assert row == second
    assert kinds(asked) == ["SELECT", "SELECT", "UPDATE", "SELECT"]


@pytest.mark.usefixtures("second")
def test_it_reads_before_the_transaction_that_settles(tools: Tools) -> None:
    row = claims.claim_next("sandbox", "w1")
    assert row is not None
    with CaptureQueriesContext(connection) as asked:
        running.run(row, tools)
    guard, *reads = kinds(asked)[:5]
    assert (guard, reads) == ("UPDATE", ["SELECT"] * 4)
    assert kinds(asked)[5:] == ["BEGIN", "UPDATE", "INSERT", "INSERT", "COMMIT"]
    assert differences() == {}
