"""Measure all rows, or some, and print the table."""

import argparse
import sys
from datetime import UTC, datetime

from . import clicks, gallery, growth, line, megapixels, standing, tiles
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
        "gallery",
        "first and last gallery page at 100,000, p95",
        gallery.both_ends,
        "≤ 25 ms both",
        most=25,
        elsewhere=("50 / 395 ms", "–", "118 / 222 ms"),
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
)


def main(arguments: list[str]) -> int:
    """Return 0 when every goal is met, 1 when one is missed or could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=[row.name for row in ROWS])
    parser.add_argument("--quick", action="store_true", help="a tiny run; its figures mean little")
    options = parser.parse_args(arguments)
    plan = QUICK if options.quick else Plan()
    lines, well = [], True
    for row in ROWS:
        if options.only and row.name not in options.only:
            continue
        line, passed = _measured(row, plan)
        lines.append(line)
        well = well and passed
    print(as_table(lines))
    return 0 if well else 1


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
