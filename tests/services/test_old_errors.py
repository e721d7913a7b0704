"""Rows of versions that stored sentences: their errors read as before, and in other languages."""

import importlib
import re
import subprocess
import sys
from itertools import product

import pytest
from django.utils import translation

from omixa_studio.sentences import SENTENCES, tell
from tests.servers import PROJECT

FORTH = """
import sys
import django
django.setup()
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from tests.one_by_one import migrate_one_by_one

stored = sys.argv[1]
BEFORE = "0009_limits_and_balances_as_rows"
migrate_one_by_one(BEFORE)
old = MigrationExecutor(connection).loader.project_state([("omixa_studio", BEFORE)]).apps
model = lambda name: old.get_model("omixa_studio", name)
ada = model("Person").objects.create(username="ada")
for nth, error in enumerate((stored, "")):
    model("Generation").objects.create(
        person=ada, target="sandbox", model="m", operation="generate", body="{}", body_sha256="",
        month="2026-11", state="failed", click=f"c{nth}", error=error,
        held_micros=0,
    )
model("Pause").objects.create(target="sandbox", reason="balance", sentence=stored)
call_command("migrate", verbosity=0)
from omixa_studio.models import Generation, Pause
from omixa_studio.sentences import tell
row, fine = Generation.objects.order_by("pk")
assert (fine.error, tell(row.error), tell(Pause.objects.get().error)) == ([], stored, stored)
"""
migration = importlib.import_module("omixa_studio.migrations.0010_errors_as_keys")
OLD = [
    *(f"{known} {cost}" for known, cost in product(migration.KNOWN, migration.COSTS)),
    *migration.KNOWN,
    "imagen-4.0-generate-001 has been switched off, so nothing was sent.",
    "It was queued for www.omixa.cloud, which is no longer in use.",
    "The worker was lost, and sandbox is no longer in use.",
    "Picture 2 is missing. The gateway sent 1 of 2 pictures.",
    "Picture 1: The picture is broken or cut off. The gateway sent 3 pictures, more than the 2 "
    "asked for.",
    "Picture 3 is larger than allowed. The gateway also reported an error.",
    "Picture 12 has an address that is not https. Picture 13 is empty.",
]
STRANGE = [
    "Something else. Nothing was charged.",
    "Nothing was sent: Prompt is too long: 5000 characters, at most 480 are allowed.",
    "Looked up by mara: 100% sure. It may have been charged. ",
    "Picture 1: A picture could not be downloaded from the gateway's address. An admin can see "
    "the details. The gateway sent 1 of 2 pictures.",
    "Nothing was sent: " * 20_000 + "why.",
    "Picture 1 is empty. " * 20_000 + "Or not.",
]


@pytest.mark.parametrize("stored", STRANGE, ids=lambda stored: stored[:60])
def test_strange_words_read_as_before(stored: str) -> None:
    with translation.override("en"):
        assert tell(migration.as_keys(stored)) == stored


@pytest.mark.parametrize("stored", OLD)
def test_it_reads_in_the_words_of_now(stored: str) -> None:
    named = re.findall(r"\d+|www\.\S+[a-z]|imagen\S+", stored)
    with translation.override("en"):
        told = tell(migration.as_keys(stored))
    assert told
    assert "%(" not in told
    assert [name for name in named if name not in told] == []


@pytest.mark.parametrize("stored", OLD)
def test_it_reads_in_another_language(stored: str) -> None:
    parts = migration.as_keys(stored)
    assert "text" not in {part["key"] for part in parts}
    with translation.override("ru"):
        assert not re.search(r"\b(the|was|is|of|and)\b", tell(parts)), tell(parts)


def test_it_translates_what_it_knows_of_strange_words() -> None:
    with translation.override("ru"):
        assert tell(migration.as_keys(STRANGE[0])) == "Something else. Ничего не списано."


def test_it_names_keys_that_have_words() -> None:
    keys = {*migration.KNOWN.values(), *migration.COSTS.values(), *migration.SHAPED.values()}
    assert keys <= SENTENCES.keys()


def test_it_upgrades_the_rows_of_an_older_database(bare_surroundings: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORTH, OLD[0]],
        cwd=PROJECT,
        env=bare_surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
