"""A sandbox gateway, workers to kill, and a person who clicks."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from omixa_studio.models import Person
from omixa_studio.sandbox import Sandbox
from tests.crash.harness import Forker, answer_of, warm_process
from tests.factories import make_person


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A gateway that answers at once with one small picture for $0.04."""
    with Sandbox(fixed_answer=answer_of((96, 64))) as running:
        yield running


@pytest.fixture(scope="session")
def warm() -> Iterator[subprocess.Popen[str]]:
    """The process that forks workers; it starts once."""
    with warm_process() as program:
        yield program


@pytest.fixture
def workers(
    transactional_db: None,
    tmp_path: Path,
    sandbox: Sandbox,
    settings: Settings,
    warm: subprocess.Popen[str],
) -> Iterator[Forker]:
    """Workers on demand, on an empty studio and an empty queue."""
    settings.QUEUE_URL = f"sqlite:///{tmp_path / 'queue.sqlite3'}"
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
    made = Forker(tmp_path, sandbox.base_url, warm)
    yield made
    made.end()
    print(made.log())


@pytest.fixture
def ada(transactional_db: None) -> Person:
    return make_person("ada")
