"""A database that goes away below a running studio, and comes back."""

import sqlite3
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from omixa_studio.sandbox import Sandbox
from tests import servers
from tests.drills.conftest import Opened
from tests.drills.visitor import Visitor, nothing_is_broken
from tests.servers import free_port, wait_until

pytestmark = [pytest.mark.crash, pytest.mark.slow]
AWAY = "The studio's database is busy or unavailable. Nothing was done. Try again"


def asked_while_it_is_away(visitor: Visitor) -> None:
    """What people, programs and monitors are told."""
    seen = visitor.press("While it is away")
    assert (seen.status, AWAY in seen.words) == (503, True), seen
    status, told = visitor.order("By a program")
    assert (status, told["error"]["type"]) == (503, "server_error")
    assert "database is busy or unavailable" in told["error"]["message"]


def all_goes_on(visitor: Visitor) -> None:
    """The same press and the same order buy once; what was under way is there."""
    assert visitor.press("While it is away").status == 200
    assert visitor.press("While it is away").status == 200
    assert visitor.order("By a program")[0] == 202
    nothing_is_broken(visitor, "Before", "Under way", "While it is away", "By a program")


def begin(visitor: Visitor, gateway: Sandbox) -> None:
    """Buy one, have another under way at the gateway, and a form open."""
    visitor.buy("Before")
    visitor.look()
    gateway.script("slow:4")
    assert visitor.press("Under way").status == 200
    wait_until(lambda: len(gateway.calls) == 2)
    # The form of the next press.
    visitor.wait_to_read("Generate")


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold the database's one lock for writing, as a stuck program would."""
    with closing(sqlite3.connect(file, isolation_level=None, timeout=20)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_sqlite_is_locked_for_half_a_minute(opened: Opened, gateway: Sandbox) -> None:
    visitor = opened()
    begin(visitor, gateway)
    with locked(visitor.studio.folder / "data" / "studio.sqlite3"), ThreadPoolExecutor() as beside:
        since = time.monotonic()
        asking = beside.submit(asked_while_it_is_away, visitor)
        assert visitor.failing() <= {"queue"}  # reading goes on
        assert Visitor(visitor.studio, visitor.browser).look("/gallery/").status == 200
        asking.result()
        time.sleep(max(30 - (time.monotonic() - since), 0))
    all_goes_on(visitor)


@pytest.mark.postgres
def test_postgresql_stops_and_starts(opened: Opened, gateway: Sandbox) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name, "server"), free_port()
        folder.mkdir()
        for one in (folder, folder.parent):
            one.chmod(0o755)  # PostgreSQL does not run as root
        servers.make_postgres(folder)
        with servers.running_postgres(folder, port) as url:
            visitor = opened(url)
            begin(visitor, gateway)
        asked_while_it_is_away(visitor)
        assert {"database"} <= visitor.failing()
        assert visitor.look("/gallery/").status == 503
        with servers.running_postgres(folder, port):
            visitor.wait_until_ready()
            all_goes_on(visitor)
            visitor.studio.kill()
