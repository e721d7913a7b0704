"""Machines that share a database share models.toml, whoever changes it, and however."""

from pathlib import Path
from typing import Any

import pytest

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import ModelsFile
from omixa_studio.services import deciding, models_file, offers
from omixa_studio.services.audit import STUDIO

pytestmark = pytest.mark.django_db
SLUG = "imagen-4.0-generate-001"
OFF = f'[models."{SLUG}"]\nenabled = false # too dear\n'


@pytest.fixture(autouse=True)
def _several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models_file, "is_shared", lambda: True)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return machine(tmp_path, "here")


@pytest.fixture
def there(tmp_path: Path) -> Path:
    return machine(tmp_path, "there")


def machine(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name / "models.toml"


def is_on(path: Path) -> bool:
    model = load_catalogue(path).find(SLUG)
    assert model is not None
    return model.enabled


def test_what_an_admin_changes_at_one_machine_the_others_know(here: Path, there: Path) -> None:
    models_file.catch_up(there)
    assert not there.exists()
    deciding.change_model(here, SLUG, {"enabled": False}, by=STUDIO)
    models_file.catch_up(there)
    assert not is_on(there)
    assert there.read_text() == here.read_text() == ModelsFile.objects.get().text


def test_changes_at_two_machines_are_both_kept(here: Path, there: Path) -> None:
    deciding.change_model(here, SLUG, {"enabled": False}, by=STUDIO)
    deciding.set_default_model(there, "gpt-image-1.5", by=STUDIO)
    models_file.catch_up(here)
    assert not is_on(here)
    assert load_catalogue(here).default_model == "gpt-image-1.5"


def test_an_edit_by_hand_is_shared_with_its_comments(here: Path, there: Path) -> None:
    here.write_text(OFF)
    models_file.catch_up(here)
    models_file.catch_up(there)
    assert there.read_text() == OFF
    there.write_text(OFF.replace("false", "true"))
    models_file.catch_up(there)
    models_file.catch_up(here)
    assert is_on(here)


def test_a_mistake_stays_where_it_was_made(here: Path, there: Path) -> None:
    here.write_text(OFF)
    models_file.catch_up(here)
    models_file.catch_up(there)
    here.write_text("[models")
    models_file.catch_up(here)
    models_file.catch_up(there)
    assert (there.read_text(), here.read_text()) == (OFF, "[models")


def test_of_two_edits_the_first_holds_and_the_second_is_kept_aside(
    here: Path, there: Path, caplog: Any
) -> None:
    here.write_text(OFF)
    there.write_text("# mine\n")
    models_file.catch_up(here)
    models_file.catch_up(there)
    assert there.read_text() == OFF
    assert there.with_name("models.toml.mine").read_text() == "# mine\n"
    assert "was changed here and elsewhere" in caplog.text


def test_a_refused_change_shares_nothing(here: Path, there: Path) -> None:
    with pytest.raises(offers.NotChanged):
        deciding.change_model(here, SLUG, {"enabled": "perhaps"}, by=STUDIO)
    models_file.catch_up(there)
    assert is_on(there)


def test_nothing_is_shared_where_there_is_one_folder(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models_file, "is_shared", lambda: False)
    deciding.change_model(here, SLUG, {"enabled": False}, by=STUDIO)
    models_file.catch_up(here)
    assert not ModelsFile.objects.exists()
    assert [path.name for path in here.parent.glob("*shared*")] == []
