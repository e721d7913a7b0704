"""Files of the demonstration: the same bytes under many names, each of which can be deleted."""

import os
from pathlib import Path

from omixa_studio import storage
from omixa_studio.models import Picture

from .drawing import Original


class Files:
    """Stores repeated bytes, in a folder only once on disk, by hard links.

    Deleting or replacing one name leaves the others intact.
    """

    def __init__(self) -> None:
        self._backend = storage.backend()
        self._latest: dict[bytes, Path] = {}
        self._folders: set[Path] = set()

    def put_picture(self, picture: Picture, original: Original) -> None:
        """Store original, thumbnail and preview under the names of a row."""
        rendered = original.rendered
        self.put(picture.name, original.data)
        self.put(picture.thumb, rendered.thumb.data)
        if rendered.preview:
            self.put(picture.preview, rendered.preview.data)

    def put(self, name: str, data: bytes) -> None:
        """Store bytes under a name."""
        if isinstance(self._backend, storage.FolderStorage):
            self._link(Path(self._backend.path(name)), data)
        else:
            storage.put(name, data)

    def _link(self, path: Path, data: bytes) -> None:
        if path.parent not in self._folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(path.parent)
        try:
            os.link(self._latest[data], path)
        except (KeyError, OSError):
            # The first file with these bytes, one link too many, or a file system without links.
            storage.write_durably(path, data)
            self._latest[data] = path
