"""Measure all rows, or some, and print the table."""

import argparse
import sys
from datetime import UTC, datetime
from functools import partial

from . import (
    browsing,
    clicks,
    exports,
    growth,
    libraries,
    line,
    megapixels,
    reviews,
    standing,
    tables,
    tiles,
    walls,
)
from .table import QUICK, Plan, Row, as_table, cells, keep

ROWS = (
    Row(
        "cpu",
        "CPU per picture, click to ledger",
        line.cpu_per_picture,
        "≤ 1.4 × floor",
        most=1.4,
        elsewhere=("40 ms, no thumbnail", "35–111 ms, stores nothing", "856 ms"),
    ),
    Row(
        "rate",
        "pictures a second, 16 threads, 200 ms gateway",
        line.pictures_per_second,
        "≥ 0.7 × floor in two processes",
        least=0.7,
        elsewhere=("20.3", "12.4–22.9", "0.94"),
    ),
    Row("click", "click to call leaving, median", clicks.click_to_call, "≤ 60 ms", most=60),
    Row("tile", "answer to tile visible, median", tiles.answer_to_tile, "≤ 500 ms", most=500),
    Row(
        "idle",
        "idle memory, web + worker + supervisor",
        standing.idle_memory,
        "≤ 200 MiB",
        most=200,
        elsewhere=("793 MiB", "314 MiB", "717 MiB"),
    ),
    Row(
        "peak",
        "worker's peak, 8 answers of 4 PNGs of 4096 px",
        standing.peak_memory,
        "≤ 900 MiB",
        most=900,
    ),
    Row(
        "start",
        "second start to first page",
        standing.second_start,
        "≤ 3 s",
        most=3,
        elsewhere=("33 s", "17 s", "29 s"),
    ),
    Row(
        "growth",
        "1,000,000 charges of a month against 1,000, SQLite",
        growth.on_sqlite,
        "≤ 1.2 ×",
        most=1.2,
    ),
    Row(
        "growth-postgres",
        "1,000,000 charges of a month against 1,000, PostgreSQL",
        growth.on_postgres,
        "≤ 1.2 ×",
        most=1.2,
    ),
    Row(
        "uploads",
        "web's peak above its rest, 12 uploads of 50 megapixels",
        megapixels.uploads_peak,
        "≤ 600 MiB",
        most=600,
    ),
    Row(
        "kept",
        "what it still has 10 s after them",
        megapixels.uploads_kept,
        "≤ 100 MiB",
        most=100,
    ),
    Row(
        "answers",
        "worker's peak, 12 answers of 50 megapixels of a kind",
        megapixels.answers_of_all_kinds,
        "≤ 900 MiB",
        most=900,
    ),
    Row(
        "exports",
        "worker's peak above its rest, a ZIP of 10,000 pictures",
        exports.memory,
        "≤ 20 MiB",
        most=20,
    ),
    *(
        Row(
            name,
            f"rows a second of the CSV of all costs, {database}",
            partial(tables.rows_per_second, database=database),
            "≥ 50,000 rows/s in 20 MiB",
            least=50_000,
        )
        for name, database in (("csv", libraries.SQLITE), ("csv-postgres", libraries.POSTGRES))
    ),
    *walls.rows(),
    *reviews.rows(),
    *browsing.rows(),
)


def main(arguments: list[str]) -> int:
    """Return 0 when every goal is met, 1 when one is missed or could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    names = {name for row in ROWS for name in (row.name, row.name.partition("-")[0])}
    parser.add_argument("--only", action="append", choices=sorted(names))
    parser.add_argument("--quick", action="store_true", help="a tiny run; its figures mean little")
    options = parser.parse_args(arguments)
    plan = QUICK if options.quick else Plan()
    wanted = [
        row
        for row in ROWS
        if not options.only or any(_is_named(row, name) for name in options.only)
    ]
    try:
        measured = [_measured(row, plan) for row in wanted]
    finally:
        libraries.close()
    print(as_table(line for line, _passed in measured))
    return 0 if all(passed for _line, passed in measured) else 1


def _is_named(row: Row, name: str) -> bool:
    """Whether a row has that name, or belongs to the rows of that name."""
    return row.name == name or row.name.startswith(f"{name}-")


def _measured(row: Row, plan: Plan) -> tuple[tuple[str, ...], bool]:
    print(f"… {row.what}", file=sys.stderr, flush=True)
    try:
        figure = row.measure(plan)
    except Exception as fault:  # noqa: BLE001 - one broken row must not hide the others
        return cells(row, None, f"{type(fault).__name__}: {fault}"), False
    keep(row, figure, plan, datetime.now(UTC).isoformat(timespec="seconds"))
    print(f"  {figure.shown}", file=sys.stderr, flush=True)
    return cells(row, figure), row.passes(figure)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
