"""A sandbox gateway, workers to kill, and a person who clicks."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from omixa_studio.models import Person
from omixa_studio.sandbox import Sandbox
from tests.crash.harness import Forker, answer_of, forker
from tests.factories import make_person


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A gateway that answers at once with one small picture for $0.04."""
    with Sandbox(fixed_answer=answer_of((96, 64))) as running:
        yield running


@pytest.fixture
def workers(
    transactional_db: None, tmp_path: Path, sandbox: Sandbox, settings: Any
) -> Iterator[Forker]:
    """Workers on demand, on an empty studio and an empty queue."""
    settings.QUEUE_URL = f"sqlite:///{tmp_path / 'queue.sqlite3'}"
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
    with forker(tmp_path, sandbox.base_url) as made:
        yield made
        print(made.log())


@pytest.fixture
def ada(transactional_db: None) -> Person:
    return make_person("ada")
