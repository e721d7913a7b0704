"""What `manage.py studio` does before it serves, and what it says when it cannot."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from omixa_studio import boot
from tests.boot.conftest import Start, Studio
from tests.servers import PROJECT, wait_until


def test_it_serves_and_prints_the_address(studio: Studio) -> None:
    assert f"Omixa Studio is running at {studio.address}\n" in studio.output
    assert studio.health() == 200


def test_it_says_at_its_start_what_is_wrong_with_the_first_admin(
    start: Start, migrated_folder: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(migrated_folder, tmp_path / "data"))
    told = {"STUDIO_ADMIN_USERNAME": "mara", "STUDIO_ADMIN_PASSWORD": "short"}
    studio = start(**told).wait_until_ready()
    wait_until(lambda: "STUDIO_ADMIN_PASSWORD: This password is too short." in studio.output)
    assert "/setup/ asks for one" in studio.output
    assert studio.health() == 200
    studio.signal_all(signal.SIGTERM)
    studio.end()
    again = start(**told | {"STUDIO_ADMIN_PASSWORD": "tall-blue-harbour"}).wait_until_ready()
    wait_until(lambda: "Made the first admin, mara" in again.output)
    with closing(sqlite3.connect(folder / "studio.sqlite3")) as rows:
        assert rows.execute("SELECT username FROM omixa_studio_person").fetchall() == [("mara",)]


def test_it_serves_with_as_many_processes_as_asked_for(start: Start) -> None:
    studio = start(STUDIO_WEB_PROCESSES="3").wait_until_ready()
    wait_until(lambda: len(web_processes(studio)) == 1 + 3)
    assert {studio.health() for _ in range(20)} == {200}
    # Another takes the place of one that dies.
    os.kill(max(web_processes(studio)), signal.SIGKILL)
    assert studio.health() == 200
    wait_until(lambda: len(web_processes(studio)) == 1 + 3)
    studio.process.send_signal(signal.SIGTERM)
    assert studio.end() == 0
    assert not studio.running()


def web_processes(studio: Studio) -> list[int]:
    """Return the web server's first process and those that it started."""
    return [pid for pid, command in studio.running().items() if "gunicorn" in command]


def test_it_starts_again_without_migrating(
    start: Start, migrated_folder: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(migrated_folder, tmp_path / "data"))
    note = folder / "schema"
    before = note.stat().st_mtime_ns
    start().wait_until_ready()
    assert note.stat().st_mtime_ns == before


def test_it_serves_again_at_once_after_it_was_killed(studio: Studio, start: Start) -> None:
    studio.signal_all(signal.SIGKILL)
    again = start(port=studio.port)
    assert again.wait_until_ready().health() == 200


def test_it_keeps_its_secret_to_the_owner(studio: Studio) -> None:
    secret = studio.folder / "secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert len(secret.read_text()) > 40


def test_it_keeps_all_that_it_makes_to_the_owner(start: Start) -> None:
    studio = start().wait_until_ready()  # the tests' own mask lets others read
    made = [studio.folder, *studio.folder.rglob("*")]
    assert {"studio.sqlite3", "studio.lock"} <= {path.name for path in made}
    assert [path for path in made if path.stat().st_mode & 0o077] == []


def test_it_closes_what_an_older_studio_left_open(
    start: Start, migrated_folder: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(migrated_folder, tmp_path / "data"))
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)
    start().wait_until_ready()
    assert [path for path in (folder, *folder.iterdir()) if path.stat().st_mode & 0o077] == []


def test_it_leaves_a_folder_open_that_holds_other_things(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "studio.sqlite3").touch()
    for path in (tmp_path, tmp_path / "letters", tmp_path / "studio.sqlite3"):
        path.chmod(0o755)
    boot.keep_private(tmp_path)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert modes == {"letters": 0o755, "studio.sqlite3": 0o600}
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_it_refuses_a_link_to_a_disk_that_is_not_there(start: Start, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "media").symlink_to(tmp_path / "disk")
    studio = start()
    assert studio.end() == 1
    assert studio.output == (
        f"{folder / 'media'} leads to {tmp_path / 'disk'}, which does not exist:"
        " is its disk mounted?\n"
    )


def test_no_header_of_a_visitor_moves_the_studio(studio: Studio) -> None:
    line = HTTPConnection("127.0.0.1", studio.port, timeout=20)
    line.request("GET", "/setup/", headers={"SCRIPT_NAME": "/elsewhere"})
    first = line.getresponse()
    assert (first.status, b"/elsewhere" in first.read()) == (200, False)
    line.request("GET", "/nowhere/setup/", headers={"SCRIPT_NAME": "/nowhere"})
    answer = line.getresponse()
    assert (answer.status, answer.headers["Location"]) == (302, "/setup/")
    line.close()


def test_it_refuses_a_taken_port(start: Start, taken_port: int) -> None:
    studio = start(port=taken_port)
    assert studio.end() == 1
    assert studio.output == (
        f"Port {taken_port} on 127.0.0.1 is already in use: stop the program that uses it,"
        " or choose another port with STUDIO_PORT.\n"
    )


def test_it_refuses_an_address_of_another_machine(start: Start) -> None:
    studio = start(STUDIO_HOST="192.0.2.1")
    assert studio.end() == 1
    assert studio.output.count("\n") == 1
    assert "192.0.2.1 cannot be used" in studio.output


def test_it_refuses_a_folder_it_cannot_write(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    studio = start(folder=file / "data")
    assert studio.end() == 1
    assert studio.output.count("\n") == 1
    assert str(file / "data") in studio.output


def test_it_refuses_a_folder_whose_lock_it_cannot_write(start: Start, tmp_path: Path) -> None:
    lock = tmp_path / "data" / "studio.lock"
    lock.mkdir(parents=True)
    studio = start()
    assert studio.end() == 1
    assert studio.output == f"The data folder {lock.parent} cannot be written: Is a directory.\n"


def test_it_refuses_a_folder_that_is_served_already(studio: Studio, start: Start) -> None:
    second = start()
    assert second.end() == 1
    assert second.output == (
        f"This data folder is already served at {studio.address}"
        f" (process {studio.process.pid}): {studio.folder}\n"
    )
    assert studio.health() == 200


def test_it_refuses_an_odd_value_in_one_sentence(start: Start) -> None:
    studio = start(STUDIO_WORKER_THREADS="many")
    assert studio.end() == 1
    assert studio.output == "STUDIO_WORKER_THREADS must be a whole number, not 'many'.\n"


def test_it_runs_no_sandbox_when_there_is_a_key(
    start: Start, migrated_folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(migrated_folder, tmp_path / "data")
    studio = start(OMIXA_API_KEY="omx_test", OMIXA_BASE_URL="http://127.0.0.1:9/api/v1")
    studio.wait_until_ready()
    assert not [command for command in studio.running().values() if "sandbox" in command]
    assert "OMIXA_API_KEY" not in studio.output


def test_it_draws_locally_when_there_is_no_key(studio: Studio) -> None:
    wait_until(lambda: [name for name in studio.running().values() if "sandbox" in name], 5)
    assert "nothing is billed" in studio.output


def test_it_says_how_to_start_when_the_packages_are_missing() -> None:
    bare = subprocess.run(
        [sys.executable, "-S", "manage.py", "studio"],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert bare.returncode == 1
    assert bare.stderr == "Omixa Studio's packages are not here; start it with: make run\n"


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("omixa_studio.supervisor", {"django", "requests"}),
        ("omixa_studio.sandbox", {"django", "requests"}),
        ("omixa_studio.wsgi, omixa_studio.urls", {"redis", "psycopg", "boto3", "numpy"}),
        ("omixa_studio.wsgi, omixa_studio.worker", {"redis", "psycopg", "boto3", "numpy"}),
    ],
)
def test_it_loads_nothing_it_does_not_need(module: str, unwanted: set[str]) -> None:
    code = f"import sys, {module}; print(*{unwanted} & {{*sys.modules}})"
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, timeout=60
    )
    assert (answer.returncode, answer.stdout) == (0, "\n")
