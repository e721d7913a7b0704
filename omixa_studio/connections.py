"""What each connection to PostgreSQL is told when it is made."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

# What people wait for takes a millisecond or two. Starting processes to help with it takes ten,
# even for a part that is then not run; compiling takes more. Nobody waits for what reads all.
_SHORT = "SET max_parallel_workers_per_gather = 0; SET jit = off"


def expect_short_statements(connection: BaseDatabaseWrapper, **_sent: Any) -> None:
    """Have PostgreSQL run each statement in one process, without compiling it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_SHORT)
