"""What is called durable survives a power cut: synced bytes under synced names, in that order."""

import io
import os
from pathlib import Path
from uuid import uuid4

import pytest
from pytest_django import Settings

from omixa_studio import env, storage
from omixa_studio.models import Picture
from omixa_studio.services import inputs, offers, running
from omixa_studio.services.tools import Tools
from omixa_studio.spool import Label, Spool
from tests.factories import claimed_generation, draw_png, make_person
from tests.power import Disk


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


@pytest.fixture
def media(tmp_path: Path, settings: Settings) -> Path:
    """A new media folder, which the studio still has to make."""
    settings.MEDIA_ROOT = tmp_path / "data" / "media"
    return Path(settings.MEDIA_ROOT)


@pytest.mark.parametrize("aside", [None, "parts"])
def test_a_file_survives_in_a_new_folder_of_a_new_folder(
    tmp_path: Path, disk: Disk, aside: str | None
) -> None:
    path = tmp_path / "a" / "b" / "file"
    storage.write_durably(path, b"paid", aside=tmp_path / aside if aside else None)
    assert disk.survives(path, tmp_path)


def test_a_file_survives_under_a_name_that_was_taken(tmp_path: Path, disk: Disk) -> None:
    path = tmp_path / "file"
    for content in (b"first", b"again"):
        storage.write_durably(path, content)
        assert disk.survives(path, tmp_path)


def test_what_is_put_into_the_media_folder_survives(
    tmp_path: Path, media: Path, disk: Disk
) -> None:
    name = storage.new_name("pictures", ".png")
    storage.put(name, b"paid")
    assert disk.survives(media / name, tmp_path)


def test_an_answer_survives_as_soon_as_it_is_complete(tmp_path: Path, disk: Disk) -> None:
    incoming = Spool(tmp_path / "data" / "spool").reserve(Label(7, str(uuid4())), 2**20)
    incoming.head(200, {})
    incoming.write(b'{"data": []}')
    assert disk.survives(incoming.complete(), tmp_path)


def test_a_list_of_models_survives(tmp_path: Path, disk: Disk) -> None:
    path = tmp_path / "models.toml"
    offers.set_default_model(path, "imagen-4.0-generate-001")
    assert disk.survives(path, tmp_path)


def test_a_secret_is_never_an_empty_file(tmp_path: Path, disk: Disk) -> None:
    env.secret_key(tmp_path)
    assert not disk.was_hasty(tmp_path / "secret")


@pytest.mark.django_db
def test_an_input_survives(tmp_path: Path, media: Path, disk: Disk) -> None:
    kept = inputs.keep_upload(make_person(), io.BytesIO(draw_png((64, 64))))
    assert disk.survives(media / kept.name, tmp_path)


@pytest.mark.django_db
def test_an_answer_goes_only_after_its_pictures_survive(
    tools: Tools, tmp_path: Path, media: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, unlink = [], os.unlink

    def watched(path: Path, **options: int | None) -> None:
        if Path(path).suffix == ".answer":
            (picture,) = Picture.objects.all()
            names = (picture.name, picture.thumb)
            lost.append([name for name in names if not disk.survives(media / name, tmp_path)])
        unlink(path, **options)

    monkeypatch.setattr(os, "unlink", watched)
    running.run(claimed_generation(), tools)
    assert lost == [[]]
