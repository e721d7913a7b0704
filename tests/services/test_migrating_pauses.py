"""Pauses and lost calls of a studio that had one key of the gateway, on both databases."""

import subprocess
import sys

FORTH = """
from datetime import timedelta
import django
django.setup()
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from tests.one_by_one import migrate_one_by_one

BEFORE = [("omixa_studio", "0062_connected_apps")]
migrate_one_by_one(BEFORE[0][1])
old = MigrationExecutor(connection).loader.project_state(BEFORE).apps
model = lambda name: old.get_model("omixa_studio", name)
now = timezone.now()
OF_THE_KEY, OF_ALL = ("key", "balance", "rate"), ("unavailable", "disk", "folder", "older")
for reason in OF_THE_KEY + OF_ALL:
    until = now + timedelta(minutes=5) if reason in ("rate", "unavailable") else None
    model("Pause").objects.create(
        target=f"{reason}.example", reason=reason, until=until, key_digest=f"of {reason}",
        error=[{"key": reason}],
    )
ada = model("Person").objects.create(username="ada")
project = model("Project").objects.create(name="Poster")
for nth, reason in enumerate(OF_THE_KEY + OF_ALL, start=1):
    target = f"{reason}.example"
    model("Generation").objects.create(
        person=ada, target=target, model="m", operation="generate", body="{}", body_sha256="",
        month="2026-11", held_micros=nth, state="queued", click=f"c{nth}", project=project,
    )
model("LostCall").objects.create(
    target="key.example", generation_id=99, attempt="a" * 32, worker="here:7", person_id=ada.pk,
    sent_at=now,
)
pauses = list(model("Pause").objects.order_by("pk").values())

call_command("migrate", verbosity=0)
call_command("migrate", check_unapplied=True, verbosity=0)
from omixa_studio.models import Generation, LostCall, Pause, Project
from omixa_studio.queries.pauses import pauses_by_key
from omixa_studio.services import claims, pauses as services

# Nothing of a pause is lost, and it holds back what it held back before: every request had the
# environment's key.
expected = [
    {**one, "gateway_key": 0 if one["reason"] in OF_THE_KEY else None} for one in pauses
]
assert list(Pause.objects.order_by("pk").values()) == expected
for reason in OF_THE_KEY + OF_ALL:
    [(key, pause)] = pauses_by_key(f"{reason}.example").items()
    assert (key, pause.reason) == (0 if reason in OF_THE_KEY else None, reason)
    assert claims.claim_next(f"{reason}.example", "here:7") is None, reason
assert set(Generation.objects.values_list("gateway_key", "state")) == {(None, "queued")}
assert set(Project.objects.values_list("gateway_key", flat=True)) == {None}
assert LostCall.objects.get().gateway_key == 0

# What ended a pause before ends it still, and there is one of each at most.
services.end_outdated("key.example", "another key")
services.resume("disk.example", reason="disk")
assert claims.claim_next("key.example", "here:7") is not None
assert claims.claim_next("disk.example", "here:7") is not None
for key in (0, None):
    reason = "rate" if key == 0 else "older"
    try:
        with transaction.atomic():
            Pause.objects.create(target=f"{reason}.example", reason="key", gateway_key=key)
    except IntegrityError:
        continue
    raise AssertionError(f"two pauses of {reason}.example and {key}")
Pause.objects.create(target="rate.example", reason="disk")
Pause.objects.create(target="older.example", reason="key", gateway_key=0)
"""


def test_pauses_hold_back_what_they_held_back(bare_surroundings: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORTH],
        env=bare_surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
