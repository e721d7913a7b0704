"""Workers that can be killed, and the promises that must hold after it."""

import contextlib
import hashlib
import io
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pybase64
from django.conf import settings
from django.db import connection
from django.db.models import Sum
from PIL import Image

from omixa_studio import jobs, storage
from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import OPEN_STATES, Charge, Generation, Person, Picture, Project, micros
from omixa_studio.sandbox import Sandbox
from omixa_studio.services.submission import Choice, submit
from omixa_studio.spool import HEAD_BYTES, owner_of
from tests.servers import PROJECT, wait_until

MODEL = "imagen-4.0-generate-001"
# Where a worker can be killed, in the order of DESIGN 4: see forker.Trap.
INSTANTS: dict[str, dict[str, Any]] = {
    "before the claim": {"on": "before", "match": '"file_token" ='},
    "after the claim": {"on": "after", "match": '"file_token" ='},
    "at the reservation": {"on": "open", "match": r"\.new"},
    "while connecting": {"on": "socket.connect", "match": "127.0.0.1"},
    "before the guard": {"on": "before", "match": 'SET "sent_at"'},
    "after the guard": {"on": "after", "match": 'SET "sent_at"'},
    "before the first byte": {"on": "http.client.send", "match": ""},
    "between head and body": {"on": "http.client.send", "match": "", "nth": 2},
    "before the spool rename": {"on": "os.rename", "match": r"\.answer"},
    "before the parsing": {"on": "open", "match": r"\.answer"},
    "before the original": {"on": "os.rename", "match": "/pictures/"},
    "before the thumbnail": {"on": "os.rename", "match": "/thumbs/"},
    "before settling": {"on": "before", "match": '"billed_micros" ='},
    "between balance and ledger": {"on": "before", "match": 'INSERT INTO "omixa_studio_charge"'},
    "before the commit": {"on": "after", "match": 'INSERT INTO "omixa_studio_picture"'},
    "before the spool goes": {"on": "os.remove", "match": r"\.answer"},
}
QUICK = {"lease": 1.0, "renew": 0.3, "sweep": 0.2, "stop": 5.0}


@dataclass
class Process:
    """A running worker; its spool stays when it is gone."""

    pid: int
    spool: Path
    reached: Path

    def is_alive(self) -> bool:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def send(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def end(self, number: int = signal.SIGKILL) -> None:
        """Send a signal and wait until the process is gone."""
        self.send(number)
        self.wait()

    def wait(self, seconds: float = 20) -> None:
        wait_until(lambda: not self.is_alive(), seconds)

    def is_stopped(self) -> bool:
        state = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state == "T"

    def stand_still(self) -> None:
        """Stop the process at a moment when none of its threads holds up the database."""
        wait_until(self._stops_harmlessly)

    def _stops_harmlessly(self) -> bool:
        self.send(signal.SIGSTOP)
        wait_until(self.is_stopped)
        if nobody_is_in_a_transaction():
            return True
        self.send(signal.SIGCONT)
        return False

    def go_on(self) -> None:
        """Continue after `stand_still`, also a thread that waits at its instant."""
        self.reached.unlink(missing_ok=True)
        self.send(signal.SIGCONT)


@dataclass
class Forker:
    """Starts workers in milliseconds, each with a spool of its own, as on its own machine."""

    folder: Path
    url: str
    program: subprocess.Popen[str]
    workers: list[Process] = field(default_factory=list)

    def worker(
        self,
        spool: str = "one",
        *,
        threads: int = 4,
        instant: str = "",
        trap: dict[str, Any] | None = None,
        waits_there: bool = False,
        file_bytes: int = 0,
        settings_: dict[str, Any] | None = None,
        **times: float,
    ) -> Process:
        place = self.folder / "spools" / spool
        reached = self.folder / f"{spool}.reached"
        trap = INSTANTS[instant] if instant else trap
        wish = {
            "log": str(self.folder / "workers.log"),
            "database": str(connection.settings_dict["NAME"]),
            "settings": {
                "SPOOL_DIR": str(place),
                "SENT_DIR": str(self.folder / "sent" / spool),
                "GATEWAY_URL": self.url,
                "QUEUE_URL": settings.QUEUE_URL,
                **(settings_ or {}),
            },
            "threads": threads,
            "times": QUICK | times,
            "instant": trap and trap | {"waits_with": str(reached) if waits_there else ""},
            "file_bytes": file_bytes,
        }
        assert self.program.stdin is not None
        assert self.program.stdout is not None
        self.program.stdin.write(json.dumps(wish) + "\n")
        self.program.stdin.flush()
        self.workers.append(Process(int(self.program.stdout.readline()), place, reached))
        return self.workers[-1]

    def end(self) -> None:
        """Kill what is left."""
        for process in self.workers:
            process.end()

    def log(self) -> str:
        path = self.folder / "workers.log"
        return path.read_text() if path.exists() else ""


@contextlib.contextmanager
def warm_process() -> Iterator[subprocess.Popen[str]]:
    """Run the process that forks workers."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.crash.forker"],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        yield program
        program.communicate()


def answer_of(*sizes: tuple[int, int], billed: str = "0.040000") -> bytes:
    """A gateway's answer with plain pictures of these sizes."""
    return json.dumps(
        {
            "created": 1780660800,
            "data": [{"b64_json": _encoded(size), "url": None} for size in sizes],
            "usage": {"billed_amount": billed},
        }
    ).encode()


def _encoded(size: tuple[int, int]) -> str:
    out = io.BytesIO()
    Image.effect_noise(size, 40).save(out, "PNG", compress_level=1)
    return pybase64.b64encode_as_string(out.getvalue())


def no_wake() -> None:
    """Leave the row to the sweep."""


def click(
    person: Person,
    prompt: str,
    *,
    wake: Callable[[], None] = jobs.wake,
    form: str | None = None,
    project: Project | None = None,
    **values: Any,
) -> Generation:
    """Ask for a picture as the form does, with a real wake-up; `form` is its one-time value."""
    catalogue = load_catalogue(None)
    model = catalogue.find(MODEL)
    assert model is not None
    values = {"prompt": prompt, **values}
    choice = Choice(model=model, values=values, project_id=project.pk if project else None)
    return submit(person, choice, catalogue=catalogue, wake=wake, click=form)


def refreshed(row: Generation) -> Generation:
    return Generation.objects.get(pk=row.pk)


def nobody_is_in_a_transaction() -> bool:
    """Say whether this connection could write at once."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%%'"
            )
            return bool(cursor.fetchone() == (0,))
    path = connection.settings_dict["NAME"]
    with contextlib.closing(sqlite3.connect(path, timeout=0, uri=True)) as database:
        try:
            database.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:  # locked
            return False
    return True


def nothing_is_open() -> bool:
    return not Generation.objects.filter(state__in=OPEN_STATES).exists()


def whole_answers(*spools: Path) -> set[int]:
    """The generations whose complete answers wait in these spools."""
    owners = (owner_of(path) for spool in spools for path in spool.glob("*.answer"))
    return {owner[0] for owner in owners if owner}


def all_spools(folder: Path) -> list[Path]:
    return list((folder / "spools").iterdir())


def settle_everything(made: Forker, seconds: float = 60) -> None:
    """Let a new worker for each spool, one after another, finish what the killed ones left."""
    spools = all_spools(made.folder)
    for spool in spools:
        # On a busy machine leases of a second are lost; a request fails after three of them.
        process = made.worker(spool.name, lease=60, renew=5, stop=60)
        _wait_until_settled(spool, seconds)
        if spool == spools[-1]:
            wait_until(nothing_is_open, seconds)
        process.end(signal.SIGTERM)
    assert {spool.name: left for spool in spools if (left := left_in_spools(spool))} == {}


def _wait_until_settled(spool: Path, seconds: float) -> None:
    left: list[str] = []

    def is_settled() -> bool:
        left[:] = left_in_spools(spool)
        return not left

    try:
        wait_until(is_settled, seconds)
    except TimeoutError:
        raise AssertionError(f"left in spool {spool.name}: {left}") from None


def broken_promises(sandbox: Sandbox, folder: Path, received: set[int]) -> list[str]:
    """Say, one sentence each, what does not hold once everything has settled.

    `received` are the generations of which a complete answer lay in a spool at some kill.
    """
    rows = {row.prompt: row for row in Generation.objects.all()}
    # A call without a prompt was cut off while it was sent: no gateway can act on it.
    calls = Counter(call.prompt for call in sandbox.calls if call.prompt)
    broken = [f"{n} calls for {prompt!r}" for prompt, n in calls.items() if n > 1]
    broken += [f"a call for nobody: {prompt!r}" for prompt in calls if prompt not in rows]
    for row in rows.values():
        broken += [f"generation {row.pk}: {what}" for what in _broken_of(row, calls[row.prompt])]
        if row.pk in received and row.state != "done":
            broken.append(f"generation {row.pk}: an answer that was received is lost")
    return [*broken, *_broken_money(sandbox, rows), *_broken_files(folder)]


def _broken_of(row: Generation, calls: int) -> Iterator[str]:
    booked = Charge.objects.filter(generation_id=row.pk).aggregate(sum=Sum("amount_micros"))["sum"]
    pictures = row.pictures.count()
    wanted = {"done": (1, 1, row.billed_micros), "unknown": (calls, 0, row.held_micros)}
    found = (calls, pictures, booked)
    if found != wanted.get(row.state, (0, 0, 0)):
        yield f"{row.state} with calls, pictures and ledger {found}"


def _broken_money(sandbox: Sandbox, rows: dict[str, Generation]) -> Iterator[str]:
    billed = sum(
        micros(call.billed)
        for call in sandbox.calls
        if call.billed is not None and rows[call.prompt].state == "done"
    )
    captured = Charge.objects.filter(kind="capture").aggregate(sum=Sum("amount_micros"))["sum"]
    if (captured or 0) != billed:
        yield f"captured {captured}, but {billed} were billed"


def _broken_files(folder: Path) -> Iterator[str]:
    storage.forget_parts(seconds=0)
    media = Path(settings.MEDIA_ROOT)
    found = {str(p.relative_to(media)) for p in media.rglob("*") if p.is_file()}
    named = {name for pair in Picture.objects.values_list("name", "thumb") for name in pair}
    yield from (f"a file without a row: {name}" for name in sorted(found - named))
    yield from (f"a file is missing: {name}" for name in sorted(named - found))
    for picture in Picture.objects.all():
        if hashlib.sha256(storage.get(picture.name)).hexdigest() != picture.sha256:
            yield f"picture {picture.pk} is not what came"
    yield from (f"left in a spool: {name}" for name in left_in_spools(*all_spools(folder)))


def left_in_spools(*spools: Path) -> list[str]:
    """What should have gone: all but what was cut short of the unknown attempts."""
    unknown = set(Generation.objects.filter(state="unknown").values_list("pk", "attempt"))
    found = [path for spool in spools for path in spool.iterdir()]
    return [path.name for path in found if owner_of(path) not in unknown or _is_whole(path)]


def _is_whole(path: Path) -> bool:
    """Say whether an answer is complete, or was renamed since it was listed: then it may be."""
    if path.suffix not in (".part", ".answer"):
        return False
    try:
        json.loads(path.read_bytes()[HEAD_BYTES:].strip(b"\0"))
    except FileNotFoundError:
        return True
    except ValueError:
        return False
    return True


@dataclass
class Storm:
    """One stream of calls, and workers that are killed at random all the time."""

    forker: Forker
    sandbox: Sandbox
    person: Person
    luck: random.Random
    kills: Counter[str] = field(default_factory=Counter)
    clicks: int = 0
    received: set[int] = field(default_factory=set)
    found: Counter[str] = field(default_factory=Counter)

    def rage(self, *, kills: int, workers: int = 4) -> None:
        """Kill so many workers; new ones take their places and their spools."""
        alive: dict[str, tuple[Process, float, str]] = {}
        while sum(self.kills.values()) < kills:
            self._feed()
            for name in map(str, range(workers)):
                if name in alive and self._lives(*alive[name]):
                    continue
                instant = self.luck.choice(["", "", *INSTANTS])
                # Long enough to come to its instant on a busy machine.
                life = 5.0 if instant else self.luck.uniform(0.1, 0.7)
                process = self.forker.worker(f"slot{name}", instant=instant)
                alive[name] = process, time.monotonic() + life, instant
            time.sleep(0.005)
        for process, _, _ in alive.values():
            process.end(signal.SIGKILL)

    def _feed(self) -> None:
        self.sandbox.seconds = self.luck.uniform(0, 0.3)
        waiting = Generation.objects.filter(state="queued").count()
        for _ in range(max(8 - waiting, 0)):
            self.clicks += 1
            slow = " [fault: trickle]" * (self.clicks % 8 == 0)
            click(self.person, f"A harbour, number {self.clicks}{slow}")

    def _lives(self, process: Process, until: float, instant: str) -> bool:
        """Kill a worker whose time has come, and note what it leaves behind."""
        if process.is_alive():
            if time.monotonic() < until:
                return True
            instant = "any moment"
            process.end(signal.SIGKILL)
        self.kills[instant or "by itself"] += 1
        whole = whole_answers(process.spool)
        self.received |= whole
        self.found.update(answers=len(whole))
        running = Generation.objects.filter(state="running", worker__endswith=f":{process.pid}")
        self.found.update(
            "sent" if sent else "unsent" for (sent,) in running.values_list("sent_at")
        )
        return False
