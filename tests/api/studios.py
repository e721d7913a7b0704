"""A real studio for programs: web server, worker, a gateway at hand, a person's token."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar
from urllib.request import urlopen

import psycopg

from omixa_studio.sandbox import Sandbox
from tests.databases import put_migrated_sqlite
from tests.servers import PROJECT, free_port, wait_until

Answer = TypeVar("Answer")
# On a busy machine.
SECONDS_TO_START = 240
MAKE_TOKEN = """
import django
django.setup()
from omixa_studio.models import Person
from omixa_studio.services.people import ensure_first_admin
from omixa_studio.services.tokens import make_token
# Made only while there is nobody, so before anybody else.
assert ensure_first_admin()
person = Person.objects.create(username="ada")
print(make_token(person, "tests", ["make", "read"], None)[1])
"""


def awaited(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Run it in a thread of its own: tests in a browser leave their running loop in this one."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, work).result()


@dataclass
class ApiStudio:
    """A studio that can be killed and started again; `sandbox` is its gateway, and its bill."""

    folder: Path
    sandbox: Sandbox = field(repr=False)
    database: str = ""
    told: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    token: str = ""
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        return f"{self.address}/v1"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    @property
    def surroundings(self) -> dict[str, str]:
        ours = {
            "STUDIO_DATA_DIR": str(self.folder / "data"),
            "STUDIO_PORT": str(self.port),
            "STUDIO_ADMIN_USERNAME": "root",
            "STUDIO_ADMIN_PASSWORD": "a long enough one",
            "OMIXA_BASE_URL": self.sandbox.base_url,
            "OMIXA_API_KEY": self.sandbox.key,
            "DJANGO_SETTINGS_MODULE": "omixa_studio.settings",
        }
        rows = {"DATABASE_URL": self.database} if self.database else {}
        return {**os.environ, **ours, **rows, **self.told}

    def start(self) -> "ApiStudio":
        with (self.folder / "log").open("ab") as sink:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "studio"],
                cwd=PROJECT,
                env=self.surroundings,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(self._answers, SECONDS_TO_START)
        if not self.token:
            self.token = self.run(MAKE_TOKEN).strip()
        return self

    def kill(self) -> None:
        """End all its processes at once, as a power cut would."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def run(self, program: str) -> str:
        """Run Python with the studio's settings; return what it prints."""
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=PROJECT,
            env=self.surroundings,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout

    def ask(self, statement: str) -> list[tuple[object, ...]]:
        """Return the rows of a statement on the studio's database."""
        if self.database:
            with psycopg.connect(self.database, autocommit=True) as rows:
                return list(rows.execute(statement.encode()).fetchall())
        place = self.folder / "data" / "studio.sqlite3"
        with closing(sqlite3.connect(f"file:{place}?mode=ro", uri=True, timeout=20)) as rows:
            return rows.execute(statement).fetchall()

    def states(self) -> list[str]:
        """Return the states of all requests, in their order."""
        asked = self.ask("SELECT state FROM omixa_studio_generation ORDER BY id")
        return [str(state) for (state,) in asked]

    def state_of(self, prompt: str) -> str:
        """Return the state of the request with a prompt, "" if there is none."""
        assert "'" not in prompt
        found = self.ask(f"SELECT state FROM omixa_studio_generation WHERE prompt = '{prompt}'")
        return str(found[0][0]) if found else ""

    def wait_until_done(self, seconds: float = 60) -> None:
        """Wait until nothing is open."""
        wait_until(lambda: not {"queued", "running"} & set(self.states()), seconds)

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log
        try:
            with urlopen(f"{self.address}/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@contextmanager
def api_studio(
    folder: Path, sandbox: Sandbox, database: str = "", **told: str
) -> Iterator[ApiStudio]:
    """Run a studio in an empty folder; what is left of it is killed at the end."""
    if not database:
        put_migrated_sqlite(folder / "data" / "studio.sqlite3")
    studio = ApiStudio(folder, sandbox, database, told)
    try:
        yield studio.start()
    finally:
        studio.kill()
        print(studio.log)


def broken_promises(studio: ApiStudio, prompts: list[str]) -> list[str]:
    """Return what is wrong: paid twice, paid and lost, or booked otherwise than billed."""
    wrong = []
    rows = studio.ask(
        "SELECT g.prompt, g.state, COALESCE(g.billed_micros, 0),"
        " (SELECT COUNT(*) FROM omixa_studio_picture p WHERE p.generation_id = g.id)"
        " FROM omixa_studio_generation g"
    )
    for prompt in prompts:
        calls = [one for one in studio.sandbox.calls if one.prompt == prompt]
        # 429 is the gateway's word that nothing was bought.
        if len([one for one in calls if one.status != 429]) > 1:
            wrong.append(f"called twice: {prompt}")
        mine = [row for row in rows if row[0] == prompt]
        if any(row[1] == "done" and row[3] != 1 for row in mine):
            wrong.append(f"no picture: {prompt}")
        if any(one.billed for one in calls) and {row[1] for row in mine} & {"failed", "cancelled"}:
            wrong.append(f"paid and lost: {prompt}")
    captured = studio.ask(
        "SELECT COALESCE(SUM(amount_micros), 0) FROM omixa_studio_charge WHERE kind = 'capture'"
    )[0][0]
    done = {str(row[0]) for row in rows if row[1] == "done"}
    billed = sum(
        (one.billed for one in studio.sandbox.calls if one.billed and one.prompt in done),
        Decimal(0),
    )
    if Decimal(str(captured)) != billed * 1_000_000:
        wrong.append(f"ledger {captured}, gateway {billed}")
    return wrong
