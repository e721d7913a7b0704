"""Limits and balances of a studio that was there before they were rows, on both databases."""

import subprocess
import sys

FORTH = """
import django
django.setup()
from django.core.management import call_command
from django.db import connection
from tests.one_by_one import migrate_one_by_one
migrate_one_by_one("0008")
charge = "omixa_studio_charge"
columns = "kind, amount_micros, received_text, reason, target, month, day, generation_id, " \\
    "person_id, person_name, model, operation, pictures, created_at"
rows = [
    ("hold", 50_000, "sandbox", "2026-10", 1, 7), ("release", -50_000, "sandbox", "2026-10", 1, 7),
    ("capture", 39_000, "sandbox", "2026-10", 1, 7), ("hold", 40_000, "sandbox", "2026-11", 2, 7),
    ("hold", 5_000_000_000, "sandbox", "2026-11", 3, 8), ("hold", 1, "elsewhere", "2026-11", 4, 8),
]
with connection.cursor() as cursor:
    for kind, amount, target, month, generation, person in rows:
        # As migrated from before there were days: the day is another month's.
        cursor.execute(
            f"INSERT INTO {charge} ({columns}) VALUES "
            "(%s, %s, '', '', %s, %s, '2026-12-24', %s, %s, 'Ada', 'm', 'generate', 0, "
            "CURRENT_TIMESTAMP)",
            [kind, amount, target, month, generation, person],
        )
    cursor.execute("DELETE FROM omixa_studio_limit")
    for person, amount in ((7, 250_000), (8, None), (None, 9_000_000)):
        cursor.execute(
            "INSERT INTO omixa_studio_limit (person_id, amount_micros) VALUES (%s, %s)",
            [person, amount],
        )
call_command("migrate", "omixa_studio", "0010", verbosity=0)
call_command("migrate", "omixa_studio", "0008", verbosity=0)
with connection.cursor() as cursor:
    cursor.execute("SELECT person_id, amount_micros FROM omixa_studio_limit")
    assert set(cursor.fetchall()) >= {(7, 250_000), (None, 9_000_000)}
call_command("migrate", verbosity=0)
from omixa_studio.models import Balance, Limit
from omixa_studio.queries.balance_check import differences
limits = set(Limit.objects.values_list("scope", "subject", "period", "hard", "amount_micros"))
assert limits == {
    ("person", "7", "month", True, 250_000), ("studio", "", "month", True, 9_000_000)
}, limits
assert differences() == {}, differences()
made = Balance.objects.filter(scope__in=("person", "studio"), period="month")
found = made.values_list("target", "subject", "starts_on__month", "counted_micros")
assert set(found) == {
    ("sandbox", "7", 10, 39_000), ("sandbox", "", 10, 39_000),
    ("sandbox", "7", 11, 40_000), ("sandbox", "8", 11, 5_000_000_000),
    ("sandbox", "", 11, 5_000_040_000), ("elsewhere", "8", 11, 1), ("elsewhere", "", 11, 1),
}, set(found)
"""


def test_it_takes_limits_and_the_ledger_along_and_back(bare_surroundings: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORTH],
        env=bare_surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
