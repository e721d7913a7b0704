"""Full and read-only disks below a running studio: what people see, and that all goes on."""

from pathlib import Path

import pytest

from tests.drills.conftest import Opened
from tests.drills.disks import MIB, failing_disk, read_only, small_disk
from tests.drills.visitor import nothing_is_broken
from tests.servers import wait_until

pytestmark = [pytest.mark.crash, pytest.mark.slow]


def test_on_a_nearly_full_disk_nothing_is_sent(opened: Opened, tmp_path: Path) -> None:
    with small_disk(tmp_path / "data") as disk:
        visitor = opened()
        disk.leave(100 * MIB)
        assert visitor.press("While it is nearly full").status == 200
        visitor.wait_to_read("is full or nearly full")
        assert visitor.failing() == {"disk"}
        assert visitor.studio.state_of("While it is nearly full") == "queued"
        assert visitor.studio.sandbox.calls == []
        disk.make_room()
        nothing_is_broken(visitor, "While it is nearly full")
        visitor.studio.kill()


def test_a_full_disk_is_told_and_the_same_press_buys_once(opened: Opened, tmp_path: Path) -> None:
    with small_disk(tmp_path / "data") as disk:
        visitor = opened()
        visitor.buy("Before")
        visitor.look()
        disk.leave(0)
        seen = visitor.press("While it is full")
        assert seen.status == 503
        assert "The disk with the studio's database is full. Nothing was done." in seen.words
        status, told = visitor.order("By a program")
        assert (status, told["error"]["code"]) == (503, "studio_unavailable")
        assert "The disk with the studio's database is full" in told["error"]["message"]
        assert visitor.look("/gallery/").status in (200, 503)
        assert "disk" in visitor.failing()
        assert [call.prompt for call in visitor.studio.sandbox.calls] == ["Before"]
        disk.make_room()
        assert visitor.press("While it is full").status == 200
        assert visitor.order("By a program")[0] == 202
        nothing_is_broken(visitor, "Before", "While it is full", "By a program")
        visitor.studio.kill()


@pytest.mark.parametrize("name", ["spool", "sent"])
def test_nothing_is_sent_while_its_answer_could_not_be_kept(opened: Opened, name: str) -> None:
    visitor = opened()
    folder = visitor.studio.folder / "data" / name
    with read_only(folder):
        assert visitor.press("While it is read-only").status == 200
        visitor.wait_to_read(f"{folder} is on a read-only disk")
        assert visitor.studio.state_of("While it is read-only") == "queued"
        assert visitor.studio.sandbox.calls == []
        assert visitor.failing() == set()
        assert visitor.ready()[1]["waiting"]["paused"] == "folder"
    nothing_is_broken(visitor, "While it is read-only")


def test_what_was_paid_for_waits_for_a_folder_of_pictures(opened: Opened) -> None:
    visitor = opened()
    visitor.buy("Before")
    folder = visitor.studio.folder / "data" / "media"
    with read_only(folder):
        assert visitor.press("While it is read-only").status == 200
        wait_until(lambda: "could not be stored yet" in visitor.studio.log)
        assert "storage" in visitor.failing()
        assert visitor.look("/gallery/").status == 200
        assert len(visitor.studio.sandbox.calls) == 2
    nothing_is_broken(visitor, "Before", "While it is read-only")


def test_a_disk_that_fails_is_told_and_nothing_is_lost(opened: Opened, tmp_path: Path) -> None:
    with failing_disk(tmp_path / "disk", tmp_path / "data") as disk:
        visitor = opened()
        visitor.buy("Before")
        visitor.look()
        disk.fail()
        seen = visitor.press("While it fails")
        assert seen.status == 503
        assert "Nothing was done. Try again" in seen.words
        assert "disk" in visitor.failing()
        assert [call.prompt for call in visitor.studio.sandbox.calls] == ["Before"]
        # A disk that failed is mended by people, and nobody may use it meanwhile.
        visitor.studio.kill()
        disk.mend()
        visitor.studio.start()
        assert visitor.press("While it fails").status == 200
        nothing_is_broken(visitor, "Before", "While it fails")
        visitor.studio.kill()
