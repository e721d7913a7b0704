"""The crash tests would notice: each broken rule is seen by `broken_promises`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from omixa_studio.gateway.client import Gateway
from omixa_studio.models import Generation, Person, Picture
from omixa_studio.sandbox import Sandbox
from omixa_studio.services import claims
from tests.crash.harness import Forker, broken_promises, click, settle_everything, whole_answers
from tests.servers import wait_until

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def settled_from_running_alone(transactional_db: None) -> Iterator[None]:
    """The naive rule: whatever would change an unknown row is silently dropped."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER naive BEFORE UPDATE ON omixa_studio_generation "
            "WHEN old.state = 'unknown' BEGIN SELECT RAISE(IGNORE); END"
        )
        yield
        cursor.execute("DROP TRIGGER naive")


def test_it_notices_a_rule_that_does_not_settle_from_unknown(
    workers: Forker, sandbox: Sandbox, ada: Person, settled_from_running_alone: None
) -> None:
    row = click(ada, "Received, then lost")
    process = workers.worker(instant="before the parsing")
    process.wait()
    received = whole_answers(process.spool)
    assert received == {row.pk}
    Generation.objects.filter(pk=row.pk).update(lease=Now())
    # Before a worker looks into the spool: that may come before it looks for lost rows.
    assert claims.expire() == 1
    settle_everything(workers)
    lost = f"generation {row.pk}: an answer that was received is lost"
    assert lost in broken_promises(sandbox, workers.folder, received)


def test_it_notices_a_second_call_a_lost_file_and_a_wrong_state(
    workers: Forker, sandbox: Sandbox, ada: Person
) -> None:
    row = click(ada, "Bought twice")
    workers.worker()
    wait_until(lambda: Generation.objects.filter(pk=row.pk, state="done").exists())
    settle_everything(workers)
    assert broken_promises(sandbox, workers.folder, set()) == []

    Gateway(sandbox.base_url, sandbox.key).generate(row.body.encode(), NoSink())
    (Path(settings.MEDIA_ROOT) / Picture.objects.get().thumb).unlink()
    found = " · ".join(broken_promises(sandbox, workers.folder, set()))
    for sentence in ("2 calls for 'Bought twice'", "a file is missing", "but 80000 were billed"):
        assert sentence in found


class NoSink:
    def head(self, status: int, headers: dict[str, str]) -> None: ...

    def write(self, chunk: bytes) -> None: ...
