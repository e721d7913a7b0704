"""The archive of everything of a person: whole, resumed after a kill, without others' things."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.utils import timezone

from omixa_studio import storage
from omixa_studio.models import BackgroundJob, Export, Person
from omixa_studio.queries.exports import exports_of
from omixa_studio.services import background, exports, taking_away, zip_jobs
from omixa_studio.services.audit import STUDIO
from omixa_studio.services.exports import ExportRefused
from omixa_studio.services.tagging import tag_pictures
from tests.factories import (
    make_answer_file,
    make_charge,
    make_collection,
    make_generation,
    make_many,
    make_person,
    make_picture,
)
from tests.services.zipped import make, unzipped

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(zip_jobs, "MOST_OF_A_BATCH", 2)
    monkeypatch.setattr(background, "LEAST_REST_SECONDS", 0.0)
    yield
    for path in settings.EXPORTS_DIR.glob("*"):
        path.unlink()


def start(person: Person, whose: Person | None = None) -> Export:
    return exports.start_everything(person, whose or person, by=STUDIO, wake=lambda: None)


def table(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[f"{name}.csv"].decode("utf-8-sig"))))


def test_it_holds_all_that_is_theirs_and_nothing_of_others() -> None:
    person, other = make_person("mara", email="mara@example.org"), make_person()
    asked = make_generation(person, prompt="A lighthouse")
    make_charge(asked, amount_micros=40_000)
    make_charge(make_generation(other))
    first = make_picture(asked, note="The best one", winner=True)
    tag_pictures(person, [first.pk], "harbour")
    make_collection(person, first, name="Sea")
    thrown = make_picture(make_generation(person), trashed_at=timezone.now())
    answer = make_answer_file(make_generation(person))
    make_generation(person, state="failed")
    make_picture(make_generation(other), shared=True)

    files = unzipped(make(start(person)))

    rows = table(files, "pictures")
    assert [int(row["id"]) for row in rows] == [first.pk, thrown.pk]
    assert files[rows[0]["file"]] == storage.get(first.name)
    assert hashlib.sha256(files[rows[1]["file"]]).hexdigest() == rows[1]["sha256"]
    said = {name: rows[0][name] for name in ("prompt", "note", "star", "tags", "collections")}
    assert said == {
        "prompt": "A lighthouse",
        "note": "The best one",
        "star": "yes",
        "tags": '["harbour"]',
        "collections": '["Sea"]',
    }
    assert rows[0]["cost_usd"] == "0.040000"
    assert len(table(files, "requests")) == 4
    assert [row["amount_usd"] for row in table(files, "costs")] == ["0.040000"]
    assert files[table(files, "answers")[0]["file"]] == storage.get(answer.name)
    assert table(files, "collection_pictures")[0]["picture"] == str(first.pk)
    assert json.loads(files["account.json"])["email"] == "mara@example.org"
    for one in json.loads(files["manifest.json"])["tables"]:
        assert hashlib.sha256(files[one["file"]]).hexdigest() == one["sha256"]
        assert len(table(files, one["file"].removesuffix(".csv"))) == one["rows"]
    assert not list(settings.EXPORTS_DIR.glob("*"))


@pytest.mark.parametrize("turns", [1, 3, 6, 9, 14])
def test_it_goes_on_after_a_kill(turns: int) -> None:
    person = make_person()
    make_many(person, 7)
    make_charge(make_generation(person))
    export = start(person)
    make(export, turns=turns)
    job = BackgroundJob.objects.get()
    taking_away.work(job)  # a batch of which nothing was saved
    files = unzipped(make(export))
    assert len(table(files, "pictures")) == len({row["file"] for row in table(files, "pictures")})
    assert len([name for name in files if name.startswith("pictures/")]) == 7
    job.refresh_from_db()
    assert job.state == "done"
    assert job.done == job.total


def test_it_begins_anew_where_its_files_are_gone() -> None:
    person = make_person()
    make_many(person, 5)
    export = start(person)
    make(export, turns=2)
    for path in settings.EXPORTS_DIR.glob("*"):
        path.unlink()
    assert len(table(unzipped(make(export)), "pictures")) == 5


def test_it_has_no_cap_and_leaves_out_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MOST_PICTURES", 0)
    monkeypatch.setattr(exports, "MOST_KEPT", 0)
    monkeypatch.setattr(exports, "MOST_KEPT_BYTES", 0)
    person = make_person()
    there, gone = (make_picture(make_generation(person)) for _ in range(2))
    storage.remove(gone.name)
    export = make(start(person))
    assert export.left_out == 1
    assert table(unzipped(export), "pictures")[0]["id"] == str(there.pk)


def test_one_replaces_the_one_before() -> None:
    person = make_person()
    first = start(person)
    with pytest.raises(ExportRefused, match="made already"):
        start(person)
    first = make(first)
    make(start(person))
    assert storage.size(first.file) is None
    assert Export.objects.count() == 1
    assert exports.forget_old() == 0
    assert exports.forget_old(days=0) == 1


def test_only_an_admin_sees_the_archive_of_somebody_else() -> None:
    admin, jon = make_person(role="admin"), make_person()
    start(admin, jon)
    assert exports_of(admin).count() == 1
    Person.objects.filter(pk=admin.pk).update(role="member")
    assert not exports_of(Person.objects.get(pk=admin.pk)).exists()
