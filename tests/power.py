"""What a power cut would leave: which bytes and names have been synced, and in which order."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest


class Disk:
    """Watches the file calls of this process and knows what lies on the disk for certain.

    The bytes of a file lie there from its fsync on, the names in a folder from the folder's.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._bytes: dict[int, tuple[int, int]] = {}
        self._names: dict[int, dict[str, int]] = {}
        self._hasty: set[Path] = set()
        self._sync = os.fsync
        patch.setattr(os, "fsync", self._on_fsync)
        for name in ("rename", "replace", "link"):
            patch.setattr(os, name, self._naming(getattr(os, name)))

    def survives(self, path: Path, root: Path) -> bool:
        """Whether a power cut now would leave the file, found by its names from `root` on."""
        names = [one for one in (path, *path.parents) if root in one.parents]
        whole = self._has_bytes(path) and path not in self._hasty
        return whole and all(self._has_name(one) for one in names)

    def was_hasty(self, path: Path) -> bool:
        """Whether the name was given to bytes that a power cut could still have taken."""
        return path in self._hasty

    def _has_bytes(self, path: Path) -> bool:
        found = path.stat()
        return self._bytes.get(found.st_ino) == _content(found)

    def _has_name(self, path: Path) -> bool:
        folder = self._names.get(path.parent.stat().st_ino, {})
        return folder.get(path.name) == path.stat().st_ino

    def _on_fsync(self, handle: int) -> None:
        self._sync(handle)
        found = os.fstat(handle)
        if stat.S_ISDIR(found.st_mode):
            self._names[found.st_ino] = {
                name: os.stat(name, dir_fd=handle).st_ino for name in os.listdir(handle)
            }
        else:
            self._bytes[found.st_ino] = _content(found)

    def _naming(self, call: Callable[..., None]) -> Callable[..., None]:
        def watched(source: Path | str, target: Path | str, **options: int | None) -> None:
            if not self._has_bytes(Path(source)):
                self._hasty.add(Path(target))
            call(source, target, **options)

        return watched


def _content(found: os.stat_result) -> tuple[int, int]:
    return found.st_size, found.st_mtime_ns
