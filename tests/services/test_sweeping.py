"""What the worker's sweep does beside the leases."""

import pytest

from omixa_studio.models import Generation
from omixa_studio.sentences import tell
from omixa_studio.worker import Worker
from tests.factories import make_generation, make_person

pytestmark = pytest.mark.django_db


def test_it_cancels_what_was_queued_for_another_target_since_the_start(worker: Worker) -> None:
    foreign = make_generation(make_person(), state="queued", target="elsewhere.example")
    worker.sweep()
    cancelled = Generation.objects.get(pk=foreign.pk)
    assert (cancelled.state, cancelled.charged) == ("cancelled", "no")
    assert "elsewhere.example, which is no longer in use" in tell(cancelled.error)
