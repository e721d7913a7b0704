"""Three hundred things happen to one studio; after each one everything agrees."""

import random

import pytest
from pytest_django import Settings

from omixa_studio.models import Generation
from omixa_studio.sandbox import Sandbox
from tests.crash.harness import Forker
from tests.crash.operations import Studio

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
STEPS = 300


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [20261126])
def test_it_agrees_after_every_operation(
    workers: Forker, sandbox: Sandbox, settings: Settings, seed: int
) -> None:
    studio = Studio(workers, sandbox, settings, random.Random(seed))
    for _ in range(STEPS):
        studio.step()
    studio.resume()
    studio.start()
    studio.compare()
    states = set(Generation.objects.values_list("state", flat=True))
    assert states >= {"done", "failed", "cancelled", "unknown"}
    assert studio.sent_before > 0
