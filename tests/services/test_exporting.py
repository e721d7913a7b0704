"""ZIP files made in the background: whole, in flat memory, once, whoever is killed."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from PIL import Image

from omixa_studio import storage
from omixa_studio.models import BackgroundJob, Export, InputImage, JobState, Person, Picture
from omixa_studio.services import background, exporting, exports, packing, xmp, zip_files, zip_jobs
from omixa_studio.services.audit import STUDIO
from omixa_studio.services.background_kinds import KINDS
from omixa_studio.services.exports import ExportRefused, Wanted
from omixa_studio.services.packing import Content
from tests.factories import draw_png, make_generation, make_person, make_picture, make_project
from tests.services.zipped import make, unzipped

pytestmark = pytest.mark.django_db
PROMPT = "=HYPERLINK(1) A lighthouse on a rock, seen from the sea"


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(zip_jobs, "MOST_OF_A_BATCH", 2)
    monkeypatch.setattr(background, "LEAST_REST_SECONDS", 0.0)
    yield
    for path in settings.EXPORTS_DIR.glob("*"):
        path.unlink()


def wanted(**fields: Any) -> Wanted:
    usual = {"pack": "internal", "format": "original", "side": 0, "quality": 85}
    return Wanted(**{**usual, "template": "{prompt}-{n}", **fields})


def start(person: Person, pictures: list[Picture], **fields: Any) -> Export:
    ids = [one.pk for one in pictures]
    return exports.start(person, wanted(**fields), ids, by=STUDIO, wake=lambda: None)


def several(person: Person, count: int = 5, **fields: Any) -> list[Picture]:
    return [make_picture(make_generation(person, prompt=PROMPT, **fields)) for _ in range(count)]


def test_packs_originals_with_all_that_is_known() -> None:
    person = make_person("mara")
    pictures = several(person)
    image = InputImage.objects.create(
        person=person,
        sha256="1" * 64,
        name="x",
        mime="image/png",
        width=1,
        height=1,
        bytes=1,
        picture=pictures[1],
    )
    pictures[0].generation.sent_inputs.create(image=image, position=0)

    export = make(start(person, pictures))

    files = unzipped(export)
    stem = "hyperlink-1-a-lighthouse-on-a-rock-seen-from-the-sea-1"
    assert files[f"{stem}.png"] == storage.get(pictures[0].name)
    origin = xmp.read_packet(xmp.find_packet(files[f"{stem}.xmp"]))
    assert origin is not None
    assert origin.settings["prompt"] == PROMPT
    assert xmp.COMPOSITE.encode() in files[f"{stem}.xmp"]
    about = json.loads(files[f"{stem}.json"])
    assert about["cost_usd"] == "0.040000"
    assert about["made_from"] == [{"picture": pictures[1].pk, "sha256": "1" * 64, "mask": False}]
    assert about["prompt"] == PROMPT
    table = files["pictures.csv"]
    assert table.startswith(b"\xef\xbb\xbffile,")
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
    assert [int(row["id"]) for row in rows] == [one.pk for one in pictures]
    assert rows[0]["prompt"] == "'" + PROMPT
    assert json.loads(files["export.json"])["pictures"] == 5
    assert export.bytes == len(storage.get(export.file))
    assert export.job is not None
    assert (export.job.state, export.job.done, export.job.total) == ("done", 5, 5)
    assert not list(settings.EXPORTS_DIR.glob("*"))


def test_names_the_projects_that_one_may_see() -> None:
    person, other = make_person(), make_person()
    own, secret = make_project(other, name="Harbour"), make_project(other, name="Secret")
    mine = make_picture(make_generation(person, project=own))
    theirs, plain = (
        make_picture(make_generation(other, project=project), shared=True)
        for project in (secret, None)
    )
    files = unzipped(make(start(person, [mine, theirs, plain], template="{project}{id}")))
    rows = list(csv.DictReader(io.StringIO(files["pictures.csv"].decode("utf-8-sig"))))
    assert [row["project"] for row in rows] == ["Harbour", "", ""]
    assert json.loads(files[f"Harbour{mine.pk}.json"])["project"] == "Harbour"
    assert f"{theirs.pk}.png" in files
    seen = unzipped(make(start(make_person(role="manager"), [theirs], template="{project}")))
    assert "Secret.png" in seen


def test_tells_a_client_neither_prompt_nor_cost_nor_name() -> None:
    person = make_person("mara")
    clean, signed, telling, broken = several(person, 4)
    data = draw_png()
    kept = data[:33] + b"\x00\x00\x00\x04caBXjumb" + b"\x00" * 4 + data[33:]
    storage.put(signed.name, kept)
    text = b"tEXtparameters\x00" + PROMPT.encode()
    storage.put(
        telling.name, data[:33] + len(text[4:]).to_bytes(4, "big") + text + b"0000" + data[33:]
    )
    Picture.objects.filter(pk=broken.pk).update(format="svg")
    storage.put(broken.name, b"<svg><title>" + PROMPT.encode() + b"</title></svg>")

    export = make(
        start(person, [clean, signed, telling, broken], pack="client", template="picture-{n}")
    )

    files = unzipped(export)
    assert set(files) == {
        "picture-1.png",
        "picture-1.xmp",
        "picture-2.png",
        "picture-2.xmp",
        "picture-3.png",
        "pictures.csv",
        "export.json",
    }
    assert files["picture-2.png"] == kept
    assert Image.open(io.BytesIO(files["picture-3.png"])).size == (64, 48)
    everything = b"".join(files.values())
    for secret in (b"lighthouse", b"0.04", b"mara", person.name.encode(), b"imagen"):
        assert secret not in everything, secret
    assert everything.count(xmp.TRAINED.encode() + b"<") == 3
    rows = list(csv.DictReader(io.StringIO(files["pictures.csv"].decode("utf-8-sig"))))
    assert [row["treatment"] for row in rows] == ["as received", "as received", "re-encoded"]
    assert export.left_out == 1


def test_converts_every_picture() -> None:
    person = make_person()
    [picture] = several(person, 1)
    export = make(start(person, [picture], format="webp", side=32, template="CON"))
    files = unzipped(export)
    image = Image.open(io.BytesIO(files["CON_.webp"]))
    assert image.size == (32, 24)
    about = json.loads(files["CON_.json"])
    assert (about["width"], about["height"], about["treatment"]) == (32, 24, "converted")


@pytest.mark.parametrize("format", ["png", "jpeg", "webp", "avif"])
def test_tells_the_size_that_a_converted_file_has(format: str) -> None:
    person = make_person()
    picture = make_picture(make_generation(person), size=(1000, 333))
    files = unzipped(make(start(person, [picture], format=format, side=500, template="a")))
    [name] = [name for name in files if name.startswith("a.") and name != "a.json"]
    about = json.loads(files["a.json"])
    assert Image.open(io.BytesIO(files[name])).size == (about["width"], about["height"])


def test_numbers_names_that_would_be_the_same() -> None:
    person = make_person()
    files = unzipped(make(start(person, several(person), template="pictures")))
    pngs = {name for name in files if name.endswith(".png")}
    assert pngs == {f"pictures-{n}.png" for n in range(1, 6)}


@pytest.mark.parametrize("killed_after", [1, 2])
def test_goes_on_after_a_kill_where_it_stopped(
    killed_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = make_person()
    export = start(person, several(person))
    make(export, turns=killed_after)
    save = background._save

    def killed(*_: Any) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(background, "_save", killed)
    with pytest.raises(KeyboardInterrupt):
        background.take_turn(KINDS, "w1", seconds=0.0)
    monkeypatch.setattr(background, "_save", save)
    BackgroundJob.objects.update(attempt=None, lease=None)
    packed = []

    def content_of(export: Export, picture: Picture) -> Content | None:
        packed.append(picture)
        return packing.content_of(export, picture)

    monkeypatch.setattr(exporting, "content_of", content_of)

    export = make(export)

    files = unzipped(export)
    assert len([name for name in files if name.endswith(".png")]) == 5
    assert len(files["pictures.csv"].splitlines()) == 6
    assert len(packed) == 5 - 2 * killed_after
    assert not list(settings.EXPORTS_DIR.glob("*"))


def test_does_not_make_it_again_that_was_stored_at_the_kill(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    person = make_person()
    export = start(person, several(person, 2))
    make(export, turns=1)
    job = BackgroundJob.objects.get()
    exporting.work(job)  # stored, and nothing of it was saved
    monkeypatch.setattr(exporting, "_start", lambda *_: pytest.fail("It began anew."))
    assert len(unzipped(make(export))) == 8


def test_begins_anew_where_its_files_are_gone() -> None:
    person = make_person()
    export = start(person, several(person))
    make(export, turns=1)
    assert exports.forget_old(days=0) == 0, "it is being made"
    begun = {path.name.partition(".")[0] for path in settings.EXPORTS_DIR.glob("*")}
    for path in settings.EXPORTS_DIR.glob("*"):
        path.unlink()
    assert len([name for name in unzipped(make(export)) if name.endswith(".png")]) == 5
    export.refresh_from_db()
    token = Path(export.file).stem
    assert begun, "of a name that another machine may have used meanwhile"
    assert not [name for name in begun if token in name]


def test_leaves_nothing_of_one_that_is_cancelled_or_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    person = make_person()
    export = start(person, several(person))
    make(export, turns=1)
    assert exports.delete(export)
    background.tidy(KINDS)
    assert make(export).file == ""
    assert not list(settings.EXPORTS_DIR.glob("*"))

    monkeypatch.setattr(zip_jobs, "LEAST_FREE_BYTES", 2**62)
    export = make(start(person, several(person)))
    assert export.job is not None
    assert export.job.state == JobState.FAILED
    assert export.job.error[0]["key"] == "export_no_room"
    monkeypatch.setattr(exports, "MOST_KEPT", 1)
    start(person, several(person))  # what failed takes no room

    monkeypatch.undo()
    hidden = several(make_person())
    export = make(start(person, hidden))
    assert export.job is not None
    assert export.job.error[0]["key"] == "export_empty"


def test_another_machine_forgets_what_it_had_of_one_that_has_ended() -> None:
    person = make_person()
    export = start(person, several(person))
    make(export, turns=1)
    here = {path: path.read_bytes() for path in settings.EXPORTS_DIR.iterdir()}
    exports.forget_leftovers()
    assert set(settings.EXPORTS_DIR.iterdir()) == set(here), "it is being made"
    make(export)
    for path, content in here.items():  # this machine began it, another one finished it
        path.write_bytes(content)
    (settings.EXPORTS_DIR / f"{export.job_id}-folder").mkdir()
    exports.forget_leftovers()
    assert not list(settings.EXPORTS_DIR.iterdir())


def test_packs_what_one_may_see_at_that_moment() -> None:
    person, other = make_person(), make_person()
    mine, theirs = several(person, 1), several(other, 2)
    Picture.objects.filter(pk=theirs[0].pk).update(shared=True)
    export = make(start(person, [*mine, *theirs], template="{id}"))
    pngs = [name for name in unzipped(export) if name.endswith(".png")]
    assert pngs == [f"{mine[0].pk}.png", f"{theirs[0].pk}.png"]
    assert export.left_out == 1
    said = json.loads(unzipped(export)["export.json"])
    assert (said["pictures"], said["left_out"]) == (2, 1)


def test_keeps_so_many_for_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    person = make_person()
    pictures = several(person, 1)
    monkeypatch.setattr(exports, "MOST_KEPT", 1)
    export = make(start(person, pictures))
    with pytest.raises(ExportRefused, match="Delete one first"):
        start(person, pictures)
    with pytest.raises(ExportRefused, match="no picture"):
        start(person, [])
    monkeypatch.setattr(exports, "MOST_PICTURES", 0)
    with pytest.raises(ExportRefused, match="at most"):
        start(person, pictures)
    assert exports.forget_old() == 0
    assert exports.delete(export)
    assert not exports.delete(export)
    assert exports.restore(export)
    assert exports.forget_old(days=0) == 1
    assert storage.size(export.file) is None


@pytest.mark.parametrize("limit", ["MOST_DELETED", "MOST_KEPT_BYTES"])
def test_deleting_makes_no_room_beyond_what_is_kept(
    monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    person = make_person()
    pictures = several(person, 1)
    monkeypatch.setattr(exports, "MOST_KEPT", 1)
    old, other = make(start(person, pictures)), make_person()
    exports.delete(old)
    kept = make(start(person, pictures))
    with pytest.raises(ExportRefused, match="Delete one first"):
        exports.restore(old)
    monkeypatch.setattr(exports, limit, 0 if limit == "MOST_DELETED" else pictures[0].bytes * 2)
    exports.delete(kept)
    start(other, [make_picture(make_generation(other), shared=True)])
    assert storage.size(old.file), "another person's export does not remove it"
    start(person, pictures)
    assert storage.size(old.file) is None


def test_a_zip_of_more_than_four_gigabytes_names_its_places(tmp_path: Any) -> None:
    parts = zip_files.Parts(tmp_path / "a.zip", tmp_path / "a.directory")
    moment = make_person().date_joined
    reached = zip_files.add(parts, parts.start(), "one.txt", b"one", moment)
    with parts.entries.open("r+b") as file:
        file.truncate(5 * 2**30)  # sparse: what an entry of that size would take
    reached = zip_files.Reached(5 * 2**30, reached.directory, reached.entries)
    reached = zip_files.add(parts, reached, "zwei ü.txt", b"two", moment)
    assert list(zip_files.names_in(parts)) == ["one.txt", "zwei ü.txt"]
    assert zip_files.finish(parts, reached) == parts.entries.stat().st_size
    with zipfile.ZipFile(parts.entries) as whole:
        assert {name: whole.read(name) for name in whole.namelist()} == {
            "one.txt": b"one",
            "zwei ü.txt": b"two",
        }
