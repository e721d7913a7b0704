"""A mistake in a built-in file stops the studio and says where it is."""

import shutil
from pathlib import Path

import pytest

from omixa_studio.catalogue import CatalogueError, built_in_catalogue
from omixa_studio.catalogue.load import BUILT_IN, read_built_in


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(BUILT_IN, tmp_path / "built_in")


def test_it_reads_the_files_as_they_are(folder: Path) -> None:
    assert read_built_in(folder) == built_in_catalogue()


@pytest.mark.parametrize(
    ("file", "right", "wrong", "place"),
    [
        ("google.toml", '"0.040000"', "0.04", "imagen-4.0-generate-001, image_price"),
        ("google.toml", "minimum = 1\n", "minimum = 11\n", "imagen-4.0-fast-generate-001, n"),
        ("openai.toml", 'source = "inferred"', 'source = "guessed"', "MAI-Image-2.5, input_fid"),
        ("openai.toml", 'type = "image"', 'type = "picture"', "gpt-image-1.5, mask"),
        ("stability.toml", 'default = "0.35"', 'default = "0.6"', "conservative, creativity"),
        ("stability.toml", 'family = "stability"', 'kind = "stability"', "background, kind"),
        ("stability.toml", "[models", "[[models", "not valid TOML"),
    ],
)
def test_it_refuses_to_start_and_names_model_and_field(
    folder: Path, file: str, right: str, wrong: str, place: str
) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert right in text
    (folder / file).write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(CatalogueError) as raised:
        read_built_in(folder)
    assert place in str(raised.value)
    assert file in str(raised.value)
