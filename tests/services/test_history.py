"""What past calls tell: how long a model usually takes."""

import pytest
from django.db import connection

from omixa_studio.models import Generation
from omixa_studio.queries import generations, history
from tests.factories import make_generation, make_person

pytestmark = pytest.mark.django_db
FAST = "imagen-4.0-fast-generate-001"


def test_it_tells_the_seconds_of_the_last_calls_by_model() -> None:
    person = make_person()
    for took in (4.0, None, 6.0):
        make_generation(person, model=FAST, seconds=took)
    make_generation(person, model=FAST, state="failed", seconds=90.0)
    make_generation(person, model=FAST, target="www.omixa.cloud", seconds=90.0)
    assert history.recent_seconds("sandbox") == {FAST: [6.0, 4.0]}


def test_it_reads_the_last_calls_in_the_order_of_an_index() -> None:
    rows = Generation.objects.filter(target="sandbox", state="done").order_by("-created_at")
    if connection.vendor == "sqlite":
        assert "TEMP B-TREE" not in rows[:400].explain()


def test_it_remembers_the_models_of_the_last_requests_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A person with many requests has not all of them read for a model never used."""
    monkeypatch.setattr(generations, "MODELS_REMEMBERED", 2)
    person, other = make_person(), make_person()
    make_generation(person, model="long-ago")
    rows = [make_generation(person, model="lately") for _ in range(2)]
    make_generation(other, model="theirs")
    assert generations.last_of_models(person, ["lately", "long-ago"]) == rows[1]
    assert generations.last_of_models(person, ["long-ago", "theirs"]) is None
