"""Hundreds of things happen to one studio; after each one everything agrees."""

import random

import pytest
from django.db import connection
from pytest_django import Settings

from omixa_studio.models import Generation
from omixa_studio.sandbox import Sandbox
from tests.crash.harness import Forker
from tests.crash.operations import Studio

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
# Chance brings other orders each time; on PostgreSQL what matters is the other locking.
LEAST_STEPS = {"sqlite": 300, "postgresql": 120}
MOST_STEPS = 300


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [20261126])
def test_it_agrees_after_every_operation(
    workers: Forker, sandbox: Sandbox, settings: Settings, seed: int
) -> None:
    studio = Studio(workers, sandbox, settings, random.Random(seed))
    for number in range(1, MOST_STEPS + 1):
        studio.step()
        if number >= LEAST_STEPS[connection.vendor] and has_met_all(studio):
            break
    studio.resume()
    studio.start()
    studio.compare()
    assert has_met_all(studio)


def has_met_all(studio: Studio) -> bool:
    """Say whether rows ended in each way, and some waited in a copy that had been sent."""
    states = set(Generation.objects.values_list("state", flat=True))
    return states >= {"done", "failed", "cancelled", "unknown"} and studio.sent_before > 0
