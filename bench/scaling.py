"""How pictures a second and CPU grow with worker processes: `python -m bench.scaling`.

One PostgreSQL, one Redis, one web server and 1, 2 and 4 workers with 8 threads each, every worker
with a disk folder of its own as on its own machine, all on this one. CPU is what /proc says of each
process, which other work on the machine changes little; pictures a second need a quiet machine.
"""

import argparse
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any
from uuid import uuid4

import psycopg

from omixa_studio.sandbox import Sandbox
from tests import servers
from tests.scale.machines import ADMIN, PASSWORD, Browser, Machine

from .processes import command_of, cpu_seconds, family
from .samples import picture, write_answer

MODEL = "imagen-4.0-generate-001"
GATEWAY_SECONDS = 0.2
THREADS = 8
PAGES = ("/", "/gallery/", "/generations/cards/")
HEAD = (
    "workers",
    "pictures/s",
    "worker CPU/picture",
    "database CPU/picture",
    "web CPU/click",
    "pages p95 meanwhile",
    "connections",
    "load",
)
ENDED = "SELECT count(*) FROM omixa_studio_generation WHERE state = 'done' AND id > %s"
SPAN = (
    "SELECT extract(epoch FROM max(finished_at) - min(started_at))"
    " FROM omixa_studio_generation WHERE id > %s"
)
LAST = "SELECT coalesce(max(id), 0) FROM omixa_studio_generation"
CONNECTED = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"


def main(arguments: Sequence[str]) -> int:
    """Print a table with a row per number of workers."""
    parser = argparse.ArgumentParser(prog="python -m bench.scaling", description=__doc__)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--pictures", type=int, default=100, help="of each row")
    parser.add_argument("--seconds", type=float, default=240, help="after which it gives up a row")
    options = parser.parse_args(arguments)
    print(f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}", flush=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="omixa-scaling-")))
        folder.chmod(0o755)
        for count in options.workers:
            with _studio(folder / str(count), count) as found:
                row = _measured(*found, count, options.pictures, options.seconds)
                print(f"| {' | '.join(row)} |", flush=True)
    return 0


@contextmanager
def _studio(folder: Path, workers: int) -> Iterator[tuple[list[Machine], str]]:
    """Give the machines, the first with a running web server, and the database's address."""
    with ExitStack() as stack:
        for name in ("postgres", "redis"):
            (folder / name).mkdir(parents=True)
        answer = write_answer(folder / "answer.json", [picture()])
        server = stack.enter_context(servers.postgres(folder / "postgres"))
        database = stack.enter_context(servers.fresh_database(server, f"scaling_{uuid4().hex}"))
        gateway = stack.enter_context(
            Sandbox(fixed_answer=answer.read_bytes(), seconds=GATEWAY_SECONDS)
        )
        told = {
            "DATABASE_URL": database,
            "QUEUE_URL": stack.enter_context(servers.redis_server(folder / "redis")),
            "STUDIO_SECRET_KEY": "only for a measurement, and long enough for that",
            "STUDIO_ADMIN_USERNAME": ADMIN,
            "STUDIO_ADMIN_PASSWORD": PASSWORD,
            "OMIXA_BASE_URL": gateway.base_url,
            "OMIXA_API_KEY": gateway.key,
        }
        machines = [_machine(folder, number, told) for number in range(workers)]
        done = machines[0].run("manage.py", "migrate", "--no-input", "-v0")
        if done.returncode:
            raise RuntimeError(done.stdout)
        stack.callback(_end_all, machines)
        machines[0].start("web")
        servers.wait_until(machines[0].answers, 240)
        yield machines, database


def _machine(folder: Path, number: int, told: dict[str, str]) -> Machine:
    place = folder / f"machine{number}"
    (place / "data").mkdir(parents=True)
    return Machine(f"machine{number}", place, told, threads=THREADS)


def _end_all(machines: Sequence[Machine]) -> None:
    for machine in machines:
        for part in list(machine.running):
            machine.end(part)


def _measured(
    machines: Sequence[Machine], database: str, workers: int, pictures: int, seconds: float
) -> tuple[str, ...]:
    """Queue clicks while no worker runs, start the workers, and watch until all are done."""
    browser, web = Browser(), machines[0]
    browser.log_in(web)
    browser.get(web, "/")
    with psycopg.connect(database, autocommit=True) as rows:

        def ask(statement: str, *values: Any) -> float:
            found = rows.execute(statement.encode(), values).fetchone()
            return float((found or (0,))[0] or 0)

        before, last = cpu_seconds(web.running["web"].pid), ask(LAST)
        for number in range(pictures):
            _click(browser, web, f"A harbour, number {number}")
        clicked = cpu_seconds(web.running["web"].pid) - before
        for machine in machines:
            machine.start("worker")
        # What starting costs is counted apart: the first answers come after it.
        servers.wait_until(lambda: ask(ENDED, last) >= 1, seconds)
        counted, marks = ask(ENDED, last), _cpu(machines)
        pages, most = _watch(browser, web, lambda: ask(ENDED, last) < pictures, seconds, ask)
        worked, served = (b - a for a, b in zip(marks, _cpu(machines), strict=True))
        made = pictures - counted
        return (
            str(workers),
            f"{pictures / ask(SPAN, last):.1f}",
            f"{1000 * worked / made:.0f} ms",
            f"{1000 * served / made:.0f} ms",
            f"{1000 * clicked / pictures:.0f} ms",
            f"{1000 * quantiles(pages, n=20)[-1]:.0f} ms",
            f"{most:.0f}",
            f"{os.getloadavg()[0]:.1f}",
        )


def _click(browser: Browser, web: Machine, prompt: str) -> None:
    answer = browser.post(web, "/generations/", {"model": MODEL, "prompt": prompt})
    if answer.status_code != 303:
        raise RuntimeError(f"the studio refused a click: {answer.status_code}")


def _cpu(machines: Sequence[Machine]) -> tuple[float, float]:
    """Return the CPU seconds so far of all workers, and of the database's server."""
    workers = sum(cpu_seconds(machine.running["worker"].pid) for machine in machines)
    server = next(pid for pid in family(os.getpid()) if "/postgres -D" in command_of(pid))
    return workers, cpu_seconds(server)


def _watch(browser: Browser, web: Machine, goes_on: Any, seconds: float, ask: Any) -> Any:
    """Open pages as a person does until all is done; return their times and most connections."""
    times: list[float] = []
    most, until = 0.0, time.monotonic() + seconds
    pause = threading.Event()
    while goes_on() or len(times) < 3:
        if time.monotonic() > until:
            raise TimeoutError(f"not done within {seconds} seconds")
        began = time.monotonic()
        browser.get(web, PAGES[len(times) % len(PAGES)])
        times.append(time.monotonic() - began)
        most = max(most, ask(CONNECTED))
        pause.wait(0.2)
    return times, most


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
