"""What every test stands on: its own data folder and database file, real servers on demand."""

import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import django
import pytest
import time_machine
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.functions import Now
from django.db.models.sql.compiler import SQLCompiler
from whitenoise.middleware import WhiteNoiseMiddleware

from tests import servers
from tests.selection import longest_first, share_of, touches_rows

OURS = ("STUDIO_", "OMIXA_", "DATABASE_URL", "QUEUE_URL", "STORAGE_URL")

# Settings read the environment once, when Django starts, which is after this file. Each
# xdist process has a folder of its own, readable for the PostgreSQL user as well.
FOLDER = Path(tempfile.mkdtemp(prefix="omixa-studio-tests-"))
FOLDER.chmod(0o755)
for name in [name for name in os.environ if name.startswith(OURS)]:
    del os.environ[name]
if os.environ.get("TEST_DATABASE_URL"):  # set by tests/test_on_postgres.py
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
os.environ["STUDIO_DATA_DIR"] = str(FOLDER / "data")
os.environ["DJANGO_SETTINGS_MODULE"] = "omixa_studio.settings"
django.setup()
# The product's hasher takes a tenth of a second on purpose.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_addoption(parser: pytest.Parser) -> None:
    told = "run as if it were this moment, such as 2028-02-29 or 2026-12-31T23:59 (in UTC)"
    parser.addoption("--today", metavar="MOMENT", type=datetime.fromisoformat, help=told)
    parser.addoption("--rows-only", action="store_true", help="leave out what reaches no database")
    parser.addoption("--rounds", type=int, default=1, help="how often races are run")
    killed = "how many web servers and workers are killed on each pair of database and storage"
    parser.addoption("--kills", type=int, default=6, help=killed)
    parser.addoption("--minutes", type=float, default=600, help="after these nobody is killed")
    parser.addoption("--requests", type=int, default=300, help="how many requests are made up")
    parser.addoption("--seed", type=int, default=20261127, help="of what is made up")
    parser.addoption("--share", metavar="N/M", help="run each Mth test, from the Nth on")


@pytest.hookimpl(optionalhook=True, wrapper=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    # Two more than there are cores: many a test waits for a process that it started.
    cores = yield
    return cores + 2


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what was not asked for, and begin with the longest."""
    if config.getoption("today"):
        items[:] = [item for item in items if not item.get_closest_marker("file_ages")]
    if config.getoption("rows_only"):
        items[:] = filter(touches_rows, items)
    if share := config.getoption("share"):
        items[:] = share_of(items, share)
    for item in items:
        if item.get_closest_marker("browser"):
            # A browser beside three other tests may be late once; what failed first is listed.
            item.add_marker(pytest.mark.flaky(reruns=1))
    items[:] = longest_first(items, getattr(config, "workerinput", {}).get("workercount", 1))


@pytest.fixture(scope="session", autouse=True)
def _today(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let clocks of Python and SQLite go on from `--today`; files keep their real times."""
    today = request.config.getoption("today")
    if today is None:
        yield
        return
    ahead = today.replace(tzinfo=UTC) - datetime.now(UTC)
    now = (
        f"STRFTIME('%%%%Y-%%%%m-%%%%d %%%%H:%%%%M:%%%%f', 'NOW', '{ahead.total_seconds()} seconds')"
    )

    def as_sqlite(
        self: Now, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any
    ) -> Any:
        return self.as_sql(compiler, connection, template=now, **extra)

    with time_machine.travel(today.replace(tzinfo=UTC)), pytest.MonkeyPatch.context() as patch:
        patch.setattr(Now, "as_sqlite", as_sqlite)
        yield


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    # With the name in the environment a test process would load the settings before this file.
    os.environ.pop("DJANGO_SETTINGS_MODULE")


def pytest_unconfigure() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Say whether the database is there already; the folder of all data goes at the end."""
    return bool(settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_keepdb: bool) -> None:
    """Use a file, with the product's own options: shared memory fails under threads."""
    if django_db_keepdb:
        # Its models can be imported only after django.setup().
        from tests.databases import put_migrated_sqlite

        place = FOLDER / "data" / "studio.sqlite3"
        put_migrated_sqlite(place)
        settings.DATABASES["default"]["TEST"]["NAME"] = str(place)


@pytest.fixture(scope="session", autouse=True)
def _static_files_are_found_once() -> Iterator[None]:
    """Let each test's client take the static files that the first one found."""
    find = WhiteNoiseMiddleware.add_files_from_finders
    found: dict[tuple[str, ...], dict[str, object]] = {}

    def find_once(self: Any) -> None:
        where = (self.static_prefix, *map(str, settings.STATICFILES_DIRS))
        if where not in found:
            find(self)
            found[where] = self.files
        self.files = found[where]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", find_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def _static_files_are_served_by_the_product() -> Iterator[None]:
    """Keep Django's handler of static files, which knows no joined sheets, out of the way."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StaticFilesHandler, "_should_handle", lambda self, path: False)
        yield


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Give the path of a Chromium or Chrome."""
    return _or_skip(servers.find_chromium)


@pytest.fixture(scope="session")
def firefox_path() -> str:
    """Give the path of a Firefox."""
    return _or_skip(servers.find_firefox)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Run one PostgreSQL server per test process; give the address of an empty database."""
    yield from _running(servers.postgres, "postgres")


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """Give the address of a new, empty database on a real PostgreSQL."""
    with servers.fresh_database(postgres_server, f"test_{uuid4().hex}") as url:
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """Run one Redis server per test process; give its address."""
    yield from _running(servers.redis_server, "redis")


def _running(
    server: Callable[[Path], AbstractContextManager[str]], folder_name: str
) -> Iterator[str]:
    folder = FOLDER / folder_name
    folder.mkdir()
    started = server(folder)
    url = _or_skip(started.__enter__)
    yield url
    started.__exit__(None, None, None)


def _or_skip(find: Callable[[], str]) -> str:
    """Skip with one line where a part is missing; with CI=true that is a failure."""
    try:
        return find()
    except servers.MissingPartError as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))


@pytest.fixture(autouse=True)
def _nothing_was_sent() -> None:
    """Forget what earlier tests sent: their rows are gone, as after an older copy was restored."""
    shutil.rmtree(settings.SENT_DIR, ignore_errors=True)


@pytest.fixture(autouse=True)
def _the_ledger_may_be_emptied(
    request: pytest.FixtureRequest, _django_db_marker: None
) -> Iterator[None]:
    """Lift the ledger's triggers before a transactional test empties its tables.

    Emptying sends post_migrate, which makes them again.
    """
    yield
    marker = request.node.get_closest_marker("django_db")
    if (marker and marker.kwargs.get("transaction")) or "live_server" in request.fixturenames:
        # Its models can be imported only after django.setup().
        from omixa_studio import ledger_guard

        ledger_guard.allow_changes()
