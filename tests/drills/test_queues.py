"""The queue's server goes away below a running studio, and comes back."""

import time
from pathlib import Path

import pytest

from tests import servers
from tests.drills.conftest import Opened
from tests.drills.visitor import nothing_is_broken
from tests.servers import free_port, wait_until

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.redis]


def test_requests_are_made_without_the_queue(opened: Opened, tmp_path: Path) -> None:
    port = free_port()
    with servers.redis_server(tmp_path, port) as url:
        visitor = opened(QUEUE_URL=url)
        visitor.buy("Before")
        visitor.look()
    since = time.monotonic()
    assert visitor.press("While it is away").status == 200
    assert time.monotonic() - since < 10
    assert visitor.failing() == {"queue"}
    wait_until(lambda: visitor.studio.state_of("While it is away") == "done")
    with servers.redis_server(tmp_path, port):
        nothing_is_broken(visitor, "Before", "While it is away")
        visitor.studio.kill()
