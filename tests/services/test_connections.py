"""What PostgreSQL is told of the studio's statements."""

import pytest
from django.db import connection

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="about PostgreSQL"),
]


@pytest.mark.parametrize(
    ("setting", "value"), [("max_parallel_workers_per_gather", "0"), ("jit", "off")]
)
def test_no_statement_is_prepared_for_as_a_long_one(setting: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {setting}")
        assert cursor.fetchone() == (value,)
