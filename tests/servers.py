"""Real servers and browsers for the tests: found on this machine, started on loopback."""

import fcntl
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from urllib.request import urlopen

import boto3
import psycopg
import redis

PROJECT = Path(__file__).resolve().parent.parent
BROWSERS = PROJECT / ".tools" / "browsers"
BROWSER_NAMES = (
    # Without a window a page opens in two thirds of the time.
    "chromium-headless-shell",
    "chrome-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
FIREFOX_NAMES = (
    "firefox-esr",
    "firefox",
    "/Applications/Firefox.app/Contents/MacOS/firefox",
)
POSTGRES_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
)
# PostgreSQL refuses to run as root; one of these runs it instead.
POSTGRES_PEOPLE = ("postgres", "nobody")
# On loopback alone, without syncing, and with room for two hundred threads and more.
POSTGRES_OPTIONS = ("-h", "127.0.0.1", "-k", "", "-F", "-N", "260")
SECONDS_TO_START = 60


class MissingPartError(Exception):
    """Something the tests need is not on this machine; the message says what."""


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on at this moment."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return int(listener.getsockname()[1])


def wait_until(true: Callable[[], object], seconds: float = SECONDS_TO_START) -> None:
    """Return as soon as `true()` holds; raise TimeoutError after so many seconds."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} seconds: {true}")
        time.sleep(0.02)


def run_whole(
    arguments: Sequence[str], surroundings: Mapping[str, str], *, seconds: float = 280
) -> tuple[int, str]:
    """Run a program of ours to its end; return its code, and all that it wrote.

    What it started ends with it, also where it failed or took longer than so many seconds. It
    writes to a file: the end of a pipe would come only when the last of them had ended.
    """
    with TemporaryFile("w+") as written:
        program = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=PROJECT,
            env=surroundings,
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = program.wait(seconds)
        except subprocess.TimeoutExpired:
            code = -signal.SIGALRM
        finally:
            with suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGKILL)
            program.wait()
        written.seek(0)
        return code, written.read()


def find_chromium() -> str:
    """Return the path of a Chromium, downloading one into the project's folder at need."""
    named = os.environ.get("CHROMIUM", "")
    if named and not shutil.which(named):
        raise MissingPartError(f"CHROMIUM names no program: {named}")
    found = named or next(filter(None, map(shutil.which, BROWSER_NAMES)), None)
    return found or _downloaded_chromium()


def find_firefox() -> str:
    """Return the path of a Firefox that Node can drive; npm gets what drives it."""
    missing = [name for name in ("node", "npm") if not shutil.which(name)]
    found = next(filter(None, map(shutil.which, FIREFOX_NAMES)), None)
    if missing or not found:
        raise MissingPartError("Firefox, Node or npm is missing (firefox-esr, nodejs, npm).")
    return found


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL server in an empty folder; give the address of its first database."""
    make_postgres(folder)
    with running_postgres(folder, free_port()) as url:
        yield url


def make_postgres(folder: Path) -> None:
    """Make the rows of a PostgreSQL server in an empty folder."""
    person = _postgres_person()
    os.chown(folder, *(person or (-1, -1)))
    options = ["-D", folder / "rows", "-U", "studio", "-A", "trust", "-E", "UTF8"]
    _run_as(person, [_postgres_programs() / "initdb", *options])


@contextmanager
def running_postgres(folder: Path, port: int) -> Iterator[str]:
    """Run the PostgreSQL server of a folder; give the address of its first database."""
    person = _postgres_person()
    program = _postgres_programs() / "postgres"
    server = subprocess.Popen(
        [program, "-D", str(folder / "rows"), "-p", str(port), *POSTGRES_OPTIONS],
        cwd=folder,
        stderr=subprocess.DEVNULL,
        **_identity(person),
    )
    url = f"postgres://studio@127.0.0.1:{port}/postgres"
    with _until_closed(server):
        wait_until(lambda: _answers(lambda: psycopg.connect(url).close(), psycopg.Error))
        yield url


@contextmanager
def fresh_database(server_url: str, name: str) -> Iterator[str]:
    """Create an empty database on a PostgreSQL server, give its address, drop it after."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield server_url.rpartition("/")[0] + "/" + name
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def redis_server(folder: Path, port: int = 0) -> Iterator[str]:
    """Run a Redis server that keeps nothing on disk; give its address."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if not program:
        raise MissingPartError("Redis is not installed (redis-server or valkey-server).")
    port = port or free_port()
    quiet = ["--save", "", "--appendonly", "no", "--dir", str(folder)]
    server = subprocess.Popen(
        [program, "--bind", "127.0.0.1", "--port", str(port), *quiet],
        stdout=subprocess.DEVNULL,
    )
    url = f"redis://127.0.0.1:{port}/0"
    with _until_closed(server):
        wait_until(lambda: _answers(redis.Redis.from_url(url).ping, redis.RedisError))
        yield url


@contextmanager
def s3_server(folder: Path) -> Iterator[str]:
    """Run a server that speaks S3 and keeps objects in memory; give its address."""
    port = free_port()
    with (folder / "s3.log").open("ab") as sink:
        server = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=sink,
            stderr=sink,
        )
    url = f"http://127.0.0.1:{port}"
    with _until_closed(server):
        wait_until(lambda: _answers(lambda: urlopen(f"{url}/moto-api/", timeout=5), OSError))
        yield url


@contextmanager
def bucket(server_url: str, name: str) -> Iterator[str]:
    """Make an empty bucket on an S3 server; give the STORAGE_URL that names it."""
    keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s"}
    client = boto3.client("s3", endpoint_url=server_url, region_name="us-east-1", **keys)
    client.create_bucket(Bucket=name)
    options = f"endpoint_url={server_url}&region_name=us-east-1&access_key=k&secret_key=s"
    yield f"s3://{name}/some/prefix?{options}"


def _downloaded_chromium() -> str:
    BROWSERS.mkdir(parents=True, exist_ok=True)
    with (BROWSERS / "download.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _playwrights_own():
            subprocess.run(
                [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"],
                env={**os.environ, "PLAYWRIGHT_BROWSERS_PATH": str(BROWSERS)},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=300,
                check=False,
            )
    if not _playwrights_own():
        raise MissingPartError("No Chromium or Chrome was found, and none could be downloaded.")
    return _playwrights_own()


def _playwrights_own() -> str:
    names = ("chrome-headless-shell", "headless_shell", "chrome")
    found = (path for name in names for path in BROWSERS.glob(f"chromium*/*/{name}"))
    return str(next(found, ""))


def _postgres_programs() -> Path:
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    for pattern in POSTGRES_FOLDERS:
        folders += sorted(Path("/").glob(pattern.lstrip("/")), reverse=True)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise MissingPartError("PostgreSQL's server is not installed (initdb, postgres).")


def _postgres_person() -> tuple[int, int] | None:
    """Return who has to run PostgreSQL, as user and group, or None for ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    person = next(known[name] for name in POSTGRES_PEOPLE if name in known)
    return person.pw_uid, person.pw_gid


def _identity(person: tuple[int, int] | None) -> dict[str, Any]:
    return {"user": person[0], "group": person[1], "extra_groups": []} if person else {}


def _run_as(person: tuple[int, int] | None, command: list[object]) -> None:
    where = Path(str(command[2])).parent
    subprocess.run(
        [str(word) for word in command],
        cwd=where,
        check=True,
        stdout=subprocess.DEVNULL,
        **_identity(person),
    )


@contextmanager
def _until_closed(server: subprocess.Popen[bytes]) -> Iterator[None]:
    """Stop a server at the end: SIGINT is PostgreSQL's fast and Redis's usual way out."""
    try:
        yield
    finally:
        server.send_signal(2)
        server.wait(timeout=SECONDS_TO_START)


def _answers(call: Callable[[], object], refused: type[Exception]) -> bool:
    try:
        call()
    except refused:
        return False
    return True
