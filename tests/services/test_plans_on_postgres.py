"""How PostgreSQL, which goes by statistics, reads what grows with the library."""

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from omixa_studio.models import Generation, PersonSession
from omixa_studio.presenters.person_sessions import MOST_SHOWN, sessions_shown
from omixa_studio.queries.generations import BOARD_LENGTH, board
from tests.factories import make_generation, make_person

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("connection.vendor != 'postgresql'"),
]
# Reading all of a smaller table would be the quickest.
MANY = 8000


@pytest.mark.parametrize("plan", ["custom", "generic"])
def test_it_reads_the_board_without_the_whole_history(plan: str) -> None:
    """After a few times the server may make one plan for whomever it is about."""
    ada = make_person()
    pattern = make_generation(ada, prompt="A harbour " * 20)
    columns = [field.attname for field in Generation._meta.local_fields if field.attname != "id"]
    values = {name: getattr(pattern, name) for name in columns}
    Generation.objects.bulk_create([Generation(**values) for _ in range(MANY)], batch_size=1000)
    # Few of each other person, so that few are expected of anybody.
    for _ in range(50):
        make_generation(make_person())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE omixa_studio_generation")
    for _ in range(2):
        assert len(board(ada)) == BOARD_LENGTH
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, cardinality(parameter_types) FROM pg_prepared_statements "
            "WHERE statement LIKE '%UNION%queued%'"
        )
        [(name, taken)] = cursor.fetchall()
        cursor.execute(f"SET LOCAL plan_cache_mode = force_{plan}_plan")
        given = ", ".join([str(ada.pk)] * taken)
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF) EXECUTE {name} ({given})")
        read = [int(rows) for rows in re.findall(r"actual rows=(\d+)", str(cursor.fetchall()))]
    assert max(read) <= 2 * BOARD_LENGTH


def test_it_reads_the_sessions_of_one_person_without_those_of_everybody() -> None:
    ends = timezone.now() + timedelta(days=3)
    keys = [f"key{number}" for number in range(MANY)]
    Session.objects.bulk_create(Session(session_key=key, expire_date=ends) for key in keys)
    people = [make_person() for _ in range(40)]
    PersonSession.objects.bulk_create(
        PersonSession(person=people[at % 40], session_key=key) for at, key in enumerate(keys)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE django_session, omixa_studio_personsession")
    with CaptureQueriesContext(connection) as asked:
        assert sessions_shown(people[0], keys[0]).more == MANY // 40 - MOST_SHOWN
    for one in asked:
        assert "Seq Scan on django_session" not in _plan(one["sql"])


def _plan(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        return str(cursor.fetchall())
