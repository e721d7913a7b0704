"""A studio as people start it: its own process group, data folder and port."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.servers import PROJECT, free_port, wait_until

COMMAND = (sys.executable, "manage.py", "studio")


@dataclass
class Studio:
    """A started studio; `log` is the file that takes all it prints."""

    process: subprocess.Popen[bytes]
    folder: Path
    port: int
    log: Path

    @property
    def output(self) -> str:
        return self.log.read_text()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait_until_ready(self, seconds: float = 240) -> "Studio":
        wait_until(
            lambda: "is running at" in self.output or self.process.poll() is not None, seconds
        )
        assert self.process.poll() is None, self.output
        return self

    def health(self) -> int:
        with urlopen(f"{self.address}/health", timeout=20) as answer:
            return int(answer.status)

    def running(self) -> dict[int, str]:
        """Return the command of each living process of the group, by its id."""
        rows = subprocess.run(
            ["ps", "-eo", "pid=,pgid=,stat=,args="], capture_output=True, text=True, check=True
        )
        parts = [row.split(maxsplit=3) for row in rows.stdout.splitlines()]
        ours = [row for row in parts if row[1] == str(self.process.pid) and row[2][0] != "Z"]
        return {int(row[0]): row[3] for row in ours}

    def find(self, words: str) -> int:
        """Return the first started process whose command contains these words."""
        return min(pid for pid, command in self.running().items() if words in command)

    def end(self, seconds: float = 60) -> int:
        """Wait for its end; return the exit code."""
        return self.process.wait(timeout=seconds)

    def signal_all(self, number: signal.Signals) -> None:
        os.killpg(self.process.pid, number)


# The function that the fixture `start` gives.
Start = Callable[..., Studio]


@pytest.fixture(autouse=True)
def hang_up_counts() -> Iterator[None]:
    """The tests' own nohup is not the studio's: programs inherit which signals are ignored."""
    usual = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, usual)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Give the function that starts a studio; whatever is left of it is killed at the end."""
    started: list[Studio] = []

    def start_one(
        *,
        folder: Path = tmp_path / "data",
        port: int = 0,
        command: tuple[str, ...] = COMMAND,
        project: Path = PROJECT,
        **told: str,
    ) -> Studio:
        port = port or free_port()
        log = tmp_path / f"log-{len(started)}"
        surroundings = {"STUDIO_DATA_DIR": str(folder), "STUDIO_PORT": str(port), **told}
        with log.open("wb") as sink:
            process = subprocess.Popen(
                command,
                cwd=project,
                env={**os.environ, **surroundings},
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        started.append(Studio(process, folder, port, log))
        return started[-1]

    yield start_one
    for studio in started:
        if studio.running():
            studio.signal_all(signal.SIGKILL)
        studio.process.wait()


@pytest.fixture(scope="session")
def migrated_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a data folder that a studio has served once, to be copied."""
    folder = tmp_path_factory.mktemp("migrated") / "data"
    surroundings = {"STUDIO_DATA_DIR": str(folder), "STUDIO_PORT": str(free_port())}
    studio = subprocess.Popen(
        COMMAND, cwd=PROJECT, env={**os.environ, **surroundings}, stdout=subprocess.PIPE, text=True
    )
    assert studio.stdout is not None
    next(line for line in studio.stdout if "is running at" in line)
    studio.terminate()
    assert studio.wait(timeout=60) == 0
    return folder


@pytest.fixture
def studio(start: Start, migrated_folder: Path, tmp_path: Path) -> Studio:
    """Give a studio that serves, on a data folder of its own."""
    shutil.copytree(migrated_folder, tmp_path / "data")
    return start().wait_until_ready()


@pytest.fixture
def taken_port() -> Iterator[int]:
    """Give a port on which somebody else listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]
