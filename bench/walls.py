"""Server time of walls and pages at two sizes on two databases, against a floor of the same run.

The floor is the same bytes from the same server, without Django.
"""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from statistics import median, quantiles

from .addresses import GROUPS
from .libraries import LOG, POSTGRES, SQLITE, Library, library, served
from .processes import wait_until
from .served import COUNT, FLOOR
from .studio import Studio
from .table import Figure, Plan, Row

WARM_UP = 3
MOST_STATEMENTS = 8
ANEW = "anew"
# Of each group, what is measured, and the goals in milliseconds at the smaller and the larger size.
GOALS = {
    "page": ("gallery and team page", 25, 40),
    ANEW: ("geometry, never asked before", 60, 400),
    "geometry": ("geometry again", 10, 10),
    "window": ("window of 96 tiles", 25, 40),
    "facets": ("each facet", 30, 50),
    "searches": ("each search", 30, 50),
    "pages": ("studio, picture, account, models, people …", 40, 40),
}
OF_WALLS = ("page", "window", "facets", "searches")


@dataclass(frozen=True)
class Measured:
    """Milliseconds of one address and of its floor, and its number of statements."""

    name: str
    times: list[float]
    floor: list[float]
    statements: int

    @property
    def p95(self) -> float:
        return quantiles(self.times, n=20)[-1]

    @property
    def ratio(self) -> float:
        return self.p95 / quantiles(self.floor, n=20)[-1]


def rows() -> Iterator[Row]:
    """One row of the table for each group of addresses, size and database."""
    for database in (SQLITE, POSTGRES):
        for size in ("few", "many"):
            for group, (what, *goals) in GOALS.items():
                goal = goals[size == "many"]
                yield Row(
                    f"walls-{group}-{database.lower()}-{size}",
                    f"{what}, {size} pictures, {database}, p95",
                    partial(_figure, group, database, size),
                    f"≤ {goal} ms",
                    most=goal,
                )


def _figure(group: str, database: str, size: str, plan: Plan) -> Figure:
    """The slowest address of a group."""
    found = _measured(database, plan.few if size == "few" else plan.many, plan)[group]
    slowest = max(found, key=lambda one: one.p95)
    most = max(one.statements for one in found)
    return Figure(
        value=slowest.p95,
        unit="ms",
        said=f"{slowest.name}, {slowest.ratio:.0f} × floor; at most {most} statements",
        details={
            one.name: {
                "p95": one.p95,
                "median": median(one.times),
                "floor": median(one.floor),
                "ratio": one.ratio,
                "statements": one.statements,
            }
            for one in found
        },
        fault="too many statements" if group in OF_WALLS and most > MOST_STATEMENTS else "",
    )


@cache
def _measured(database: str, pictures: int, plan: Plan) -> dict[str, list[Measured]]:
    """Measure everything of one library while its server runs."""
    made = library(database, pictures, plan)
    with served(made) as found:
        taken = {ANEW: [_geometry_anew(found, made, plan)]}
        for group, addresses in GROUPS.items():
            taken[group] = [
                _times(found, name, path, plan) for name, path in addresses(found).items()
            ]
    return taken


def _times(found: Studio, name: str, path: str, plan: Plan) -> Measured:
    """Ask for a page and for its floor in turn, so that noise meets both."""
    counted = found.session.get(found.address + path, headers={COUNT: "1"}, timeout=60)
    counted.raise_for_status()
    floor = _keep(found, path)
    for _ in range(WARM_UP):
        _ask(found, path)
    times: list[list[float]] = [[], []]
    for _ in range(plan.walls):
        for address, taken in zip((path, floor), times, strict=True):
            taken.append(_ask(found, address))
    return Measured(name, times[0], times[1], int(counted.headers[COUNT]))


def times_of(found: Studio, path: str, count: int) -> list[float]:
    """Milliseconds of so many answers, after a few that warm the server up."""
    for _ in range(WARM_UP):
        _ask(found, path)
    return [_ask(found, path) for _ in range(count)]


def _geometry_anew(found: Studio, made: Library, plan: Plan) -> Measured:
    """The geometry of the person's gallery while nothing of it is kept."""
    path = "/gallery/geometry"
    counted = found.session.get(found.address + path, headers={COUNT: "1"}, timeout=60)
    floor = _keep(found, path)
    times: list[list[float]] = [[], []]
    for _ in range(max(plan.walls // 10, 2)):
        _forget_geometry(made.folder)
        times[0].append(_ask(found, path))
        times[1].append(_ask(found, floor))
    return Measured("gallery", times[0], times[1], int(counted.headers[COUNT]))


def _forget_geometry(folder: Path) -> None:
    with suppress(FileNotFoundError):
        shutil.rmtree(folder / "geometry")


def _keep(found: Studio, path: str) -> str:
    """Write an answer down as it is sent; return the address of its floor."""
    answer = found.session.get(found.address + path, stream=True, timeout=60)
    place = found.folder / "bench-floor" / "answer"
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(answer.raw.read(decode_content=False))
    return FLOOR + place.name


def _ask(found: Studio, path: str) -> float:
    """Milliseconds of one answer, as the server itself wrote them down."""
    before = _logged(found)
    answer = found.session.get(found.address + path, timeout=60)
    answer.raise_for_status()
    wait_until(lambda: len(_logged(found)) > len(before), step=0.002)
    return _logged(found)[-1] / 1000


def _logged(found: Studio) -> list[int]:
    return [int(line) for line in (found.folder / LOG).read_text(encoding="ascii").splitlines()]
