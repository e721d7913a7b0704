"""Build the catalogue: the files beside this one, changed by a models.toml."""

import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path

from .merge import CatalogueDraft, finish, lay_document
from .records import N_, Catalogue, Mistaken, Problem, Sentence

BUILT_IN = Path(__file__).parent / "built_in"
FAMILIES = ("google.toml", "openai.toml", "stability.toml", "aliases.toml")
LARGEST_FILE = 2**20

# A file changed more recently than this may change again within the same clock tick.
SETTLED_SECONDS = 2.0


class CatalogueError(ValueError):
    """A built-in catalogue file is wrong; the message names file, model and field."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    stamp: tuple[int, int, int]
    catalogue: Catalogue


_loaded: dict[Path, _Loaded] = {}


def load_catalogue(models_toml: Path | None) -> Catalogue:
    """Return the built-in image models with the changes of `models_toml`, if that file exists.

    Cheap enough for every request: the file is read again only when it has changed. Its errors
    become `problems`, and the built-in models keep working. Raises CatalogueError for an error in
    the built-in files.
    """
    if models_toml is None:
        return built_in_catalogue()
    try:
        status = models_toml.stat()
    except FileNotFoundError:
        return built_in_catalogue()
    except OSError as wrong:
        return _with_problem(models_toml, _unreadable(wrong))
    stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
    known = _loaded.get(models_toml)
    if known and known.stamp == stamp:
        return known.catalogue
    catalogue = _read(models_toml)
    if abs(time.time() - status.st_mtime) > SETTLED_SECONDS:
        _loaded[models_toml] = _Loaded(stamp, catalogue)
    return catalogue


@cache
def built_in_catalogue() -> Catalogue:
    """Return the documented models only. Raises CatalogueError when a built-in file is wrong."""
    return read_built_in(BUILT_IN)


def read_built_in(folder: Path) -> Catalogue:
    """Read the family files of a folder. Raises CatalogueError with file, model and field."""
    draft = CatalogueDraft()
    for name in FAMILIES:
        try:
            document = parse_toml((folder / name).read_bytes())
        except Mistaken as wrong:
            raise CatalogueError(f"{name}: {wrong}") from None
        lay_document(draft, document, name, built_in=True)
    if draft.problems:
        raise CatalogueError("; ".join(problem.line for problem in draft.problems))
    return finish(draft)


def parse_toml(content: bytes) -> Mapping[str, object]:
    """Parse TOML with exact numbers. Raises Mistaken with a sentence that says where it fails."""
    try:
        return tomllib.loads(content.decode("utf-8-sig"), parse_float=_exact)
    except UnicodeDecodeError:
        raise Mistaken(N_("This file is not UTF-8 text.")) from None
    except RecursionError:
        raise Mistaken(N_("This file nests its values too deeply.")) from None
    except ValueError as wrong:
        raise Mistaken(N_("This file is not valid TOML: %(why)s."), why=str(wrong)) from None


def _read(path: Path) -> Catalogue:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            return _with_problem(path, Sentence(N_("This file is larger than a megabyte.")))
        document = parse_toml(content)
    except OSError as wrong:
        return _with_problem(path, _unreadable(wrong))
    except Mistaken as wrong:
        return _with_problem(path, wrong.said)
    known = built_in_catalogue()
    draft = CatalogueDraft(models=dict(known.models), aliases=dict(known.aliases))
    lay_document(draft, document, path.name, built_in=False)
    return finish(draft)


def _unreadable(wrong: OSError) -> Sentence:
    return Sentence(N_("This file cannot be read: %(why)s."), {"why": wrong.strerror})


def _with_problem(path: Path, said: Sentence) -> Catalogue:
    problem = Problem(path.name, "", "", said)
    return replace(built_in_catalogue(), problems=(problem,))


def _exact(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("NaN")
