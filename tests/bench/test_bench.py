"""It measures every row in a tiny size, and says honestly what passes."""

import json
import os
from dataclasses import replace
from typing import Any

import pytest

from bench import __main__ as bench
from bench import floor, samples, table
from bench.processes import cpu_seconds, family, forget_peak, peak_mib, proportional_mib
from omixa_studio.sandbox import Sandbox

# The others are put together from the same parts.
QUICK = ("cpu", "click", "idle", "growth", "exports")
QUICK_ROWS = [row for row in bench.ROWS if row.name in QUICK]


@pytest.fixture(autouse=True)
def _results_of_its_own(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "RESULTS", tmp_path / "results")


@pytest.mark.slow
@pytest.mark.parametrize("row", QUICK_ROWS, ids=lambda row: row.name)
def test_it_measures_a_row_in_a_tiny_size(row: table.Row) -> None:
    figure = row.measure(table.QUICK)
    assert figure.value > 0
    kept = json.loads(table.keep(row, figure, table.QUICK, "now").read_text(encoding="utf-8"))
    assert kept["figure"]["value"] == figure.value
    assert kept["passes"] is row.passes(figure)


@pytest.mark.slow
@pytest.mark.browser
def test_it_measures_tiles_in_a_browser(
    chromium_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMIUM", chromium_path)
    row = next(row for row in bench.ROWS if row.name == "tile")
    assert row.measure(replace(table.QUICK, tiles=1)).value > 0


def test_it_knows_every_row() -> None:
    names = [row.name for row in bench.ROWS]
    assert names[:7] == ["cpu", "rate", "click", "tile", "idle", "peak", "start"]
    assert names[7:13] == ["growth", "growth-postgres", "uploads", "kept", "answers", "exports"]
    assert names[13:15] == ["csv", "csv-postgres"]
    groups = [name.partition("-")[0] for name in names[15:]]
    assert groups == ["walls"] * 28 + ["reviews"] * 4 + ["browsing"] * 4
    assert len(set(names)) == len(names)
    assert all((row.most is None) != (row.least is None) for row in bench.ROWS)


def _never(plan: table.Plan) -> table.Figure:
    raise NotImplementedError


def test_it_tells_a_miss_from_a_pass() -> None:
    row = table.Row("x", "what", _never, "≤ 5 ms", most=5)
    assert "pass" in table.cells(row, table.Figure(5, "ms"))
    assert "MISS" in table.cells(row, table.Figure(5.1, "ms"))
    fewest = table.Row("x", "what", _never, "≥ 5", least=5)
    assert "MISS" in table.cells(fewest, table.Figure(4.9, ""))


def test_it_goes_on_and_fails_when_a_row_breaks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(plan: table.Plan) -> table.Figure:
        raise OSError("no disk")

    rows = (
        table.Row("one", "first", broken, "≤ 1 ms", most=1),
        table.Row("two", "second", lambda plan: table.Figure(1, "ms"), "≤ 1 ms", most=1),
    )
    monkeypatch.setattr(bench, "ROWS", rows)
    assert bench.main(["--quick"]) == 1
    out = capsys.readouterr().out
    assert "OSError: no disk" in out
    assert "pass" in out


def test_it_does_the_whole_work_in_the_floor(tmp_path: Any, capsys: Any) -> None:
    answer = samples.write_answer(tmp_path / "answer.json", [samples.picture(256)])
    with Sandbox(key="k", fixed_answer=answer.read_bytes()) as sandbox:
        floor.main(sandbox.base_url, "k", str(tmp_path / "floor"), 2)
    spent = json.loads(capsys.readouterr().out)
    assert 0 < spent["cpu"] < 60
    assert (tmp_path / "floor" / "1.png").read_bytes() == samples.picture(256)
    assert (tmp_path / "floor" / "1.jpg").stat().st_size > 1000
    assert not list((tmp_path / "floor").glob("*.answer"))


def test_it_draws_a_picture_as_large_as_the_gateways() -> None:
    assert 1_200_000 < len(samples.picture()) < 1_900_000


def test_it_reads_memory_and_time_of_a_process() -> None:
    own = os.getpid()
    assert family(own)[0] == own
    forget_peak(own)
    assert peak_mib(own) >= proportional_mib(own) * 0.5 > 1
    assert cpu_seconds(own) > 0
