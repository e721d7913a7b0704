"""What the studio needs while it stands, when it is flooded, and to come up."""

import tempfile
import time
from pathlib import Path
from statistics import median

import requests

from . import samples
from .processes import family, forget_peak, peak_mib, proportional_mib, wait_until
from .studio import PASSWORD, Studio, gateway, start, studio
from .table import Figure, Plan

SECONDS_TO_REST = 8
PAGES = ("/", "/gallery/", "/costs/", "/models/", "/account/")


def idle_memory(plan: Plan) -> Figure:
    """Proportional resident MiB of web, worker and supervisor after ten pages and a picture."""
    with tempfile.TemporaryDirectory() as name, studio(Path(name) / "data") as found:
        found.log_in()
        found.click("one picture")
        wait_until(lambda: found.count("done") == 1)
        for path in PAGES * 2:
            found.session.get(found.address + path, timeout=30)
        time.sleep(SECONDS_TO_REST if plan.turns > 1 else 1)
        parts = _memory(found)
    return Figure(
        value=sum(parts.values()),
        unit="MiB",
        said=", ".join(f"{name} {mib:.0f}" for name, mib in parts.items()),
        details=parts,
    )


def peak_memory(plan: Plan) -> Figure:
    """The most resident MiB of the worker while large answers come all at once."""
    with tempfile.TemporaryDirectory() as name:
        pictures = [samples.noisy_picture(plan.large_side) for _ in range(4)]
        answer = samples.write_answer(Path(name) / "answer.json", pictures)
        size = answer.stat().st_size / 2**20
        with (
            gateway(answer, 0.5, Path(name)) as address,
            studio(Path(name) / "data", gateway=address) as found,
        ):
            found.log_in()
            found.click("one before")
            wait_until(lambda: found.count("done") == 1, seconds=120)
            forget_peak(found.worker)
            with found.held_back():
                for number in range(plan.large_answers - 1):
                    found.click(f"large {number}")
            found.click("the last one wakes it")
            everything = plan.large_answers + 1
            wait_until(lambda: found.count("done") == everything, seconds=600, step=0.2)
            peak = peak_mib(found.worker)
    return Figure(
        value=peak,
        unit="MiB",
        said=f"{plan.large_answers} answers of {size:.0f} MiB",
        details={"answer_mib": size},
    )


def second_start(plan: Plan) -> Figure:
    """Seconds from starting `manage.py studio` to its first page, where it ran before."""
    with tempfile.TemporaryDirectory() as name:
        seconds = [_start(Path(name) / "data") for _ in range(1 + max(plan.turns, 1))]
    return Figure(
        value=median(seconds[1:]),
        unit="s",
        said=f"first {seconds[0]:.1f} s",
        details={"seconds": seconds},
    )


def _start(folder: Path) -> float:
    began = time.monotonic()
    with start(folder) as found:
        page = requests.get(found.address, timeout=30)
        seconds = time.monotonic() - began
    if not page.ok or PASSWORD in page.text:
        raise RuntimeError(f"the first page was {page.status_code}")
    return seconds


def _memory(found: Studio) -> dict[str, float]:
    web = sum(proportional_mib(pid) for pid in family(found.web))
    worker = sum(proportional_mib(pid) for pid in family(found.worker))
    return {"web": web, "worker": worker, "supervisor": proportional_mib(found.pid)}
