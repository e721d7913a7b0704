"""Make the ZIP file of an export as a worker does, and look into it."""

import io
import zipfile

from omixa_studio import storage
from omixa_studio.models import Export
from omixa_studio.services import background
from omixa_studio.services.background_kinds import KINDS


def make(export: Export, *, turns: int = 500) -> Export:
    """Work like the worker for so many batches, or to the end; return the export as it is then."""
    for _ in range(turns):
        if not background.take_turn(KINDS, "w1", seconds=0.0):
            break
    return Export.objects.get(pk=export.pk)


def unzipped(export: Export) -> dict[str, bytes]:
    """Return the files in an export by name, each of which is whole and there once."""
    with zipfile.ZipFile(io.BytesIO(storage.get(export.file))) as whole:
        assert whole.testzip() is None
        assert len(set(whole.namelist())) == len(whole.namelist())
        return {name: whole.read(name) for name in whole.namelist()}
