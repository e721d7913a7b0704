"""The bucket goes away below a running studio, and comes back with what it holds."""

import pytest

from tests.drills.buckets import bucket_server
from tests.drills.conftest import Opened
from tests.drills.visitor import nothing_is_broken
from tests.servers import wait_until

pytestmark = [pytest.mark.crash, pytest.mark.slow]
AWAY = "The storage of pictures is unavailable."


def test_what_was_paid_for_waits_for_the_bucket(opened: Opened) -> None:
    with bucket_server() as server:
        visitor = opened(STORAGE_URL=server.make_bucket())
        visitor.buy("Before")
        assert visitor.order("By a program")[0] == 202
        visitor.studio.wait_until_done()
        rows = visitor.studio.ask("SELECT id FROM omixa_studio_picture ORDER BY generation_id")
        (picture,), (of_program,) = rows
        assert visitor.look(f"/pictures/{picture}/file").status == 200
        visitor.look()
        server.stop()
        assert visitor.press("While it is away").status == 200
        wait_until(lambda: "could not be stored yet" in visitor.studio.log, 120)
        assert visitor.failing() == {"storage"}
        assert visitor.look("/gallery/").status == 200
        assert visitor.look(f"/pictures/{picture}/").status == 200
        seen = visitor.look(f"/pictures/{picture}/file")
        assert (seen.status, AWAY in seen.words) == (503, True)
        status, told = visitor.fetch(of_program)
        assert (status, AWAY in told["error"]["message"]) == (503, True)
        assert len(visitor.studio.sandbox.calls) == 3
        server.start()
        nothing_is_broken(visitor, "Before", "By a program", "While it is away")
        assert visitor.look(f"/pictures/{picture}/file").status == 200
        visitor.studio.kill()
