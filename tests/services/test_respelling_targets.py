"""Rows of a gateway whose address was spelled in several ways come under one name."""

import subprocess
import sys

FORTH = """
from datetime import date, timedelta
import django
django.setup()
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from tests.one_by_one import migrate_one_by_one

BEFORE = [("omixa_studio", "0014_what_came_that_is_no_picture")]
migrate_one_by_one(BEFORE[0][1])
old = MigrationExecutor(connection).loader.project_state(BEFORE).apps
model = lambda name: old.get_model("omixa_studio", name)
ada = model("Person").objects.create(username="ada")
bob = model("Person").objects.create(username="bob")
SPELLINGS = ["www.omixa.cloud", "www.omixa.cloud:443", "www.omixa.cloud.", "sandbox"]
for nth, target in enumerate(SPELLINGS, start=1):
    one = model("Generation").objects.create(
        person=ada, target=target, model="m", operation="generate", body="{}", body_sha256="",
        month="2026-11", held_micros=nth, state="unknown", click=f"c{nth}",
    )
    model("Charge").objects.create(
        kind="hold", amount_micros=nth, target=target, month="2026-11", day=date(2026, 11, 2),
        generation_id=one.pk, person_id=ada.pk, person_name="Ada", model="m", operation="generate",
    )
    for scope, subject in (("person", str(ada.pk)), ("studio", "")):
        model("Balance").objects.create(
            target=target, scope=scope, subject=subject, period="month",
            starts_on=date(2026, 11, 1), counted_micros=nth,
        )
    model("BilledPrice").objects.create(
        target=target, model="m", size="1024x1024", dearest_micros=10 * (4 - nth), last_micros=nth
    )
    model("BilledPrice").objects.create(target=target, model=f"only {nth}", dearest_micros=nth)
    for person in (None, ada):
        model("Brake").objects.create(target=target, person=person, by=f"admin {nth}")
model("Brake").objects.create(target="127.0.0.1:8001", person=bob, by="admin")
now = timezone.now()
model("Pause").objects.create(target="www.omixa.cloud", reason="rate", until=now)
model("Pause").objects.create(target="www.omixa.cloud:443", reason="key", key_digest="k")
model("Pause").objects.create(
    target="www.omixa.cloud.", reason="rate", until=now + timedelta(hours=1)
)
model("Pause").objects.create(target="[::1]:8001", reason="rate", until=now)

call_command("migrate", verbosity=0)
from omixa_studio.models import Balance, BilledPrice, Brake, Charge, Generation, Pause
from omixa_studio.queries.balance_check import differences

def counted(rows, *names):
    return sorted(rows.values_list("target", *names))

here = "www.omixa.cloud"
held = [("sandbox", 4), (here, 1), (here, 2), (here, 3)]
assert counted(Generation.objects, "held_micros") == held
assert counted(Charge.objects, "amount_micros") == held
assert differences() == {}, differences()
of_month = Balance.objects.filter(scope="studio", period="month")
assert counted(of_month, "counted_micros") == [
    ("sandbox", 4), (here, 6)
]
same = BilledPrice.objects.filter(model="m")
assert counted(same, "dearest_micros", "last_micros") == [("sandbox", 0, 4), (here, 30, 3)]
assert BilledPrice.objects.filter(target=here).count() == 4
assert sorted(Brake.objects.values_list("target", "person__username", "by"), key=str) == sorted([
    ("sandbox", None, "admin 4"), ("sandbox", "ada", "admin 4"),
    (here, None, "admin 1"), (here, "ada", "admin 1"), ("localhost:8001", "bob", "admin"),
], key=str)
assert counted(Pause.objects, "reason", "key_digest") == [
    ("localhost:8001", "rate", ""), (here, "key", "k")
]
assert Pause.objects.get(target=here).until is None
for change in (lambda rows: rows.update(target="x"), lambda rows: rows.delete()):
    try:
        with transaction.atomic():
            change(Charge.objects.all())
    except DatabaseError as refusal:
        assert "append-only" in str(refusal)
    else:
        raise AssertionError("the ledger can be changed")
"""


def test_rows_of_every_spelling_come_under_one_name(bare_surroundings: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORTH],
        env=bare_surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
