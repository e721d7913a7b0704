"""A gateway that answers at once with one small picture for $0.04, and studios beside it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from omixa_studio.sandbox import Sandbox
from tests.api.studios import api_studio
from tests.crash.harness import answer_of
from tests.drills.visitor import Visitor

Opened = Callable[..., Visitor]


@pytest.fixture
def gateway() -> Iterator[Sandbox]:
    with Sandbox(fixed_answer=answer_of((96, 64))) as running:
        yield running


@pytest.fixture
def opened(tmp_path: Path, gateway: Sandbox) -> Iterator[Opened]:
    """A function that starts the test's studio, and logs its admin in."""
    with ExitStack() as left:

        def open_one(database: str = "", **told: str) -> Visitor:
            studio = left.enter_context(api_studio(tmp_path, gateway, database, **told))
            return Visitor(studio).log_in()

        yield open_one
