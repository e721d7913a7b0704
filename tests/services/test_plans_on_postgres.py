"""How PostgreSQL, which goes by statistics, reads what grows with the library."""

import pytest
from django.db import connection

from omixa_studio.models import Generation
from omixa_studio.queries.generations import board
from tests.factories import make_generation, make_person

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("connection.vendor != 'postgresql'"),
]
# Reading all of a smaller table would be the quickest.
MANY = 8000


def test_it_reads_the_board_without_the_whole_history() -> None:
    ada = make_person()
    pattern = make_generation(ada, prompt="A harbour " * 20)
    columns = [field.attname for field in Generation._meta.local_fields if field.attname != "id"]
    values = {name: getattr(pattern, name) for name in columns}
    Generation.objects.bulk_create([Generation(**values) for _ in range(MANY)], batch_size=1000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE omixa_studio_generation")
    plan = board(ada).order_by("-id").explain()
    assert "Seq Scan" not in plan
    assert "Index" in plan
