"""A misbehaving gateway, and what a worker hands to the services."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from omixa_studio.gateway.client import Gateway
from omixa_studio.sandbox import Sandbox
from omixa_studio.services.running import Tools
from omixa_studio.worker import Times, Worker
from tests.workers import make_tools


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A stand-in gateway that answers at once."""
    with Sandbox() as running:
        yield running


@pytest.fixture
def tools(sandbox: Sandbox, tmp_path: Path) -> Tools:
    """The tools of a worker."""
    return make_tools(sandbox, tmp_path)


@pytest.fixture
def worker() -> Worker:
    """A worker for the sandbox that nobody has started, with a gateway that is not there."""
    gateway = Gateway("http://127.0.0.1:9/api/v1", "none", call_seconds=1, answer_bytes=2**20)
    return Worker(threads=1, times=Times(), target="sandbox", gateway=gateway)
