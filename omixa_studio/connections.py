"""What each connection to PostgreSQL is told when it is made."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

# Statements here take a millisecond or two. Starting processes to help with one takes ten, even for
# a part of it that is then not run; compiling one takes more.
_SHORT = "SET max_parallel_workers_per_gather = 0; SET jit = off"


def expect_short_statements(connection: BaseDatabaseWrapper, **_sent: Any) -> None:
    """Keep PostgreSQL from preparing for long statements, which there are none of."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_SHORT)
