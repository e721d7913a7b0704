"""Many workers are killed in the middle of one stream of calls."""

import random

import pytest
from django.db import connection

from omixa_studio.models import Generation, Person
from omixa_studio.sandbox import Sandbox
from tests.crash.harness import (
    INSTANTS,
    Forker,
    Storm,
    broken_promises,
    settle_everything,
)

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
KILLS = {"sqlite": 150, "postgresql": 60}


def test_it_loses_nothing_and_buys_nothing_twice_under_random_kills(
    workers: Forker, sandbox: Sandbox, ada: Person
) -> None:
    storm = Storm(workers, sandbox, ada, random.Random(20261122))
    storm.rage(kills=KILLS[connection.vendor])
    settle_everything(workers)
    print(f"{storm.clicks} clicks; kills: {storm.kills}; found at the kills: {storm.found}")
    assert broken_promises(sandbox, workers.folder, storm.received) == []
    states = set(Generation.objects.values_list("state", flat=True))
    assert states >= {"done", "unknown"}
    assert "by itself" not in storm.kills
    assert len(storm.kills) > len(INSTANTS) // 2
    assert min(storm.found[what] for what in ("unsent", "sent", "answers")) > 0
