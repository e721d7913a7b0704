"""A backup is of one moment, holds all that was paid for and no key, and comes back with proof."""

import gzip
import hashlib
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pyrage
import pytest
from django.conf import settings as studio
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from omixa_studio import storage
from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import (
    BackgroundJob,
    Charge,
    GatewaySecret,
    Generation,
    Notice,
    Person,
    Picture,
)
from omixa_studio.queries import backups
from omixa_studio.sent import Journal, Sent
from omixa_studio.services import background, backup_jobs, gateway_keys
from omixa_studio.services.audit import Actor
from omixa_studio.services.backup_folder import BackupError, BackupFolder
from omixa_studio.services.backup_taking import take
from omixa_studio.services.older_copies import made_at
from omixa_studio.services.submission import Choice, submit
from tests.factories import (
    draw_png,
    make_bill_file,
    make_export,
    make_gateway_key,
    make_person,
    make_project,
)
from tests.servers import PROJECT, wait_until
from tests.workers import buy

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PASSPHRASE = "correct horse battery staple"


@dataclass
class Home:
    """A studio with a data folder of its own, in which commands run as processes."""

    folder: Path
    surroundings: dict[str, str]

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=PROJECT,
            env={**os.environ, **self.surroundings, **more},
            capture_output=True,
            text=True,
        )

    def ask(self, question: str) -> Any:
        """The value of a Python expression in that studio."""
        program = f"import json; from omixa_studio.models import *; print(json.dumps({question}))"
        done = self.run("shell", "--no-imports", "-c", program)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def here(settings: Any, tmp_path: Path) -> Home:
    """The studio that is backed up: the database of the tests, and files of its own."""
    folder = tmp_path / "here"
    folder.mkdir()
    settings.MEDIA_ROOT = folder / "media"
    rows = os.environ.get("DATABASE_URL", "").rpartition("/")[0]
    name = connection.settings_dict["NAME"]
    address = f"{rows}/{name}" if connection.vendor == "postgresql" else f"sqlite:///{name}"
    surroundings = {"STUDIO_DATA_DIR": str(folder), "DATABASE_URL": address}
    return Home(folder, {**surroundings, "STUDIO_SECRET_KEY": studio.SECRET_KEY})


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Home]:
    """An empty studio on the same kind of database."""
    folder = tmp_path / "there"
    surroundings = {"STUDIO_DATA_DIR": str(folder)}
    if connection.vendor != "postgresql":
        yield Home(folder, surroundings)
        return
    name = f"restored_{uuid4().hex}"
    address = os.environ["DATABASE_URL"].rpartition("/")[0]
    with closing(psycopg.connect(f"{address}/postgres", autocommit=True)) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        yield Home(folder, {**surroundings, "DATABASE_URL": f"{address}/{name}"})
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def studio_with_pictures(here: Home) -> Person:
    """A studio in which two pictures were bought, and one request waits."""
    person = make_person("ada", role="admin")
    buy(person, [draw_png(), draw_png()], here.folder)
    make_bill_file()
    make_export(person)
    catalogue = load_catalogue(None)
    model = catalogue.find("imagen-4.0-generate-001")
    assert model is not None
    choice = Choice(model=model, values={"prompt": "One more"})
    submit(person, choice, catalogue=catalogue, wake=lambda: None)
    return person


@pytest.fixture
def kept(studio_with_pictures: Person, here: Home, tmp_path: Path) -> Path:
    """A folder with a backup."""
    back_up(here, tmp_path / "kept")
    return tmp_path / "kept"


def back_up(home: Home, path: Path, **more: str) -> None:
    done = home.run("backup", str(path), **more)
    assert done.returncode == 0, done.stderr


def test_it_comes_back_whole_and_paused(
    studio_with_pictures: Person, here: Home, there: Home, tmp_path: Path
) -> None:
    Client().force_login(studio_with_pictures)
    (here.folder / "models.toml").write_text('ask_above = "2.00"\n')
    back_up(here, tmp_path / "kept")
    done = there.run("restore", str(tmp_path / "kept"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "STUDIO_SECRET_KEY is another one" in done.stdout
    said = there.ask(
        "[list(Picture.objects.order_by('pk').values_list('sha256', flat=True)),"
        " sum(Charge.objects.values_list('amount_micros', flat=True)),"
        " sorted(Generation.objects.values_list('state', flat=True)),"
        " list(Pause.objects.values_list('reason', flat=True)), Person.objects.count()]"
    )
    pictures = Picture.objects.order_by("pk")
    money = sum(Charge.objects.values_list("amount_micros", flat=True))
    hashes = list(pictures.values_list("sha256", flat=True))
    assert said == [hashes, money, ["done", "unknown"], ["older"], 1]
    for picture in pictures:
        for name in (picture.name, picture.thumb):
            assert (there.folder / "media" / name).read_bytes() == storage.get(name)
    assert (there.folder / "models.toml").exists()
    assert there.run("verify").returncode == 0
    again = there.run("restore", str(tmp_path / "kept"))
    assert again.returncode == 1
    assert "overwrites nothing" in again.stderr


def test_the_second_one_copies_what_is_new(kept: Path, here: Home, tmp_path: Path) -> None:
    files = {path.name for path in (kept / "files").rglob("*") if path.is_file()}
    Picture.objects.first().delete()  # type: ignore[union-attr]
    buy(make_person(), [draw_png()], here.folder)
    done = here.run("backup", str(kept), "--keep", "1")
    assert done.returncode == 0, done.stderr
    assert " 5 files, 2 of them new " in done.stdout
    folder = BackupFolder.open(kept, "")
    (snapshot,) = folder.snapshots()
    listed = list(folder.listed(snapshot))
    left = {path.name for path in (kept / "files").rglob("*") if path.is_file()}
    assert {one.sha256 for one in listed} == left
    assert len(files - left) == 2  # of the picture that is gone
    assert folder.manifest(snapshot)["files"]["count"] == len(listed)


def test_nothing_in_it_opens_the_studio(
    studio_with_pictures: Person, here: Home, tmp_path: Path
) -> None:
    browser, key = Client(), "omx_live_never_in_a_backup"
    sealed = "odd/key-of-a-project/never-in-a-backup"
    project = make_project()
    gateway_keys.give(project, make_gateway_key("Acme", sealed), by=Actor())
    row = GatewaySecret.objects.get()
    browser.force_login(studio_with_pictures)
    session = browser.cookies[studio.SESSION_COOKIE_NAME].value
    echoed = b"\0" * 20000 + key.encode() * 2 + sealed.encode()
    (here.folder / "spool" / "7-x.unusable").write_bytes(echoed)
    back_up(here, tmp_path / "kept", OMIXA_API_KEY=key)
    folder = BackupFolder.open(tmp_path / "kept", "")
    held = b"".join(
        _opened(folder, part) for part in (tmp_path / "kept" / "snapshots").rglob("*.*")
    )
    assert b"One more" in held or connection.vendor == "postgresql"
    assert b"7-x.unusable" in held
    for secret in (session, key, studio.SECRET_KEY, sealed, row.sealed):
        assert secret.encode() not in held


def _opened(folder: BackupFolder, part: Path) -> bytes:
    return gzip.decompress(part.read_bytes()) if part.suffix == ".gz" else part.read_bytes()


def test_with_a_passphrase_all_of_it_is_closed(
    studio_with_pictures: Person, here: Home, there: Home, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    back_up(here, kept, STUDIO_BACKUP_PASSPHRASE=PASSPHRASE)
    original = Picture.objects.first()
    assert original is not None
    for path in kept.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert b"\x89PNG" not in data
            assert original.sha256 not in path.name
            assert original.name.encode() not in data
    wrong = there.run("restore", str(kept), STUDIO_BACKUP_PASSPHRASE="wrong")
    assert wrong.stderr.strip().endswith(f"STUDIO_BACKUP_PASSPHRASE does not open {kept}.")
    done = there.run("restore", str(kept), STUDIO_BACKUP_PASSPHRASE=PASSPHRASE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (there.folder / "media" / original.name).read_bytes() == storage.get(original.name)
    # The programs of `age` open it as well: the passphrase gives the key of everything else.
    identity = pyrage.passphrase.decrypt((kept / "identity.age").read_bytes(), PASSPHRASE)
    (manifest,) = kept.glob("snapshots/*/manifest.json.age")
    opened = pyrage.decrypt(
        manifest.read_bytes(), [pyrage.x25519.Identity.from_str(identity.decode())]
    )
    assert json.loads(opened)["format"] == 1


def test_a_damaged_one_is_not_taken_for_whole(kept: Path, there: Home) -> None:
    picture = Picture.objects.first()
    assert picture is not None
    place = kept / "files" / picture.sha256[:2] / picture.sha256
    whole = place.read_bytes()
    place.write_bytes(whole[:-1] + b"?")
    done = there.run("restore", str(kept))
    assert done.returncode == 1
    assert f"{picture.name} cannot be restored: its content is not what it was" in done.stderr
    place.write_bytes(whole)
    # The rest is refused before anything is written.
    (manifest,) = kept.glob("snapshots/*/manifest.json")
    said = json.loads(manifest.read_bytes())
    for changed, sentence in (
        ({"migrations": [*said["migrations"], "9999_later"]}, "made by a newer studio"),
        ({"parts": {}}, "names too few parts"),
        ({"database": "oracle"}, "The backup is of oracle"),
        ({}, "overwrites nothing"),
    ):
        manifest.write_text(json.dumps({**said, **changed}))
        with pytest.raises(CommandError, match=sentence):
            call_command("restore", str(kept))
    manifest.write_text(json.dumps({**said, "ledger": {}}))
    done = there.run("restore", str(kept))
    assert "sums of the ledger are not those that were backed up" in done.stderr


def test_a_forged_one_puts_nothing_but_its_own_files(kept: Path, there: Home) -> None:
    (packed,) = kept.glob("snapshots/*/own.tar")
    with tarfile.open(packed, "a") as tar:
        for name in ("spool/a.answer", "sent/link", "models.toml", "spool/../over", "../over"):
            link = tarfile.TarInfo(f"./{name}")
            link.type, link.linkname = tarfile.SYMTYPE, "../secret"
            tar.addfile(link)
        tar.addfile(tarfile.TarInfo("../over"))
    manifest = packed.with_name("manifest.json")
    said = json.loads(manifest.read_bytes())
    said["parts"]["own.tar"]["sha256"] = hashlib.sha256(packed.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(said))
    done = there.run("restore", str(kept))
    assert done.returncode == 0, done.stderr
    assert [path for path in there.folder.parent.rglob("*") if path.is_symlink()] == []
    assert not list(there.folder.parent.rglob("over"))


def test_what_was_sent_after_the_copy_is_not_sent_again(
    studio_with_pictures: Person, here: Home, there: Home, tmp_path: Path
) -> None:
    """The journal is copied after the database: here it knows more already."""
    row = Generation.objects.get(state="queued")
    attempt = str(uuid4())
    Journal(here.folder / "sent").write(
        Sent(
            database=made_at(),
            target=row.target,
            generation=row.pk,
            created=row.created_at.isoformat(),
            nth=1,
            attempt=attempt,
            files=row.file_token,
            body=row.body_sha256,
            worker="here:7",
        )
    )
    back_up(here, tmp_path / "kept")
    done = there.run("restore", str(tmp_path / "kept"))
    assert done.returncode == 0, done.stdout + done.stderr
    said = "[str(Generation.objects.get(state='unknown').attempt), LostCall.objects.count()]"
    assert there.ask(said) == [attempt, 0]


def test_a_folder_that_is_something_else_is_left_alone(here: Home, tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("Dear Ada")
    with pytest.raises(CommandError, match="is not empty and holds no backups"):
        call_command("backup", str(tmp_path))
    with pytest.raises(CommandError, match="must not lie in the data folder"):
        call_command("backup", str(studio.DATA_DIR / "kept"))
    with pytest.raises(CommandError, match="holds no backups of a studio"):
        call_command("restore", str(tmp_path))


def test_a_missing_file_is_said_and_the_rest_is_kept(
    studio_with_pictures: Person, here: Home, tmp_path: Path
) -> None:
    gone, changed = Picture.objects.order_by("pk")
    storage.remove(gone.name)
    (here.folder / "media" / changed.name).write_bytes(b"rotten")
    done = here.run("backup", str(tmp_path / "kept"))
    assert done.returncode == 1
    assert f"{gone.name} is missing." in done.stderr
    assert f"{changed.name} is not what its row says" in done.stderr
    folder = BackupFolder.open(tmp_path / "kept", "")
    assert folder.manifest(folder.snapshots()[-1])["files"]["missing"] == 1


def test_two_at_once_wait_for_nobody(tmp_path: Path) -> None:
    folder = BackupFolder.create(tmp_path / "kept", "")
    with folder.locked(), pytest.raises(BackupError, match="being made at this moment"):
        next(take(folder, keep=1))


def test_a_worker_makes_one_each_night(
    studio_with_pictures: Person, here: Home, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "worker"],
        cwd=PROJECT,
        env={**os.environ, **here.surroundings, "STUDIO_BACKUP_DIR": str(kept)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: backups.last_backup() is not None, seconds=90)
    finally:
        worker.terminate()
        worker.wait()
    done = backups.last_backup()
    assert done is not None
    assert BackupFolder.open(kept, "").snapshots() == [done.result["snapshot"]]
    assert not backup_jobs.start_if_due()
    BackgroundJob.objects.update(created_at=timezone.now() - timedelta(days=2))
    BackgroundJob.objects.update(finished_at=timezone.now() - timedelta(days=2))
    backup_jobs.tell_if_missing()
    backup_jobs.tell_if_missing()
    assert list(Notice.objects.values_list("kind", flat=True)) == ["backup_missing"]
    assert backup_jobs.start_if_due()


def test_why_a_night_failed_is_told(settings: Any, here: Home, tmp_path: Path) -> None:
    make_person(role="admin")
    (tmp_path / "letter").write_text("Dear Ada")
    assert backup_jobs.start_if_due()
    kinds = {"backup": backup_jobs.make_job(tmp_path)}
    background.take_turn(kinds, "here:7", seconds=60)
    backup_jobs.tell_if_missing()
    notice = Notice.objects.get()
    assert notice.kind == "backup_failed"
    assert "is not empty" in notice.facts["why"]
