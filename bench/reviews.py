"""Server time of pages of costs on a million charges, in two years or in one month.

On each: every pair of groupings, the hardest filters, and the requests behind a figure.
"""

import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from statistics import median, quantiles

from tests.servers import fresh_database

from .libraries import POSTGRES, SQLITE, Library, keep_open, postgres_server, served
from .processes import run
from .studio import ADMIN
from .table import Figure, Plan, Row
from .walls import times_of

GOAL = 50
# Days of the ledger, by what a row says of them.
SPREADS = {"two years": 730, "one month": 28}
GROUPINGS = ("person", "model", "operation", "project", "collection", "tag", "day", "week", "month")
ALIKE = ({"day", "week", "month"}, {"collection", "tag"})
SETTINGS = {"DJANGO_SETTINGS_MODULE": "omixa_studio.settings"}


def rows() -> Iterator[Row]:
    """One row of the table for each spread and database."""
    for database in (SQLITE, POSTGRES):
        for spread in SPREADS:
            yield Row(
                f"reviews-{spread.replace(' ', '-')}-{database.lower()}",
                f"pages of costs, 1,000,000 charges in {spread}, {database}, p95",
                partial(_figure, database, spread),
                f"≤ {GOAL} ms",
                most=GOAL,
            )


def _figure(database: str, spread: str, plan: Plan) -> Figure:
    """The slowest page."""
    made = _ledger(database, SPREADS[spread], plan)
    with served(made, username=ADMIN) as found:
        times = {
            name: times_of(found, path, plan.walls)
            for name, path in addresses(SPREADS[spread]).items()
        }
    p95 = {name: quantiles(taken, n=20)[-1] for name, taken in times.items()}
    slowest = max(p95, key=lambda name: p95[name])
    return Figure(
        value=p95[slowest],
        unit="ms",
        said=f"{slowest}; median of all pages {median(p95.values()):.0f} ms",
        details={name: {"p95": p95[name], "median": median(times[name])} for name in times},
    )


def addresses(days: int) -> Mapping[str, str]:
    """Every page of costs and every list behind one, from a ragged day to a ragged day."""
    now = datetime.now(UTC).date()
    last = now if days > 31 else now.replace(day=1) - timedelta(days=1)
    first = last - timedelta(days=days - 1)
    span = f"from={first + timedelta(days=9)}&to={last - timedelta(days=2)}"
    pages = {"costs": f"/costs/?{span}", "own": f"/spending/?{span}"}
    for by in GROUPINGS:
        pages[by] = f"/costs/?{span}&by={by}"
        for then in GROUPINGS:
            if by != then and not any({by, then} <= names for names in ALIKE):
                pages[f"{by} and {then}"] = f"/costs/?{span}&by={by}&then={then}"
    for name, narrowed in FILTERS.items():
        pages[f"person and project, {name}"] = f"/costs/?{span}&by=person&then=project{narrowed}"
        pages[f"project and model, {name}"] = f"/costs/?{span}&by=project&then=model{narrowed}"
        pages[f"requests, {name}"] = f"/costs/generations/?{span}{narrowed}"
        pages[f"failed requests, {name}"] = f"/costs/generations/?{span}{narrowed}&state=failed"
    for state in ("", "open", "failed", "unknown"):
        pages[f"requests, {state or 'all'}"] = f"/costs/generations/?{span}&state={state}"
    return pages


FILTERS = {
    "of an operation": "&operation=edit",
    "of a person": "&person=5",
    "of a project": "&project=3",
    "of a person and project": "&person=5&project=3",
    "of a project and operation": "&project=9&operation=edit",
}


@cache
def _ledger(database: str, days: int, plan: Plan) -> Library:
    """Make a studio with a ledger; it is removed when the bench ends."""
    folder = Path(keep_open(tempfile.TemporaryDirectory(prefix="bench-")))
    folder.chmod(0o755)
    url = ""
    if database == POSTGRES:
        url = keep_open(fresh_database(postgres_server(), f"ledger{days}"))
    made = Library(folder / "data", url)
    made.folder.mkdir()
    run(["manage.py", "migrate", "-v0"], made.told)
    run(["-m", "bench.ledger", str(plan.charges), str(days)], made.told | SETTINGS)
    return made
