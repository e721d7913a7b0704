"""What people wait for must not grow with the ledger: a thousand charges against a million."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from tests.servers import fresh_database, postgres

from .processes import child, run, wait_until
from .studio import Studio, free_port, is_up
from .table import Figure, Plan

FEW = 1000
SETTINGS = {"DJANGO_SETTINGS_MODULE": "omixa_studio.settings"}
WARM_UP = 5
CLICK = "click"
PAGES = ("/", "/gallery/", "/account/", "/people/")


def on_sqlite(plan: Plan) -> Figure:
    """How many times longer the slowest of click and pages takes with the larger ledger."""
    with tempfile.TemporaryDirectory() as name:
        return _grown(plan, Path(name), ["", ""])


def on_postgres(plan: Plan) -> Figure:
    """As above, with both studios on one PostgreSQL server."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as servers:
        folder = Path(name)
        # The server may have to run as another user.
        folder.chmod(0o755)
        (folder / "postgres").mkdir()
        server = servers.enter_context(postgres(folder / "postgres"))
        urls = [servers.enter_context(fresh_database(server, name)) for name in ("few", "many")]
        return _grown(plan, folder, urls)


def _grown(plan: Plan, folder: Path, urls: list[str]) -> Figure:
    sizes = [min(FEW, plan.charges), plan.charges]
    with ExitStack() as running:
        found = [
            running.enter_context(_web(folder / str(place), size, url))
            for place, (size, url) in enumerate(zip(sizes, urls, strict=True))
        ]
        times = _times(found, plan.requests)
    few, many = ({name: median(one) for name, one in turn.items()} for turn in times)
    ratios = {name: many[name] / few[name] for name in few}
    worst = max(ratios, key=lambda name: ratios[name])
    return Figure(
        value=ratios[worst],
        unit="×",
        said=f"{worst}: {few[worst]:.1f} → {many[worst]:.1f} ms",
        details={"ratios": ratios, "few": few, "many": many, "charges": sizes},
    )


@contextmanager
def _web(folder: Path, charges: int, url: str) -> Iterator[Studio]:
    """The web server alone, on a ledger of that size."""
    folder.mkdir()
    port = free_port()
    told = {"STUDIO_DATA_DIR": str(folder), "STUDIO_PORT": str(port)}
    told |= {"DATABASE_URL": url} if url else {}
    run(["manage.py", "migrate", "-v0"], told)
    run(["-m", "bench.charges", str(charges)], told | SETTINGS)
    server = ["-m", "gunicorn", "-c", "python:omixa_studio.webserver", "omixa_studio.wsgi"]
    with child(server, told, folder / "bench.log") as process:
        found = Studio(f"http://127.0.0.1:{port}", folder, process.pid)
        wait_until(lambda: is_up(found.address, process))
        found.log_in()
        yield found


def _times(studios: Sequence[Studio], count: int) -> list[dict[str, list[float]]]:
    """Milliseconds of each page and of a click; the studios take turns, so noise meets both."""
    times: list[dict[str, list[float]]] = [{name: [] for name in (CLICK, *PAGES)} for _ in studios]
    for number in range(WARM_UP + count):
        for found, turn in zip(studios, times, strict=True):
            for page in PAGES:
                answer = found.session.get(found.address + page, timeout=60)
                answer.raise_for_status()
                turn[page].append(answer.elapsed.total_seconds() * 1000)
            turn[CLICK].append(found.click(f"click {number}") * 1000)
    return [{name: one[WARM_UP:] for name, one in turn.items()} for turn in times]
