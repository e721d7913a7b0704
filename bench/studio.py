"""A real studio to measure: gateway, web and worker as processes, and a person's session."""

import atexit
import re
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import requests

from .processes import child, command_of, family, wait_until

KEY = "omx_live_bench"
ADMIN, PASSWORD = "bench", "a bench that measures"
MODEL = "imagen-4.0-generate-001"
# A machine that is busy with other things may take long.
SECONDS_TO_START = 180


@dataclass
class Studio:
    """A studio that serves at `address`, and one logged-in session of its admin."""

    address: str
    folder: Path
    pid: int
    username: str = ADMIN
    password: str = PASSWORD
    session: requests.Session = field(default_factory=requests.Session)

    @property
    def worker(self) -> int:
        """The process id of the worker."""
        return next(pid for pid in family(self.pid) if "manage.py worker" in command_of(pid))

    @property
    def web(self) -> int:
        """The process id of the web server's master."""
        return next(pid for pid in family(self.pid) if "gunicorn" in command_of(pid))

    def log_in(self) -> None:
        page = self.session.get(f"{self.address}/login/", timeout=30)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        form = {
            "csrfmiddlewaretoken": token[1] if token else "",
            "login": self.username,
            "password": self.password,
        }
        answer = self.session.post(f"{self.address}/login/", form, timeout=30)
        if "/login/" in answer.url:
            raise RuntimeError("the measuring person could not log in")

    def form_token(self) -> str:
        cookies = self.session.cookies.items()
        return next(value for name, value in cookies if name.startswith("studio_form_"))

    def click(self, prompt: str) -> float:
        """Press Generate once; return the seconds until the answer."""
        form = {
            "csrfmiddlewaretoken": self.form_token(),
            "model": MODEL,
            "prompt": prompt,
        }
        answer = self.session.post(
            f"{self.address}/generations/", form, allow_redirects=False, timeout=30
        )
        if answer.status_code != 303:
            raise RuntimeError(f"the studio refused a click: {answer.status_code}")
        return answer.elapsed.total_seconds()

    def ask(self, query: str) -> tuple[Any, ...]:
        """Read one row of its database."""
        rows = sqlite3.connect(f"{(self.folder / 'studio.sqlite3').as_uri()}?mode=ro", uri=True)
        with closing(rows):
            row: tuple[Any, ...] = rows.execute(query).fetchone()
            return row

    def count(self, state: str) -> int:
        """How many generations are in a state."""
        query = f"SELECT count(*) FROM omixa_studio_generation WHERE state = '{state}'"
        return int(self.ask(query)[0])

    def started(self) -> int:
        """How many generations a worker has claimed."""
        query = "SELECT count(*) FROM omixa_studio_generation WHERE started_at IS NOT NULL"
        return int(self.ask(query)[0])

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Let clicks queue up, and set the worker free at the end of the block.

        Raises RuntimeError where the worker did not wait for that: nothing measured is true then.
        """
        rows = sqlite3.connect(self.folder / "studio.sqlite3", timeout=20)
        target = self.ask("SELECT target FROM omixa_studio_generation LIMIT 1")[0]
        with closing(rows):
            with rows:
                # Without an end: a pause that ends further ahead than any wait holds nothing.
                rows.execute(
                    "INSERT INTO omixa_studio_pause (target, reason, error, since, key_digest)"
                    " VALUES (?, 'rate', '[]', '2020-01-01', '')",
                    (target,),
                )
            before = self.started()
            yield
            if self.started() != before:
                raise RuntimeError("the worker went on while the queue was held back")
            with rows:
                rows.execute("DELETE FROM omixa_studio_pause")


@contextmanager
def studio(folder: Path, *, gateway: str = "", **told: str) -> Iterator[Studio]:
    """Run a studio in a data folder, on a gateway; without one it starts its own sandbox.

    A folder that is not there becomes a copy of one whose tables are made already.
    """
    if not folder.exists():
        shutil.copytree(_prepared(), folder)
    if gateway:
        told |= {"OMIXA_API_KEY": KEY, "OMIXA_BASE_URL": gateway}
    with start(folder, **told) as found:
        yield found


@contextmanager
def start(folder: Path, **told: str) -> Iterator[Studio]:
    """Start a studio as it is in a data folder; end it after the block."""
    port = free_port()
    told |= {
        "STUDIO_DATA_DIR": str(folder),
        "STUDIO_PORT": str(port),
        "STUDIO_ADMIN_USERNAME": ADMIN,
        "STUDIO_ADMIN_PASSWORD": PASSWORD,
    }
    folder.mkdir(parents=True, exist_ok=True)
    with child(["manage.py", "studio"], told, folder / "bench.log") as process:
        found = Studio(f"http://127.0.0.1:{port}", folder, process.pid)
        wait_until(lambda: is_up(found.address, process), seconds=SECONDS_TO_START)
        yield found


@contextmanager
def gateway(answer: Path, seconds: float, folder: Path) -> Iterator[str]:
    """Run the stand-in gateway with one prepared answer; give its address."""
    words = folder / f"gateway-{time.monotonic_ns()}.log"
    command = ["manage.py", "sandbox", "--key", KEY, "--seconds", str(seconds)]
    with child([*command, "--answer-file", str(answer)], {}, words):
        wait_until(lambda: "listening on" in words.read_text(encoding="utf-8"))
        yield words.read_text(encoding="utf-8").split()[-1]


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on at this moment."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return int(listener.getsockname()[1])


def is_up(address: str, process: "subprocess.Popen[str]") -> bool:
    """Say whether a studio answers there; RuntimeError when its process has ended."""
    if process.poll() is not None:
        raise RuntimeError("the studio did not start; its words are in bench.log")
    try:
        return requests.get(f"{address}/login/", timeout=30).status_code == 200
    except (requests.ConnectionError, requests.Timeout):
        return False


@cache
def _prepared() -> Path:
    """A data folder in which a studio ran once, removed when the bench ends."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with start(folder):
        return folder
