"""Studios with very many pictures, each made once and served to all rows of the bench."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.servers import fresh_database, postgres

from .processes import child, run, wait_until
from .studio import PASSWORD, Studio, free_port, is_up
from .table import Plan

SQLITE, POSTGRES = "SQLite", "PostgreSQL"
# The first account of a demonstration, which owns a fifth of everything.
PERSON = "demo-1"
PEOPLE = 200
LOG = "times.log"

_open = ExitStack()
close = _open.close
keep_open = _open.enter_context


@dataclass(frozen=True)
class Library:
    """A studio's data folder, and the address of its database, "" for SQLite in the folder."""

    folder: Path
    url: str

    @property
    def told(self) -> dict[str, str]:
        """The environment of its processes."""
        told = {"STUDIO_DATA_DIR": str(self.folder)}
        return told | ({"DATABASE_URL": self.url} if self.url else {})


@cache
def library(database: str, pictures: int, plan: Plan, people: int = PEOPLE) -> Library:
    """Make a library of so many pictures on a database; it is removed when the bench ends."""
    folder = Path(keep_open(tempfile.TemporaryDirectory(prefix="bench-")))
    # The server of the database may have to run as another user.
    folder.chmod(0o755)
    url = ""
    if database == POSTGRES:
        url = keep_open(fresh_database(postgres_server(), f"pictures{pictures}of{people}"))
    made = Library(folder / "data", url)
    made.folder.mkdir()
    run(["manage.py", "migrate", "-v0"], made.told)
    demo = ["manage.py", "demo", "--no-files", "--password", PASSWORD]
    amounts = ["--pictures", str(pictures), "--people", str(people), "--months", str(plan.months)]
    run([*demo, *amounts], made.told)
    return made


@contextmanager
def served(made: Library, username: str = PERSON) -> Iterator[Studio]:
    """Run the web server alone, which writes down how long each answer took it."""
    port = free_port()
    told = made.told | {"STUDIO_PORT": str(port)}
    server = ["-m", "gunicorn", "-c", "python:omixa_studio.webserver", "bench.served"]
    times = ["--access-logfile", str(made.folder / LOG), "--access-logformat", "%(D)s"]
    with child([*server, *times], told, made.folder / "bench.log") as process:
        address = f"http://127.0.0.1:{port}"
        found = Studio(address, made.folder, process.pid, username=username)
        wait_until(lambda: is_up(found.address, process))
        found.log_in()
        yield found


@cache
def postgres_server() -> str:
    """Start a PostgreSQL server once; return its address. It stops when the bench ends."""
    folder = Path(keep_open(tempfile.TemporaryDirectory(prefix="bench-")))
    folder.chmod(0o755)
    (folder / "postgres").mkdir()
    return keep_open(postgres(folder / "postgres"))
