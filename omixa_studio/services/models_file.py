"""Share models.toml between machines: its text is a row, each machine's file a copy of it.

Without that a model that an admin adds at one web server would be unknown to the others, and to
the workers. SQLite has one data folder, and so one file.
"""

import hashlib
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import DatabaseError, connection, transaction

from omixa_studio import storage
from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import ModelsFile

log = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 2.0
# Names beside the file: the hash of what was shared last, and an edit that came second.
SHARED, ASIDE = ".shared", ".mine"


def is_shared() -> bool:
    """Return whether other machines may use this database."""
    return bool(connection.vendor != "sqlite")


def catch_up(path: Path) -> None:
    """Bring the file of this machine and the shared text together.

    What was shared since goes into the file; an edit of the file by hand is shared with the others
    unless it has a mistake. Where both were changed, the shared text holds and the edit is kept
    beside the file, with a line in the log. Raises OSError and database errors.
    """
    if not is_shared():
        return
    mine, known = _hash_of(_text_of(path)), _known(path)
    theirs = ModelsFile.objects.values_list("sha256", flat=True).first()
    if mine == theirs == known or (theirs is None and not path.exists()):
        return
    if theirs in (None, known) and mine != theirs:
        _share(path)
    elif mine != theirs:
        _take(path, is_edited=known != mine and path.exists())
    else:
        _note(path, mine)


def follow(path: Path, *, seconds: float = SECONDS_BETWEEN_LOOKS) -> None:
    """Catch up every few seconds for as long as the process lives, if the file is shared."""
    is_away = False
    while is_shared():
        try:
            catch_up(path)
            is_away = False
        except (OSError, DatabaseError) as error:
            if not is_away:
                log.warning("Whether %s was changed elsewhere cannot be seen: %s", path, error)
            is_away = True
            connection.close()
        time.sleep(seconds)


@contextmanager
def in_turn(path: Path) -> Iterator[None]:
    """Change the file in turn with the other machines, from what they last shared."""
    if not is_shared():
        yield
        return
    catch_up(path)
    with transaction.atomic():
        ModelsFile.objects.get_or_create(pk=1, defaults={"sha256": _hash_of("")})
        ModelsFile.objects.select_for_update().get(pk=1)
        catch_up(path)
        yield
        _write_row(_text_of(path))
    _note(path, _hash_of(_text_of(path)))


def _share(path: Path) -> None:
    """Share an edit, unless another machine was first."""
    if load_catalogue(path).problems:
        return  # it holds here alone, as a mistake that the page of models tells of
    text, known = _text_of(path), _known(path)
    with transaction.atomic():
        row, is_new = ModelsFile.objects.get_or_create(
            pk=1, defaults={"text": text, "sha256": _hash_of(text)}
        )
        if not is_new:
            row = ModelsFile.objects.select_for_update().get(pk=1)
            if row.sha256 != known:
                return  # the next look takes theirs
            _write_row(text)
    _note(path, _hash_of(text))


def _take(path: Path, *, is_edited: bool) -> None:
    row = ModelsFile.objects.get(pk=1)
    if is_edited:
        aside = path.with_name(path.name + ASIDE)
        log.warning("%s was changed here and elsewhere; what stood here is in %s.", path, aside)
        storage.write_durably(aside, _text_of(path).encode())
    storage.write_durably(path, row.text.encode())
    _note(path, row.sha256)


def _write_row(text: str) -> None:
    ModelsFile.objects.filter(pk=1).update(text=text, sha256=_hash_of(text))


def _text_of(path: Path) -> str:
    try:
        # Any bytes make a text, so that a mistake in the file is told as such.
        return path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""


def _known(path: Path) -> str:
    return _text_of(path.with_name(path.name + SHARED))


def _note(path: Path, sha256: str) -> None:
    storage.write_durably(path.with_name(path.name + SHARED), sha256.encode())


def _hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
