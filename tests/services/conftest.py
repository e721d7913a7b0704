"""A misbehaving gateway, and what a worker hands to the services."""

import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from omixa_studio.catalogue import load_catalogue
from omixa_studio.gateway.client import Gateway
from omixa_studio.sandbox import Sandbox
from omixa_studio.services.running import Tools
from omixa_studio.spool import Spool
from omixa_studio.worker import Times, Worker


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A stand-in gateway that answers at once."""
    with Sandbox() as running:
        yield running


@pytest.fixture
def tools(sandbox: Sandbox, tmp_path: Path) -> Tools:
    """The tools of a worker, with the real client and short limits."""
    gateway = Gateway(sandbox.base_url, sandbox.key, call_seconds=20, answer_bytes=32 * 2**20)
    return Tools(
        send=gateway.generate,
        fetch=partial(gateway.fetch, max_bytes=2**20, seconds=5.0),
        spool=Spool(tmp_path / "spool"),
        catalogue=partial(load_catalogue, None),
        unpacking=threading.BoundedSemaphore(2),
        key=sandbox.key,
        worker="here:7",
    )


@pytest.fixture
def worker() -> Worker:
    """A worker for the sandbox that nobody has started, with a gateway that is not there."""
    gateway = Gateway("http://127.0.0.1:9/api/v1", "none", call_seconds=1, answer_bytes=2**20)
    return Worker(threads=1, times=Times(), target="sandbox", gateway=gateway)
