"""How fast every generation is written as CSV, and in what memory."""

import json

from .libraries import library
from .processes import run
from .table import Figure, Plan

MOST_MIB = 20


def rows_per_second(plan: Plan, database: str) -> Figure:
    """How many rows a second of its own CPU the CSV of a million pictures has, one a generation."""
    made = library(database, plan.many, plan)
    told = made.told | {"DJANGO_SETTINGS_MODULE": "omixa_studio.settings"}
    shown = run(["-m", "bench.writing"], told)
    found = json.loads(shown.strip().rpartition("\n")[2])
    more = found["peak_mib"] - found["rest_mib"]
    return Figure(
        value=found["rows"] / found["cpu"],
        unit="rows/s",
        said=f"{found['rows']:,} rows in {found['seconds']:.0f} s, {more:.0f} MiB above its rest",
        details=found,
        fault=f"{more:.0f} MiB above its rest" if more > MOST_MIB else "",
    )
