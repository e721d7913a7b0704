"""One studio of each kind for a file of tests: one machine, and two that share only servers."""

from collections.abc import Iterator
from contextlib import ExitStack
from uuid import uuid4

import pytest

from omixa_studio.sandbox import Sandbox
from tests import servers
from tests.crash.harness import answer_of
from tests.databases import put_migrated_sqlite
from tests.scale.machines import Browser, Cluster, cluster

ONE, TWO = "sqlite and a folder", "postgresql, redis and s3"


@pytest.fixture(scope="module")
def gateway() -> Iterator[Sandbox]:
    """A gateway that answers soon with one small picture for $0.04."""
    with Sandbox(fixed_answer=answer_of((96, 64)), seconds=0.2) as running:
        yield running


@pytest.fixture(scope="module")
def warm() -> bool:
    """Whether parts of the machines start from a process that has loaded all that they need."""
    return False


@pytest.fixture(scope="session")
def s3_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run one S3 server per test process; give its address."""
    with servers.s3_server(tmp_path_factory.mktemp("s3")) as url:
        yield url


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(ONE, id="one"),
        pytest.param(TWO, id="two", marks=[pytest.mark.postgres, pytest.mark.redis]),
    ],
)
def studio(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    gateway: Sandbox,
    warm: bool,
) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("machines")
    with ExitStack() as stack:
        machines, shared = 1, {}
        if request.param == ONE:
            put_migrated_sqlite(folder / "machine0" / "data" / "studio.sqlite3")
        else:
            name = f"scale-{uuid4().hex}"
            server = request.getfixturevalue("postgres_server")
            machines, shared = (
                2,
                {
                    "DATABASE_URL": stack.enter_context(servers.fresh_database(server, name)),
                    "QUEUE_URL": request.getfixturevalue("redis_url"),
                    "STORAGE_URL": stack.enter_context(
                        servers.bucket(request.getfixturevalue("s3_url"), name)
                    ),
                },
            )
        yield stack.enter_context(cluster(folder, gateway, machines=machines, warm=warm, **shared))


@pytest.fixture
def root(studio: Cluster) -> Browser:
    """The admin, who logged in at one of the machines."""
    browser = Browser()
    assert browser.log_in(studio.a).status_code == 302
    return browser
