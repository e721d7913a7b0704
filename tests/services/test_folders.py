"""A folder that cannot be written is named with the true cause, and what waits for it as well."""

import errno
import io
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from omixa_studio import storage
from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import Generation, Pause
from omixa_studio.sandbox import Sandbox
from omixa_studio.sentences import tell
from omixa_studio.services import answers, folders, running
from omixa_studio.services.claims import claim_next
from omixa_studio.services.inputs import keep_upload
from omixa_studio.services.submission import Choice, submit
from omixa_studio.services.tools import Tools
from omixa_studio.worker import Worker
from tests.factories import claimed_generation, draw_png, make_person
from tests.servers import free_port

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "The disk of /data/spool is full or nearly full."),
        (errno.EDQUOT, "The disk of /data/spool is full or nearly full."),
        (errno.EROFS, "/data/spool is on a read-only disk."),
        (errno.EACCES, "The studio has no permission to write to /data/spool."),
        (errno.EPERM, "The studio has no permission to write to /data/spool."),
        (errno.ENOENT, "The folder /data/spool is missing."),
        (errno.EIO, "Cannot write to /data/spool: Input/output error."),
    ],
)
def test_it_names_the_cause(number: int, words: str) -> None:
    error = OSError(number, os.strerror(number))
    assert tell([folders.cause_of(error, Path("/data/spool"))]) == words


@pytest.mark.parametrize(
    ("number", "reason"),
    [(errno.ENOSPC, "disk"), (errno.EDQUOT, "disk"), (errno.EFBIG, "disk"), (errno.EIO, "folder")],
)
def test_it_pauses_for_a_full_disk_or_for_the_folder(number: int, reason: str) -> None:
    folders.pause("sandbox", OSError(number, os.strerror(number)), Path("/data/spool"))
    pause = Pause.objects.get()
    assert (pause.reason, pause.until is None) == (reason, False)
    assert "continues automatically" in tell(pause.error)


def test_it_tells_what_a_bucket_says() -> None:
    error = OSError("The bucket refuses: SlowDown")
    assert "s3://pictures: The bucket refuses" in tell([folders.cause_of(error, "s3://pictures")])


@pytest.mark.parametrize("fault", ["read-only", "missing"])
def test_a_spool_that_cannot_be_written_is_no_full_disk(
    tools: Tools, sandbox: Sandbox, sealed: Path, fault: str
) -> None:
    row = claimed_generation()
    words = {"read-only": "read-only", "missing": "is missing"}[fault]
    tools.spool.folder = sealed if fault == "read-only" else sealed / "gone"
    assert running.run(row, tools) is None
    row.refresh_from_db()
    assert (row.state, sandbox.calls) == ("queued", [])
    pause = Pause.objects.get()
    assert (pause.reason, pause.until is None) == ("folder", False)
    assert words in tell(pause.error)
    assert str(tools.spool.folder) in tell(pause.error)
    assert "full" not in tell(pause.error)


def test_a_worker_whose_spool_is_gone_claims_nothing(worker: Worker) -> None:
    shutil.rmtree(worker.spool.folder)
    worker.hand_out(wait=False)
    assert Pause.objects.get().reason == "folder"
    assert "is missing" in tell(Pause.objects.get().error)


@pytest.fixture
def bucket_away(settings: Settings) -> Iterator[Callable[[], None]]:
    """A function that makes the storage a bucket that nobody answers for."""

    def go_away() -> None:
        keys = "region_name=us-east-1&access_key=k&secret_key=s"
        settings.STORAGE_URL = f"s3://gone?endpoint_url=http://127.0.0.1:{free_port()}&{keys}"
        storage.backend.cache_clear()

    yield go_away
    storage.backend.cache_clear()


def test_a_call_waits_while_its_images_cannot_be_read(
    tools: Tools, sandbox: Sandbox, bucket_away: Callable[[], None]
) -> None:
    person, catalogue = make_person(), load_catalogue(None)
    model = catalogue.find("gpt-image-1.5")
    assert model is not None
    image = keep_upload(person, io.BytesIO(draw_png((96, 64))))
    choice = Choice(model=model, values={"prompt": "At night"}, images=(image,))
    submit(person, choice, catalogue=catalogue, wake=lambda: None)
    row = claim_next("sandbox", "w1")
    assert row is not None
    bucket_away()
    assert running.run(row, tools) is None
    row.refresh_from_db()
    assert (row.state, sandbox.calls) == ("queued", [])
    pause = Pause.objects.get()
    assert (pause.reason, pause.until is None) == ("folder", False)
    assert "s3://gone" in tell(pause.error)


@pytest.mark.file_ages
def test_an_answer_that_cannot_be_stored_says_where_it_waits_and_why(
    tools: Tools, sandbox: Sandbox, sealed: Path, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = sealed
    row = claimed_generation()
    with pytest.raises(OSError, match="Read-only"):
        running.run(row, tools)
    (answer,) = tools.spool.whole_answers()
    row.refresh_from_db()
    assert row.state == "running"
    os.utime(answer, (answer.stat().st_atime, answer.stat().st_mtime - 20))
    for _ in range(2):
        with pytest.raises(OSError, match="Read-only"):
            answers.finish(answer, tools)
        ended = Generation.objects.values_list("finished_at", flat=True).get()
        row.refresh_from_db()
        assert (row.state, row.finished_at) == ("unknown", ended)
    said = tell(row.error)
    assert "is on the disk of worker here:7" in said
    assert f"{sealed} is on a read-only disk" in said
    settings.MEDIA_ROOT = tmp_path / "media"
    answers.finish(answer, tools)
    row.refresh_from_db()
    assert (row.state, row.error, len(sandbox.calls)) == ("done", [], 1)
