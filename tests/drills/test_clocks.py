"""A clock that jumps below a running studio: of its processes, and of SQLite within them."""

from pathlib import Path

import pytest

from omixa_studio.sandbox import Sandbox
from tests.drills.conftest import Opened
from tests.drills.shim import Shim
from tests.drills.visitor import nothing_is_broken
from tests.servers import wait_until

pytestmark = [pytest.mark.crash, pytest.mark.slow]
HOUR = 3600


@pytest.mark.parametrize("ahead", [HOUR, -HOUR])
@pytest.mark.parametrize("rows", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_jump_of_an_hour_buys_nothing_twice(
    opened: Opened,
    gateway: Sandbox,
    tmp_path: Path,
    ahead: int,
    rows: str,
    request: pytest.FixtureRequest,
) -> None:
    """With PostgreSQL the database's own clock stays, as on another machine."""
    shim = Shim(tmp_path)
    url = request.getfixturevalue("postgres_url") if rows == "postgres" else ""
    visitor = opened(url, **shim.told)
    visitor.buy("Before")
    visitor.look()
    gateway.script("slow:4")
    assert visitor.press("Under way").status == 200
    wait_until(lambda: len(gateway.calls) == 2)
    shim.set(seconds_ahead=ahead)
    visitor.wait_to_read("Generate")
    assert visitor.press("After the jump").status == 200
    wait_until(lambda: visitor.studio.state_of("After the jump") == "done")
    wait_until(lambda: visitor.studio.state_of("Under way") == "done")
    assert visitor.failing() == set()
    shim.set(seconds_ahead=0)
    nothing_is_broken(visitor, "Before", "Under way", "After the jump")
    visitor.studio.kill()
