"""A backup of a studio at work on PostgreSQL and S3, and all of it back in an empty one."""

import gzip
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from omixa_studio.sandbox import Sandbox
from omixa_studio.services.backup_folder import BackupFolder
from tests import servers
from tests.api.studios import ApiStudio, api_studio
from tests.crash.harness import answer_of
from tests.drills.buckets import SECRET, bucket_server
from tests.drills.visitor import Visitor
from tests.servers import PROJECT, wait_until

pytestmark = [
    pytest.mark.crash,
    pytest.mark.slow,
    pytest.mark.postgres,
    pytest.mark.timeout(900),
]
PASSPHRASE = "correct horse battery staple"
ORDERS_BEFORE = 15


@pytest.fixture
def gateway() -> Iterator[Sandbox]:
    """Two pictures an answer, so that there are many files."""
    with Sandbox(fixed_answer=answer_of((96, 64), (64, 96), billed="0.080000")) as running:
        yield running


def manage(studio: ApiStudio, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=PROJECT,
        env={**studio.surroundings, "STUDIO_BACKUP_PASSPHRASE": PASSPHRASE, **more},
        capture_output=True,
        text=True,
    )


@contextmanager
def people_at_work(visitor: Visitor) -> Iterator[list[str]]:
    """Let somebody order one picture after the other; gives the prompts of what was taken."""
    taken: list[str] = []
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.1):
            prompt = f"At work {len(taken)}"
            assert visitor.order(prompt)[0] == 202
            taken.append(prompt)

    thread = threading.Thread(target=work)
    thread.start()
    wait_until(lambda: taken)
    yield taken
    over.set()
    thread.join()


def killed_halfway(studio: ApiStudio, kept: Path) -> None:
    """Begin a backup, and kill it as soon as it has copied a file."""
    with subprocess.Popen(
        [sys.executable, "manage.py", "backup", str(kept)],
        cwd=PROJECT,
        env={**studio.surroundings, "STUDIO_BACKUP_PASSPHRASE": PASSPHRASE},
        stdout=subprocess.DEVNULL,
    ) as process:
        wait_until(lambda: list(kept.glob("files/*/*")))
        process.kill()
    assert not list(kept.glob("snapshots/*"))


def as_they_lie(kept: Path) -> dict[Path, tuple[bytes, int]]:
    files = (path for path in kept.rglob("*") if path.is_file())
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def all_bytes(kept: Path, tmp_path: Path) -> bytes:
    """Everything that the passphrase opens, unpacked; the dump as the statements that it holds."""
    folder, found = BackupFolder.open(kept, PASSPHRASE), []
    for path in kept.glob("snapshots/*/*"):
        part = tmp_path / "part"
        with path.open("rb") as source, part.open("wb") as target:
            folder.seal.read(source, target)
        if ".dump" in path.name:
            subprocess.run(["pg_restore", "-f", f"{part}.sql", part], check=True)
            part = part.with_suffix(".sql")
        data = part.read_bytes()
        found.append(gzip.decompress(data) if ".gz" in path.name else data)
    return b"".join([*found, *(path.read_bytes() for path in kept.rglob("*") if path.is_file())])


def secrets_of(visitor: Visitor) -> dict[str, str]:
    studio = visitor.studio
    return {
        "key": studio.sandbox.key,
        "secret": (studio.folder / "data" / "secret").read_text().strip(),
        "session": next(
            one.value or "" for one in visitor.browser.cookies if "session" in one.name
        ),
        "token": studio.token,
        "bucket": SECRET,
        "password": "a long enough one",
        "passphrase": PASSPHRASE,
    }


def counted(studio: ApiStudio) -> list[Any]:
    return studio.ask(
        "SELECT (SELECT COUNT(*) FROM omixa_studio_picture), (SELECT SUM(amount_micros) FROM"
        " omixa_studio_charge), (SELECT COUNT(*) FROM omixa_studio_generation)"
    )


def test_it_comes_back_whole_from_a_studio_at_work(
    gateway: Sandbox, postgres_server: str, tmp_path: Path
) -> None:
    kept, here, there = tmp_path / "kept", tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    with (
        bucket_server() as bucket,
        servers.fresh_database(postgres_server, "here") as rows,
        servers.fresh_database(postgres_server, "there") as empty,
        api_studio(here, gateway, rows, STORAGE_URL=bucket.make_bucket()) as studio,
    ):
        visitor = Visitor(studio).log_in()
        for number in range(ORDERS_BEFORE):
            assert visitor.order(f"Before {number}")[0] == 202
        studio.wait_until_done()
        with people_at_work(visitor) as taken:
            killed_halfway(studio, kept)
            again = manage(studio, "backup", str(kept))
            assert again.returncode == 0, again.stderr
            first = as_they_lie(kept)
            done = manage(studio, "backup", str(kept))
            assert done.returncode == 0, done.stderr
        assert len(taken) > 5
        assert first.items() <= as_they_lie(kept).items()  # nothing was touched
        assert not (kept / "unfinished").exists()
        told = all_bytes(kept, tmp_path)
        assert b"Before 7" in told
        assert [name for name, it in secrets_of(visitor).items() if it.encode() in told] == []
        studio.wait_until_done()
        assert manage(studio, "verify").returncode == 0
        studio.kill()
        # The person of the token comes back with everything else.
        told_anew = {"STORAGE_URL": bucket.make_bucket()}
        restored = ApiStudio(there, gateway, empty, told_anew, token=studio.token)
        comes_back(restored, kept, [*taken, *(f"Before {n}" for n in range(ORDERS_BEFORE))])


def comes_back(studio: ApiStudio, kept: Path, asked: list[str]) -> None:
    wrong = manage(studio, "restore", str(kept), STUDIO_BACKUP_PASSPHRASE="wrong")
    assert "STUDIO_BACKUP_PASSPHRASE does not open" in wrong.stderr
    done = manage(studio, "restore", str(kept))
    assert done.returncode == 0, done.stdout + done.stderr
    assert manage(studio, "verify").returncode == 0
    folder = BackupFolder.open(kept, PASSPHRASE)
    manifest = folder.manifest(folder.snapshots()[-1])
    [(pictures, micros, generations)] = counted(studio)
    assert pictures == manifest["tables"]["omixa_studio_picture"] >= 2 * ORDERS_BEFORE
    assert generations == manifest["tables"]["omixa_studio_generation"]
    assert micros == sum(one["micros"] for one in manifest["ledger"].values())
    over = manage(studio, "restore", str(kept))
    assert (over.returncode, "overwrites nothing" in over.stderr) == (1, True)
    before = len(studio.sandbox.calls)
    try:
        visitor = Visitor(studio.start()).log_in()
        visitor.wait_to_read("The database is an older copy")
        assert visitor.press("After the restore").status == 200
        assert visitor.order("By a program")[0] == 202
        assert set(studio.states()) <= {"done", "unknown", "queued"}
        assert (studio.state_of("After the restore"), len(studio.sandbox.calls)) == (
            "queued",
            before,
        )
        assert visitor.ready()[1]["waiting"]["paused"] == "older"
        calls = [call.prompt for call in studio.sandbox.calls]
        assert sorted(calls) == sorted(asked)
    finally:
        studio.kill()
        print(studio.log)
