"""The database cache, which raises when it cannot write.

Django's own treats a locked database as a value that somebody else has just added, so a login
throttle would wrongly tell people that they have tried too often.
"""

from collections.abc import Callable
from typing import Any

from django.core.cache.backends.db import DatabaseCache
from django.db import OperationalError, connections, router


class TellingCache(DatabaseCache):
    """Django's database cache, which raises OperationalError when the database is unavailable."""

    def _base_set(self, *args: Any, **kwargs: Any) -> bool:
        failed: list[OperationalError] = []

        def note(execute: Callable[..., Any], *statement: Any) -> Any:
            try:
                return execute(*statement)
            except OperationalError as error:
                failed.append(error)
                raise

        connection = connections[router.db_for_write(self.cache_model_class)]
        with connection.execute_wrapper(note):
            done: bool = super()._base_set(*args, **kwargs)  # type: ignore[misc]  # not in its stubs
        if failed:
            raise failed[0]
        return done
