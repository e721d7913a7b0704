"""The file of the database is replaced or deleted under a running studio: it stops and says so."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.boot.conftest import Start, Studio
from tests.servers import wait_until


def replace(file: Path) -> None:
    """Put an older copy in the place of the file, as `mv` does."""
    copy = file.with_name("copy.sqlite3")
    with closing(sqlite3.connect(file)) as rows, closing(sqlite3.connect(copy)) as older:
        rows.backup(older)
        rows.execute("CREATE TABLE made_since (pk INTEGER)")
        rows.commit()
        older.execute("PRAGMA journal_mode=DELETE")
    copy.replace(file)


def delete(file: Path) -> None:
    shutil.rmtree(file.parent)


@pytest.mark.parametrize("harm", [replace, delete])
def test_it_stops_and_says_why(studio: Studio, start: Start, harm: Callable[[Path], None]) -> None:
    file = studio.folder / "studio.sqlite3"
    wait_until(lambda: "The worker runs up to" in studio.output)
    harm(file)
    assert studio.end() == 1
    assert f"The database file {file} was replaced or deleted while the studio" in studio.output
    assert "Traceback" not in studio.output
    again = start().wait_until_ready()
    assert again.health() == 200
    with closing(sqlite3.connect(file)) as rows:
        assert rows.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        named = rows.execute("SELECT name FROM sqlite_master WHERE name = 'made_since'")
        assert not named.fetchall()
