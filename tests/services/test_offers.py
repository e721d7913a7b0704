"""Changes to models.toml, and which model is nearest to another."""

import threading
from pathlib import Path

import pytest

from omixa_studio.catalogue import load_catalogue
from omixa_studio.services.offers import NotChanged, change_model, nearest, set_default_model

IMAGEN, FAST = "imagen-4.0-generate-001", "imagen-4.0-fast-generate-001"
GEMINI, MAI = "gemini-2.0-flash-preview-image-generation", "MAI-Image-2.5"


def near(slug: str, *avoid: str) -> str | None:
    catalogue = load_catalogue(None)
    found = nearest(catalogue, catalogue.models[slug], avoid=avoid)
    return found.slug if found else None


@pytest.mark.parametrize(
    ("slug", "avoid", "found"),
    [
        (IMAGEN, (), GEMINI),
        (GEMINI, (MAI,), "gpt-image-1.5"),
        ("stability-upscale-creative", (), "stability-upscale-conservative"),
        ("stability-remove-background", (), None),
        (IMAGEN, (GEMINI, MAI, "gpt-image-1.5"), FAST),
    ],
)
def test_it_finds_the_nearest_model(slug: str, avoid: tuple[str, ...], found: str | None) -> None:
    assert near(slug, *avoid) == found


def test_it_keeps_comments_and_other_lines(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text(
        f'# ours\nunknown_price_hold = "0.20"\n[models."{FAST}"]\nenabled = false # no\n'
    )
    change_model(path, IMAGEN, {"image_price": "0.05"})
    set_default_model(path, IMAGEN)
    text = path.read_text()
    assert "# ours" in text
    assert "enabled = false # no" in text
    catalogue = load_catalogue(path)
    assert (catalogue.default_model, str(catalogue.models[IMAGEN].image_price)) == (IMAGEN, "0.05")
    assert not catalogue.problems


def test_it_leaves_the_file_as_it_was_after_a_refusal(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    change_model(path, IMAGEN, {"enabled": False})
    before = path.read_bytes()
    with pytest.raises(NotChanged):
        change_model(path, IMAGEN, {"image_price": "cheap"})
    with pytest.raises(NotChanged):
        set_default_model(path, IMAGEN)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", ["models = 3\n", f'[models]\n"{IMAGEN}" = 3\n'])
def test_it_says_that_a_table_is_something_else(tmp_path: Path, content: str) -> None:
    path = tmp_path / "models.toml"
    path.write_text(content)
    with pytest.raises(NotChanged, match="must be a table"):
        change_model(path, IMAGEN, {"enabled": False})
    assert path.read_text() == content


def test_it_loses_no_change_of_two_admins(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    slugs = list(load_catalogue(None).models)
    together = threading.Barrier(len(slugs))

    def switch_off(slug: str) -> None:
        together.wait()
        change_model(path, slug, {"enabled": False})

    threads = [threading.Thread(target=switch_off, args=(slug,)) for slug in slugs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    catalogue = load_catalogue(path)
    assert [model.slug for model in catalogue.models.values() if model.enabled] == []
    assert not catalogue.problems
