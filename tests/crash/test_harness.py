"""The crash tests would notice: each broken rule is seen by `broken_promises`."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from omixa_studio.gateway.client import Gateway
from omixa_studio.models import Generation, Person, Picture
from omixa_studio.sandbox import Sandbox
from omixa_studio.services import claims
from tests.crash.harness import (
    Forker,
    broken_promises,
    click,
    left_in_spools,
    settle_everything,
    whole_answers,
)
from tests.factories import make_generation
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


def unknown_part_in(spool: Path, ada: Person) -> Path:
    """The name in a spool of what came of an unknown attempt."""
    row = make_generation(ada, state="unknown", attempt=uuid4())
    spool.mkdir()
    return spool / f"{row.pk}-{row.attempt}.part"


def test_what_was_cut_short_of_an_unknown_attempt_may_stay(ada: Person, tmp_path: Path) -> None:
    unknown_part_in(tmp_path / "one", ada).touch()
    assert left_in_spools(tmp_path / "one") == []


def test_it_waits_for_an_answer_that_was_renamed_while_it_looked(
    ada: Person, tmp_path: Path
) -> None:
    """A worker that is ended then would leave it: the name is listed, and nothing is there."""
    part = unknown_part_in(tmp_path / "one", ada)
    part.symlink_to(part.with_suffix(".gone"))
    assert left_in_spools(tmp_path / "one") == [part.name]


def test_it_waits_for_what_an_earlier_attempt_left(ada: Person, tmp_path: Path) -> None:
    """The row may be done by the answer in another spool, and then nothing excuses the file."""
    part = unknown_part_in(tmp_path / "one", ada)
    Generation.objects.update(attempt=uuid4())
    part.touch()
    assert left_in_spools(tmp_path / "one") == [part.name]


class NoSink:
    def head(self, status: int, headers: dict[str, str]) -> None: ...

    def write(self, chunk: bytes) -> None: ...
