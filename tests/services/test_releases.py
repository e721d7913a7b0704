"""A database of each release becomes this version's, whole; a newer one is left alone."""

import subprocess
import sys

from tests.servers import PROJECT

FROM_THE_FIRST = """
import django
django.setup()
from datetime import date
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.one_by_one import migrate_one_by_one

# The last migration of version 0.1.0.
RELEASED = "0049_more_indexes"
migrate_one_by_one(RELEASED)
state = MigrationExecutor(connection).loader.project_state([("omixa_studio", RELEASED)])
old = {model.__name__: model for model in state.apps.get_models()}
ada = old["Person"].objects.create(username="ada", role="admin", password="!")
same = {"target": "sandbox", "model": "m", "operation": "generate", "month": "2026-10"}
made = old["Generation"].objects.create(
    **same, person=ada, state="done", prompt="A harbour at dawn",
    prompt_search="a harbour at dawn", options={}, body="{}", body_sha256="0" * 64,
    estimate_micros=40_000, held_micros=40_000, billed_micros=39_000, charged="yes",
    file_token="ab" * 16, settled_by="t",
)
waits = old["Generation"].objects.create(
    **same, person=ada, state="queued", prompt="Later", prompt_search="later", options={},
    body="{}", body_sha256="0" * 64, estimate_micros=40_000, held_micros=40_000,
    file_token="cd" * 16,
)
from omixa_studio import storage
for name in ("pictures/ab/abab-0.png", "thumbs/ab/abab-0.jpg"):
    storage.put(name, b"a picture")
old["Picture"].objects.create(
    generation=made, person=ada, model="m", index=0, name="pictures/ab/abab-0.png",
    thumb="thumbs/ab/abab-0.jpg", sha256="0" * 64, format="png", width=64, height=48, bytes=9,
    cost_micros=39_000,
)
rows = [(made, "hold", 40_000), (made, "release", -40_000), (made, "capture", 39_000),
        (waits, "hold", 40_000)]
for row, kind, amount in rows:
    old["Charge"].objects.create(
        **same, generation_id=row.pk, person_id=ada.pk, person_name="ada", day="2026-10-07",
        kind=kind, amount_micros=amount, pictures=int(kind == "capture"),
    )
for scope, subject in (("person", str(ada.pk)), ("model", "m"), ("studio", "")):
    for period, day in (("day", 7), ("week", 5), ("month", 1)):
        old["Balance"].objects.create(
            target="sandbox", scope=scope, subject=subject, period=period,
            starts_on=date(2026, 10, day), counted_micros=79_000,
        )
call_command("migrate", verbosity=0)
from omixa_studio.models import Charge, Generation, Person
from omixa_studio.queries import pictures
from omixa_studio.services.verifying import Finding, verify
wrong = [one for one in verify(read_files=False) if isinstance(one, Finding)]
assert wrong == [], wrong
assert sum(Charge.objects.values_list("amount_micros", flat=True)) == 79_000
assert set(Generation.objects.values_list("state", flat=True)) == {"done", "queued"}
assert pictures.gallery(Person.objects.get(), sought={"q": "harbour"}).count() == 1
"""
LATER = """
import django
django.setup()
from django.db.migrations.recorder import MigrationRecorder
from django.db import connection
MigrationRecorder(connection).record_applied("omixa_studio", "9999_later")
"""


def run(surroundings: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=PROJECT, env=surroundings, capture_output=True, text=True
    )


def test_the_first_release_becomes_this_one(bare_surroundings: dict[str, str]) -> None:
    done = run(bare_surroundings, "-c", FROM_THE_FIRST)
    assert done.returncode == 0, done.stderr


def test_a_database_of_a_newer_version_is_left_alone(surroundings: dict[str, str]) -> None:
    assert run(surroundings, "-c", LATER).returncode == 0
    for command in ("migrate", "worker"):
        done = run(surroundings, "manage.py", command)
        assert done.returncode == 1
        assert "made by a newer version of the studio: it has 9999_later" in done.stderr
        assert "Traceback" not in done.stderr
