"""A work of the worker that fails rests for longer, however soon it would begin again."""

import threading
import time
from typing import Any

import pytest

from omixa_studio.worker import loops
from omixa_studio.worker.calls import Worker


@pytest.mark.django_db
def test_what_fails_at_once_is_not_tried_at_once() -> None:
    """Without the rest a worker tried some thousand times a minute while its database was away."""
    until, count = threading.Event(), [0]

    def work_in_background(_worker: Worker) -> None:
        count[0] += 1
        raise OSError("away")

    nobody: Any = None
    loop = loops.Loop([work_in_background], 0)
    thread = threading.Thread(target=loops._repeat, args=(nobody, loop, until))
    thread.start()
    time.sleep(2)
    until.set()
    thread.join()
    assert 1 < count[0] < 5
