"""Hundreds of things happen to budgets, projects and pictures; after each one everything agrees."""

import random

import pytest
from pytest_django import Settings

from omixa_studio.models import BudgetRequest, Export
from omixa_studio.sandbox import Sandbox
from tests.crash.harness import Forker
from tests.crash.organising import WholeStudio

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
STEPS = 150


@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [20261127])
def test_it_agrees_after_every_operation(
    workers: Forker, sandbox: Sandbox, settings: Settings, seed: int
) -> None:
    studio = WholeStudio(workers, sandbox, settings, random.Random(seed))
    came: set[str] = set()
    for _ in range(STEPS):
        studio.step()
        came.update(BudgetRequest.objects.values_list("state", flat=True))
        came.update(["exported"] if Export.objects.exclude(file="").exists() else [])
    studio.resume()
    studio.start()
    studio.compare()
    assert came >= {"sent", "exported"}
