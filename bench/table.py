"""The rows of the bench: goals, what was measured, what the same work costs elsewhere."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"
HEADINGS = ("what", "goal", "measured", "", "Open WebUI", "LiteLLM", "InvokeAI")


@dataclass(frozen=True)
class Plan:
    """How much to measure: pictures and turns of the line, clicks, requests, rows, charges."""

    pictures: int = 100
    turns: int = 3
    clicks: int = 60
    tiles: int = 20
    requests: int = 200
    rows: int = 100_000
    large_side: int = 4096
    large_answers: int = 8
    charges: int = 1_000_000
    uploads: int = 12
    megapixels: int = 50
    few: int = 100_000
    many: int = 1_000_000
    months: int = 24
    walls: int = 60
    backs: int = 50
    exported: int = 10_000


QUICK = Plan(
    pictures=4,
    turns=1,
    clicks=4,
    tiles=2,
    requests=4,
    rows=60,
    large_side=256,
    large_answers=2,
    charges=2_000,
    uploads=2,
    megapixels=10,
    few=300,
    many=600,
    walls=3,
    backs=2,
    exported=600,
)


@dataclass(frozen=True)
class Figure:
    """A measured value in the unit of its goal, with the absolute figures beside it.

    A `fault` misses the goal whatever the value is.
    """

    value: float
    unit: str
    said: str = ""
    details: Mapping[str, object] = field(default_factory=dict)
    fault: str = ""

    @property
    def shown(self) -> str:
        value = f"{self.value:.2f}" if self.value < 10 else f"{self.value:.0f}"
        return f"{value} {self.unit}" + (f" ({self.said})" if self.said else "")


@dataclass(frozen=True)
class Row:
    """One measurement: its goal (`most`, or `least`) and the figures of others."""

    name: str
    what: str
    measure: Callable[[Plan], Figure]
    goal: str
    most: float | None = None
    least: float | None = None
    elsewhere: tuple[str, str, str] = ("", "", "")

    def passes(self, figure: Figure) -> bool:
        over = self.most is not None and figure.value > self.most
        under = self.least is not None and figure.value < self.least
        return not (over or under or figure.fault)


def cells(row: Row, figure: Figure | None, fault: str = "") -> tuple[str, ...]:
    """A row of the table as texts."""
    if figure is None:
        return (row.what, row.goal, fault or "not measured", "FAIL", *row.elsewhere)
    verdict = "pass" if row.passes(figure) else "MISS"
    return (row.what, row.goal, figure.shown, verdict, *row.elsewhere)


def as_table(lines: Iterable[tuple[str, ...]]) -> str:
    """Lines of cells in columns, under the headings."""
    shown = [HEADINGS, *lines]
    widths = [max(len(line[column]) for line in shown) for column in range(len(HEADINGS))]
    padded = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in shown
    ]
    return "\n".join([padded[0], "-" * len(padded[0]), *padded[1:]])


def keep(row: Row, figure: Figure, plan: Plan, at: str) -> Path:
    """Write one result as JSON; the newest of each row replaces the one before."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{row.name}.json"
    result = {
        "name": row.name,
        "goal": row.goal,
        "passes": row.passes(figure),
        "measured_at": at,
        "figure": asdict(figure),
        "plan": asdict(plan),
    }
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return path
