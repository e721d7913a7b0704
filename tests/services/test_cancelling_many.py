"""Thousands of requests cancelled in one press: few statements, and no long transaction."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from omixa_studio.models import Act, Charge, Generation, Person, Run, State
from omixa_studio.queries.balance_check import differences
from omixa_studio.services import brakes, ledger, people, runs, sightings
from omixa_studio.services.audit import Actor
from tests.factories import make_generation, make_person

MARA = Actor(1, "mara")
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _all_is_free_and_adds_up(few_values_in_a_statement: None) -> Iterator[None]:
    yield
    assert differences() == {}
    assert not Generation.objects.exclude(state=State.CANCELLED).exists()
    assert sum(Charge.objects.values_list("amount_micros", flat=True)) == 0


def many(person: Person, count: int = 1_200, **fields: object) -> None:
    like = make_generation(person, state="queued", **fields)
    names = [field.attname for field in Generation._meta.concrete_fields if field.attname != "id"]
    columns = {name: getattr(like, name) for name in names}
    Generation.objects.bulk_create([Generation(**columns) for _ in range(count - 1)])
    rows = list(Generation.objects.all())
    for first in range(0, len(rows), 1_000):
        ledger.hold(*rows[first : first + 1_000])


def test_it_cancels_all_in_batches_of_few_statements() -> None:
    many(make_person())
    with CaptureQueriesContext(connection) as asked:
        ended = brakes.cancel("sandbox", by=MARA)
    assert len(ended) == len(set(ended)) == 1_200
    acts = Act.objects.order_by("pk")
    assert list(acts.values_list("after", flat=True)) == ["1000", "200"]
    assert len(asked) < 60


def test_it_cancels_a_run_in_one_step() -> None:
    person = make_person()
    run = Run.objects.create(person=person, kind="list")
    many(person, 200, group=run.pk)
    with CaptureQueriesContext(connection) as asked:
        assert runs.cancel_run(run) == 200
    assert len(asked) < 15


def test_it_cancels_what_waits_of_another_gateway_in_batches() -> None:
    many(make_person())
    with CaptureQueriesContext(connection) as asked:
        assert sightings.cancel_all_of("sandbox") == 1_200
    assert len(asked) < 60


def test_it_cancels_what_waits_of_an_account_that_is_switched_off() -> None:
    person = make_person()
    many(person)
    with CaptureQueriesContext(connection) as asked:
        assert len(people.deactivate(person, by=MARA)) == 1_200
    assert len(asked) < 60
    assert '"body"' not in " ".join(query["sql"] for query in asked)
