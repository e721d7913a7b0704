"""The first and the last page of a gallery of 100,000 pictures."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

from .processes import child, run, wait_until
from .studio import PASSWORD, Studio, free_port, is_up
from .table import Figure, Plan

WARM_UP = 5
# The first account that the demonstration makes.
PERSON = "demo-1"
FIRST = "/gallery/"
# The picture under which stand the last fifty.
LAST_BEFORE = (
    "SELECT id FROM omixa_studio_picture WHERE trashed_at IS NULL"
    " ORDER BY created_at, id LIMIT 1 OFFSET 50"
)


def both_ends(plan: Plan) -> Figure:
    """The worse p95 of the two pages, in milliseconds inside the web server.

    All pictures are one person's, so that no gallery of that size is longer.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        told = {"STUDIO_DATA_DIR": str(folder)}
        run(["manage.py", "migrate", "-v0"], told)
        demo = ["manage.py", "demo", "--people", "1", "--password", PASSWORD]
        run([*demo, "--pictures", str(plan.rows)], told)
        with _web(folder) as found:
            found.log_in()
            last = f"{FIRST}?before={found.ask(LAST_BEFORE)[0]}"
            times = [_times(found, path, plan.requests) for path in (FIRST, last)]
    p95 = [quantiles(one, n=20)[-1] for one in times]
    return Figure(
        value=max(p95),
        unit="ms",
        said=f"{p95[0]:.0f} / {p95[1]:.0f} ms",
        details={"p95": p95, "median": [median(one) for one in times]},
    )


@contextmanager
def _web(folder: Path) -> Iterator[Studio]:
    """The web server alone, which writes down how long each answer took it."""
    port = free_port()
    told = {"STUDIO_DATA_DIR": str(folder), "STUDIO_PORT": str(port)}
    server = ["-m", "gunicorn", "-c", "python:omixa_studio.webserver", "omixa_studio.wsgi"]
    times = [
        "--access-logfile",
        str(folder / "times.log"),
        "--access-logformat",
        "%(D)s %(U)s?%(q)s",
    ]
    with child([*server, *times], told, folder / "bench.log") as process:
        found = Studio(f"http://127.0.0.1:{port}", folder, process.pid, username=PERSON)
        wait_until(lambda: is_up(found.address, process))
        yield found


def _times(found: Studio, path: str, count: int) -> list[float]:
    """Milliseconds of so many requests for a page, after some that do not count."""
    for _ in range(WARM_UP + count):
        page = found.session.get(found.address + path, timeout=30)
        if page.status_code != 200 or "data-picture" not in page.text:
            raise RuntimeError(f"{path} answered {page.status_code} without pictures")
    wait_until(lambda: len(_logged(found, path)) == WARM_UP + count)
    return _logged(found, path)[WARM_UP:]


def _logged(found: Studio, path: str) -> list[float]:
    lines = (found.folder / "times.log").read_text(encoding="utf-8").splitlines()
    asked = (line.split(" ", 1) for line in lines)
    return [int(micros) / 1000 for micros, address in asked if address.rstrip("?") == path]
