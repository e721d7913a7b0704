"""A real worker that is killed in the middle of a step on 12,000 pictures, and another after it.

Run by tests/services/test_selections.py as a process of its own: settings are read once.
"""

import os
import signal
import subprocess
import sys

import django

django.setup()

from django.http import QueryDict  # noqa: E402

from omixa_studio.forms.selections import read_selection  # noqa: E402
from omixa_studio.models import BackgroundJob, JobChange, Picture  # noqa: E402
from omixa_studio.queries.selections import Stretch  # noqa: E402
from omixa_studio.services import curating, selections  # noqa: E402
from tests.factories import make_many, make_person  # noqa: E402
from tests.servers import PROJECT, wait_until  # noqa: E402

MANY, TRASHED = 12_000, 40
COMMAND = (sys.executable, "manage.py", "worker", "--lease-seconds", "1", "--renew-seconds", "0.2")
SANDBOX = {"STUDIO_SANDBOX_URL": "http://127.0.0.1:9/api/v1"}


def main() -> None:
    person = make_person()
    made = make_many(person, MANY)
    chosen = read_selection(QueryDict("gallery=/gallery/&all=1"))
    job = selections.take_later(person, "share", chosen, [Stretch()], total=MANY, wake=lambda: None)
    killed = start()
    wait_until(lambda: done(job) >= MANY // 4, 60)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    half_way = done(job)
    assert 0 < half_way < MANY, half_way
    # The oldest come last.
    assert len(curating.trash_several(person, made[:TRASHED])) == TRASHED
    second = start()
    wait_until(lambda: BackgroundJob.objects.get(pk=job.pk).state == "done", 60)
    second.terminate()
    second.wait()
    check(job)


def check(job: BackgroundJob) -> None:
    job.refresh_from_db()
    changed = [pk for ids in JobChange.objects.values_list("ids", flat=True) for pk in ids]
    assert len(changed) == len(set(changed)) == MANY - TRASHED, len(changed)
    assert (job.done, job.result["changed"]) == (MANY - TRASHED, MANY - TRASHED)
    assert Picture.objects.filter(shared=True).count() == MANY - TRASHED


def done(job: BackgroundJob) -> int:
    return BackgroundJob.objects.values_list("done", flat=True).get(pk=job.pk)


def start() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(COMMAND, cwd=PROJECT, env={**os.environ, **SANDBOX})


if __name__ == "__main__":
    main()
