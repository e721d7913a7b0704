"""Answers on disk: whole or cut off, reserved before the call, given back after a crash."""

import errno
import fcntl
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from omixa_studio.spool import HEAD_BYTES, Label, Spool, owner_of, read_spooled
from tests.servers import PROJECT

MIB = 2**20


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


def label() -> Label:
    return Label(7, str(uuid4()))


def spooled(spool: Spool, body: bytes = b'{"data": []}') -> Path:
    incoming = spool.reserve(label(), MIB)
    incoming.head(200, {"content-type": "application/json"})
    incoming.write(body)
    return incoming.complete()


def test_it_keeps_an_answer_exactly_as_it_came(spool: Spool) -> None:
    body = os.urandom(300_000)
    path = spooled(spool, body)
    found = read_spooled(path)
    assert (found.raw.status, bytes(found.raw.body)) == (200, body)
    assert found.raw.headers == {"content-type": "application/json"}
    assert spool.whole_answers() == [path]
    assert owner_of(path) == (7, UUID(found.label.attempt))


def test_it_takes_an_answer_without_a_body(spool: Spool) -> None:
    assert bytes(read_spooled(spooled(spool, b"")).raw.body) == b""


def test_it_gives_the_final_name_to_a_complete_answer_alone(spool: Spool) -> None:
    incoming = spool.reserve(label(), MIB)
    incoming.head(200, {})
    incoming.write(b"half of it")
    assert spool.whole_answers() == []
    incoming.leave()
    (part,) = spool.folder.iterdir()
    assert (part.suffix, part.stat().st_size) == (".part", HEAD_BYTES + 10)


def test_it_keeps_nothing_of_an_answer_that_never_began(spool: Spool) -> None:
    spool.reserve(label(), MIB).leave()
    begun = spool.reserve(label(), MIB)
    begun.head(502, {})
    begun.leave()
    assert list(spool.folder.iterdir()) == []


def test_it_reserves_real_disk(spool: Spool) -> None:
    incoming = spool.reserve(label(), 4 * MIB)
    assert incoming.path.stat().st_blocks * 512 >= 4 * MIB
    incoming.leave()


def test_it_says_before_the_call_that_a_disk_is_full(small_disk: Path) -> None:
    spool = Spool(small_disk / "spool")
    with pytest.raises(OSError, match="No space") as full:
        spool.reserve(label(), 16 * MIB)
    assert full.value.errno == errno.ENOSPC
    assert list(spool.folder.iterdir()) == []


def test_it_keeps_what_came_when_the_disk_fills_up_in_the_middle(small_disk: Path) -> None:
    spool = Spool(small_disk / "spool")
    incoming = spool.reserve(label(), MIB)
    incoming.head(200, {})
    with pytest.raises(OSError, match="No space"):
        incoming.write(b"x" * 10 * MIB)
    incoming.leave()
    (part,) = spool.folder.iterdir()
    assert part.suffix == ".part"
    assert part.stat().st_size > HEAD_BYTES + MIB


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("A small disk can be mounted by root alone.")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_it_takes_a_limit_on_files_for_a_full_disk(tmp_path: Path) -> None:
    limit = resource.RLIMIT_FSIZE
    program = (
        "import resource, pathlib, uuid; from omixa_studio.spool import *;"
        f"resource.setrlimit({limit}, (2**20, 2**20)); spool = Spool(pathlib.Path('{tmp_path}'))\n"
        "try: spool.reserve(Label(1, str(uuid.uuid4())), 2**24)\n"
        "except OSError: print('full', list(spool.folder.iterdir()))"
    )
    told = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "omixa_studio.settings"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "full []\n"


def crashed(spool: Spool, body: bytes) -> Path:
    """What a killed writer leaves: the reserved room, and no lock."""
    path = spool.folder / f"7-{uuid4()}.part"
    path.write_bytes((b"{}".ljust(HEAD_BYTES) + body if body else b"").ljust(MIB, b"\0"))
    return path


def test_it_gives_back_the_room_of_a_dead_writer_and_keeps_its_bytes(spool: Spool) -> None:
    path = crashed(spool, b"half of it")
    spool.trim_parts()
    assert path.read_bytes()[HEAD_BYTES:] == b"half of it"
    spool.trim_parts()
    assert path.stat().st_size == HEAD_BYTES + 10


def test_it_removes_what_a_dead_writer_only_reserved(spool: Spool) -> None:
    crashed(spool, b"")
    spool.trim_parts()
    assert list(spool.folder.iterdir()) == []


def test_it_leaves_the_file_of_a_living_writer_alone(spool: Spool) -> None:
    incoming = spool.reserve(label(), MIB)
    Spool(spool.folder).trim_parts()
    assert incoming.path.stat().st_size == HEAD_BYTES + MIB
    incoming.head(200, {})
    incoming.write(b"x")
    assert incoming.complete().exists()


@pytest.mark.file_ages
def test_no_sweep_is_ever_faster_than_a_new_writer(spool: Spool) -> None:
    """A file has its name only once it is locked, so a sweep takes none for a dead writer's."""
    done = threading.Event()

    def sweep() -> None:
        while not done.is_set():
            Spool(spool.folder).trim_parts()

    sweeping = threading.Thread(target=sweep)
    sweeping.start()
    try:
        for _ in range(500):
            incoming = spool.reserve(label(), 1)
            incoming.head(200, {})
            incoming.complete()
    finally:
        done.set()
        sweeping.join()
    assert len(spool.whole_answers()) == 500


@pytest.mark.file_ages
def test_it_removes_what_a_crash_left_new_but_not_at_once(spool: Spool) -> None:
    fresh, old, locked = (spool.folder / f"7-{uuid4()}.new" for _ in range(3))
    for path in (fresh, old, locked):
        path.touch()
    for path in (old, locked):
        os.utime(path, (time.time() - 120,) * 2)
    with locked.open("r+b") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        spool.trim_parts()
    assert set(spool.folder.iterdir()) == {fresh, locked}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not JSON",
        b"[]".ljust(HEAD_BYTES),
        b'{"label": {}}'.ljust(HEAD_BYTES),
        b'{"label": {"generation": 1, "attempt": "x"}, "status": 200, "headers": {}}'.ljust(
            HEAD_BYTES
        ),
    ],
)
def test_it_says_that_a_file_is_not_ours(spool: Spool, content: bytes) -> None:
    path = spool.folder / "1-x.answer"
    path.write_bytes(content)
    with pytest.raises(ValueError):  # noqa: PT011 - whatever the sentence
        read_spooled(path)
    assert owner_of(path) is None


@pytest.mark.file_ages
def test_it_finds_old_leftovers_alone(spool: Spool) -> None:
    old, new = spooled(spool), spooled(spool)
    for path in (old, new):
        spool.set_aside(path)
    old = old.with_suffix(".unusable")
    os.utime(old, (time.time() - 31 * 86400,) * 2)
    assert spool.old_leftovers(30) == [old]
    assert spool.whole_answers() == []


def killed_before_its_name(spool: Spool, body: bytes, headers: dict[str, str]) -> Path:
    """An answer whose writer died with all of this on disk, but for the final name."""
    incoming = spool.reserve(label(), MIB)
    incoming.head(200, headers)
    incoming.write(body)
    os.utime(incoming.path, (1_800_000_000, 1_800_000_000))
    incoming._file.close()
    return incoming.path


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b'{"data": []}', {"content-length": "12"}),
        (b"not JSON", {"content-length": "8"}),
        (b"", {"content-length": "0"}),
        (b'{"data": []}', {}),
        (b'{"data": []}\r\n', {}),
        (b'{"data": "%s"}' % (b"A" * 300_000), {}),
    ],
)
def test_it_takes_a_whole_part_for_an_answer(
    spool: Spool, body: bytes, headers: dict[str, str]
) -> None:
    path = killed_before_its_name(spool, body, headers)
    spool.trim_parts()
    (answer,) = spool.whole_answers()
    assert not path.exists()
    found = read_spooled(answer)
    assert (bytes(found.raw.body), found.label.generation) == (body, 7)
    assert answer.stat().st_mtime == 1_800_000_000


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b'{"data": []}', {"content-length": "13"}),
        (b'{"data": []', {}),
        (b'{"data": [{}', {}),
        (b'{"data": "%s' % (b"A" * 300_000), {}),
        (b"<html></html>", {}),
        (b'{"data": []}', {"content-length": "nonsense"}),
    ],
)
def test_it_leaves_a_part_that_was_cut_off(
    spool: Spool, body: bytes, headers: dict[str, str]
) -> None:
    path = killed_before_its_name(spool, body, headers)
    for _ in range(2):
        spool.trim_parts()
    assert spool.whole_answers() == []
    assert path.stat().st_size == HEAD_BYTES + len(body)


def test_it_leaves_a_whole_part_that_is_still_written(spool: Spool) -> None:
    incoming = spool.reserve(label(), MIB)
    incoming.head(200, {"content-length": "2"})
    incoming.write(b"{}")
    spool.trim_parts()
    assert (spool.whole_answers(), incoming.path.exists()) == ([], True)
    incoming.leave()
