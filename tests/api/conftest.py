"""One studio with a fast gateway for a file of tests, on the database it names."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from omixa_studio.sandbox import Sandbox
from tests.api.studios import ApiStudio, api_studio
from tests.crash.harness import answer_of


@pytest.fixture(scope="module")
def gateway() -> Iterator[Sandbox]:
    """A gateway that answers at once with one small picture for $0.04."""
    with Sandbox(fixed_answer=answer_of((96, 64))) as running:
        yield running


@pytest.fixture(scope="module")
def module_studio(
    tmp_path_factory: pytest.TempPathFactory, gateway: Sandbox
) -> Iterator[ApiStudio]:
    folder: Path = tmp_path_factory.mktemp("studio")
    with api_studio(folder, gateway) as running:
        yield running


@pytest.fixture
def studio(module_studio: ApiStudio, gateway: Sandbox) -> ApiStudio:
    """The studio, with a gateway that behaves and has been asked for nothing."""
    gateway.script(always="")
    gateway.calls.clear()
    return module_studio
