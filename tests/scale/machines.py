"""A studio of several machines: each has processes, a disk and a name of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import requests

from omixa_studio.sandbox import Sandbox
from tests.servers import PROJECT, free_port, wait_until

WEB = ("-m", "gunicorn", "-c", "python:omixa_studio.webserver", "omixa_studio.wsgi")
WORKER = ("manage.py", "worker", "--sweep-seconds", "0.5", "--threads")
ADMIN, PASSWORD = "root", "a long enough one"
# On a busy machine.
SECONDS_TO_START = 240
SECONDS_TO_ANSWER = 60


@dataclass
class Forked:
    """A part that a warm process forked, as much of `Popen` as is needed here."""

    pid: int

    def poll(self) -> int | None:
        """Return None while it or anything that it started is there."""
        try:
            os.killpg(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def wait(self, seconds: float) -> None:
        wait_until(lambda: self.poll() is not None, seconds)


@dataclass
class Machine:
    """A web server, a worker or both, on a data folder that no other machine can see."""

    name: str
    folder: Path
    told: dict[str, str]
    port: int = field(default_factory=free_port)
    threads: int = 2
    running: dict[str, "subprocess.Popen[bytes] | Forked"] = field(default_factory=dict)
    forker: "subprocess.Popen[str] | None" = None
    forking: threading.Lock = field(default_factory=threading.Lock)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""

    @property
    def surroundings(self) -> dict[str, str]:
        ours = {
            "STUDIO_DATA_DIR": str(self.folder / "data"),
            "STUDIO_PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "omixa_studio.settings",
        }
        return {**os.environ, **self.told, **ours}

    @contextmanager
    def warm(self) -> Iterator[None]:
        """Let parts start in a moment until the end of the block, where all of them end."""
        with subprocess.Popen(
            [sys.executable, "-m", "tests.scale.forker"],
            cwd=PROJECT,
            env=self.surroundings,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as self.forker:
            yield
            self.forker.communicate()

    def start(self, part: str) -> None:
        """Start the "web" server or the "worker"."""
        self.running[part] = self._forked(part) if self.forker else self._started(part)

    def _command(self, part: str) -> Sequence[str]:
        return {"web": WEB, "worker": (*WORKER, str(self.threads))}[part]

    def _forked(self, part: str) -> Forked:
        assert self.forker is not None
        assert self.forker.stdin is not None
        assert self.forker.stdout is not None
        # Without what Python is told on a command line: "-m gunicorn" or the file's name.
        arguments = self._command(part)[{"web": 2, "worker": 1}[part] :]
        wish = {"part": part, "arguments": arguments, "log": str(self.folder / "log")}
        with self.forking:
            self.forker.stdin.write(json.dumps(wish) + "\n")
            self.forker.stdin.flush()
            return Forked(int(self.forker.stdout.readline()))

    def _started(self, part: str) -> "subprocess.Popen[bytes]":
        with (self.folder / "log").open("ab") as sink:
            return subprocess.Popen(
                [sys.executable, *self._command(part)],
                cwd=PROJECT,
                env=self.surroundings,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def end(self, part: str, number: int = signal.SIGTERM) -> None:
        """Send a signal to a part and all that it started; wait until it is gone."""
        process = self.running.pop(part)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        process.wait(60)

    def run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run Python with these arguments here, as an admin at this machine does."""
        return subprocess.run(
            [sys.executable, *command],
            cwd=PROJECT,
            env=self.surroundings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def answers(self) -> bool:
        process = self.running["web"]
        assert process.poll() is None, self.log
        try:
            with urlopen(f"{self.address}/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@dataclass
class Cluster:
    """Machines that share a database, a queue and a storage; `a` and `b` serve pages.

    Where one machine is all there is, `a` and `b` are that one.
    """

    machines: Sequence[Machine]
    sandbox: Sandbox = field(repr=False)

    @property
    def a(self) -> Machine:
        return self.machines[0]

    @property
    def b(self) -> Machine:
        return self.machines[-1]

    def ask(self, program: str) -> Any:
        """Run a program with the studio's settings that prints JSON; return what that says."""
        done = self.a.run("-c", program)
        assert done.returncode == 0, done.stdout
        return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def cluster(
    folder: Path,
    sandbox: Sandbox,
    *,
    machines: int,
    threads: int = 2,
    warm: bool = False,
    **shared: str,
) -> Iterator[Cluster]:
    """Run a studio on so many machines with a web server and a worker each, told all the same.

    Where they are kept `warm`, what is killed is back at once.
    """
    told = {
        "STUDIO_SECRET_KEY": "shared by all machines of this studio, and long enough",
        "STUDIO_ADMIN_USERNAME": ADMIN,
        "STUDIO_ADMIN_PASSWORD": PASSWORD,
        "STUDIO_WEBHOOK_NETWORKS": "127.0.0.0/8",
        "OMIXA_BASE_URL": sandbox.base_url,
        "OMIXA_API_KEY": sandbox.key,
        **shared,
    }
    made = []
    for number in range(machines):
        place = folder / f"machine{number}"
        (place / "data").mkdir(parents=True, exist_ok=True)
        made.append(Machine(f"machine{number}", place, told, threads=threads))
    migrated = made[0].run("manage.py", "migrate", "--no-input")
    assert migrated.returncode == 0, migrated.stdout
    with ExitStack() as stack:
        for machine in made:
            stack.callback(_show_log, machine)
            if warm:
                stack.enter_context(machine.warm())
            for part in ("web", "worker"):
                machine.start(part)
                stack.callback(_kill, machine, part)
        for machine in made:
            wait_until(machine.answers, SECONDS_TO_START)
        yield Cluster(made, sandbox)


def _show_log(machine: Machine) -> None:
    print(machine.log)


def _kill(machine: Machine, part: str) -> None:
    if part in machine.running:
        machine.end(part, signal.SIGKILL)


@dataclass
class Browser:
    """A person's session, which any machine may be asked with, as behind a balancer."""

    session: requests.Session = field(default_factory=requests.Session)

    def get(self, machine: Machine, path: str, **more: Any) -> requests.Response:
        more = {"timeout": SECONDS_TO_ANSWER, "allow_redirects": False, **more}
        return self.session.get(machine.address + path, **more)

    def post(
        self, machine: Machine, path: str, form: dict[str, Any], files: Any = None
    ) -> requests.Response:
        token = next(
            (v for name, v in self.session.cookies.items() if name.startswith("studio_form_")), ""
        )
        return self.session.post(
            machine.address + path,
            {"csrfmiddlewaretoken": token, **form},
            files=files,
            allow_redirects=False,
            timeout=SECONDS_TO_ANSWER,
        )

    def log_in(
        self, machine: Machine, login: str = ADMIN, password: str = PASSWORD
    ) -> requests.Response:
        page = self.get(machine, "/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        form = {"login": login, "password": password}
        if token:
            form["csrfmiddlewaretoken"] = token[1]
        return self.post(machine, "/login/", form)
