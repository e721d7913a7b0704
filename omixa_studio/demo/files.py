"""Files of the demonstration: the same bytes under many names, each of which can be deleted."""

import os
from collections.abc import Mapping
from pathlib import Path

from omixa_studio import storage

from .drawing import Original


class Files:
    """Stores repeated bytes, in a folder only once on disk, by hard links.

    Deleting or replacing one name leaves the others intact.
    """

    def __init__(self) -> None:
        self._backend = storage.backend()
        self._latest: dict[bytes, str] = {}
        self._folders: set[str] = set()

    def put_picture(self, names: Mapping[str, str], original: Original) -> None:
        """Store original, thumbnail and preview under the names of a row."""
        rendered = original.rendered
        self.put(names["name"], original.data)
        self.put(names["thumb"], rendered.thumb.data)
        if rendered.preview:
            self.put(names["preview"], rendered.preview.data)

    def put(self, name: str, data: bytes) -> None:
        """Store bytes under a name."""
        if isinstance(self._backend, storage.FolderStorage):
            self._link(f"{self._backend.location}/{name}", data)
        else:
            storage.put(name, data)

    def _link(self, path: str, data: bytes) -> None:
        folder = path.rpartition("/")[0]
        if folder not in self._folders:
            os.makedirs(folder, exist_ok=True)
            self._folders.add(folder)
        try:
            os.link(self._latest[data], path)
        except (KeyError, OSError):
            # The first file with these bytes, one link too many, or a file system without links.
            storage.write_durably(Path(path), data)
            self._latest[data] = path
