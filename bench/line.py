"""What one picture costs from the click to the ledger, and how many go through a second."""

import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from . import samples
from .processes import cpu_seconds, run, wait_until
from .studio import KEY, Studio, gateway, studio
from .table import Figure, Plan

GATEWAY_SECONDS = 0.2
FIRST = 3


def cpu_per_picture(plan: Plan) -> Figure:
    """CPU of web and worker per picture, in proportion to the floor's in two processes.

    Both keep two cores busy: a core does less in a second while its neighbour works.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        answer = samples.write_answer(folder / "answer.json", [samples.picture()])
        ours, floors, alone = [], [], []
        for turn in range(plan.turns):
            floors.append(_floor(folder / f"floor{turn}", answer, plan.pictures, processes=2)[0])
            alone.append(_floor(folder / f"alone{turn}", answer, plan.pictures, processes=1)[0])
            ours.append(_through(folder / f"studio{turn}", answer, plan.pictures, threads=8))
    web, worker = (median(one[part] for one in ours) for part in ("web", "worker"))
    floor = median(floors)
    return Figure(
        value=(web + worker) / floor,
        unit="× floor",
        said=f"web {web * 1000:.0f} + worker {worker * 1000:.0f} ms, floor {floor * 1000:.0f} ms",
        details={
            "web_ms": web * 1000,
            "worker_ms": worker * 1000,
            "floor_ms": floor * 1000,
            "floor_alone_ms": median(alone) * 1000,
            "picture_bytes": len(samples.picture()),
        },
    )


def pictures_per_second(plan: Plan) -> Figure:
    """Pictures a second with 16 threads, in proportion to the floor in two processes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        answer = samples.write_answer(folder / "answer.json", [samples.picture()])
        ours, floors = [], []
        for turn in range(plan.turns):
            floors.append(_floor(folder / f"floor{turn}", answer, plan.pictures, processes=2)[1])
            ours.append(
                _through(folder / f"studio{turn}", answer, plan.pictures * 2, threads=16)["rate"]
            )
    rate, floor = median(ours), median(floors)
    return Figure(
        value=rate / floor,
        unit="× floor",
        said=f"{rate:.1f} a second, floor {floor:.1f}",
        details={"per_second": ours, "floor_per_second": floors},
    )


def _floor(folder: Path, answer: Path, count: int, *, processes: int) -> tuple[float, float]:
    """CPU seconds per picture and pictures a second of the floor in so many processes."""
    folder.mkdir()
    with gateway(answer, 0.0, folder) as address, ThreadPoolExecutor(processes) as pool:
        commands = [
            ["-m", "bench.floor", address, KEY, str(folder / f"rows{number}"), str(count)]
            for number in range(processes)
        ]
        spent = [json.loads(text) for text in pool.map(lambda one: run(one, {}), commands)]
    cpu = sum(one["cpu"] for one in spent) / count / processes
    return cpu, sum(count / one["wall"] for one in spent)


def _through(folder: Path, answer: Path, count: int, *, threads: int) -> dict[str, float]:
    """Send so many clicks through a real studio: CPU seconds per picture, pictures a second."""
    folder.mkdir()
    with (
        gateway(answer, GATEWAY_SECONDS, folder) as address,
        studio(folder / "data", gateway=address, STUDIO_WORKER_THREADS=str(threads)) as found,
    ):
        found.log_in()
        for number in range(FIRST):
            found.click(f"warm-up {number}")
        wait_until(lambda: found.count("done") == FIRST)
        web, worker = cpu_seconds(found.web), cpu_seconds(found.worker)
        with found.held_back():
            for number in range(count - 1):
                found.click(f"picture {number}")
            web = cpu_seconds(found.web) - web
            # While it is held back it only looks around, which is not the pictures' cost.
            worker = cpu_seconds(found.worker)
        found.click("the last one wakes it")
        wait_until(lambda: found.count("done") == FIRST + count, seconds=60 + count)
        worker = cpu_seconds(found.worker) - worker
        return {"web": web / count, "worker": worker / count, "rate": _rate(found)}


def _rate(found: Studio) -> float:
    """Pictures a second between the first claim and the last settlement."""
    count, seconds = found.ask(
        "SELECT count(*), (julianday(max(finished_at)) - julianday(min(started_at))) * 86400"
        f" FROM omixa_studio_generation WHERE id > {FIRST}"
    )
    return float(count / seconds)
