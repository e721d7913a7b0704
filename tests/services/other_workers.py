"""Real workers of several targets on one database, which the environment names.

Run by tests/services/test_sightings.py as a process of its own: settings are read once.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import django

django.setup()


from omixa_studio.models import Brake, Generation, Person, WorkerSeen  # noqa: E402
from omixa_studio.queries.balance_check import differences  # noqa: E402
from omixa_studio.queries.secret_marks import OF_SECRETS  # noqa: E402
from omixa_studio.sentences import tell  # noqa: E402
from omixa_studio.services import ledger  # noqa: E402
from tests.factories import make_generation  # noqa: E402
from tests.servers import PROJECT, wait_until  # noqa: E402

SECONDS = 120
GONE = 5.0
TIMES = ("--sweep-seconds", "0.2", "--seen-seconds", "0.3", "--gone-seconds", str(GONE))
KEY = {"OMIXA_API_KEY": "omx_live_test"}
OURS = {**KEY, "OMIXA_BASE_URL": "http://127.0.0.1:9/api/v1"}
OURS_SPELLED_OTHERWISE = {**KEY, "OMIXA_BASE_URL": "http://LOCALHOST:9"}
OTHERS = {**KEY, "OMIXA_BASE_URL": "https://other.example/api/v1"}
first_seen: dict[str, datetime] = {}
WITHOUT_KEY = {"STUDIO_SANDBOX_URL": "http://127.0.0.1:9/api/v1"}


def main() -> None:
    person = Person.objects.create(username="ada")
    row = make_generation(person, state="queued", target="localhost:9")
    ledger.hold(row)
    # Nothing is to be sent here: what waits, waits.
    Brake.objects.create(target="localhost:9", by="admin")

    with worker(OURS):
        # On a busy machine the other one may start sooner, and would find nobody.
        wait_until(WorkerSeen.objects.filter(target="localhost:9").exists, SECONDS)
        with worker(OURS_SPELLED_OTHERWISE), worker(OTHERS):
            wait_until(lambda: has_looked_long("other.example"), SECONDS)
            assert state_of(row) == "queued", "cancelled beside a living worker"
        seen = WorkerSeen.objects.exclude(target__startswith=OF_SECRETS)
        names = set(seen.values_list("target", flat=True))
        assert names == {"localhost:9", "other.example"}, names
    WorkerSeen.objects.all().delete()

    with worker(WITHOUT_KEY):
        wait_until(lambda: has_looked_long("sandbox"), SECONDS)
    assert state_of(row) == "queued", "cancelled by a studio without a key"

    with worker(OTHERS):
        wait_until(lambda: state_of(row) == "cancelled", SECONDS)
    row.refresh_from_db()
    assert row.charged == "no"
    assert "localhost:9, which is no longer in use" in tell(row.error)
    assert differences() == {}


@contextmanager
def worker(told: dict[str, str]) -> Iterator[None]:
    command = [sys.executable, "manage.py", "worker", *TIMES, "--stop-seconds", "1"]
    process = subprocess.Popen(command, cwd=PROJECT, env={**os.environ, **told})
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def has_looked_long(target: str) -> bool:
    """Say whether a worker of a target was there for twice as long as the gone are waited for."""
    seen = WorkerSeen.objects.filter(target=target).first()
    if seen is None:
        return False
    first = first_seen.setdefault(seen.worker, seen.seen_at)
    return seen.seen_at - first > timedelta(seconds=2 * GONE)


def state_of(row: Generation) -> str:
    return Generation.objects.values_list("state", flat=True).get(pk=row.pk)


if __name__ == "__main__":
    main()
