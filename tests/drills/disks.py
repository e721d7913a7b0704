"""Disks of the tests' own: one that can be made as full as wanted, and one that fails."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.servers import wait_until

MIB = 2**20
ROOMY = 4096 * MIB


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _mount_or_skip(*command: str) -> None:
    """Mount, which needs root and the right to; elsewhere the test is skipped."""
    try:
        _run("mount", *command)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("Disks of the test's own need the right to mount.")


class SmallDisk:
    """A disk in memory whose size is that of the moment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def leave(self, free_bytes: int) -> None:
        """Make the disk so small that only so much is left."""
        found = os.statvfs(self.folder)
        used = (found.f_blocks - found.f_bfree) * found.f_frsize
        _run("mount", "-o", f"remount,size={used + free_bytes}", str(self.folder))

    def make_room(self) -> None:
        _run("mount", "-o", f"remount,size={ROOMY}", str(self.folder))


@contextmanager
def small_disk(folder: Path) -> Iterator[SmallDisk]:
    """Put a disk at an empty folder."""
    folder.mkdir(parents=True)
    _mount_or_skip("-t", "tmpfs", "-o", f"size={ROOMY}", "tmpfs", str(folder))
    try:
        yield SmallDisk(folder)
    finally:
        _run("umount", "-l", str(folder))


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Make a folder of a running studio read-only, as a failing disk below it is."""
    folder.mkdir(parents=True, exist_ok=True)
    _mount_or_skip("--bind", str(folder), str(folder))
    try:
        _run("mount", "-o", "remount,bind,ro", str(folder))
        yield
    finally:
        _run("umount", "-l", str(folder))


class FailingDisk:
    """A disk of its own file system, in a file."""

    def __init__(self, image: Path, folder: Path) -> None:
        self.image, self.folder = image, folder

    def fail(self) -> None:
        """Let it go read-only at once, as Linux does after an error of the disk."""
        _run("mount", "-o", "remount,abort", str(self.folder))

    def mend(self) -> None:
        """Check and mount it anew, as soon as nobody uses it any more."""
        wait_until(self._is_taken_out)
        with suppress(subprocess.CalledProcessError):  # it ends with 1 after mending
            _run("fsck.ext4", "-fy", str(self.image))
        _run("mount", "-o", "loop", str(self.image), str(self.folder))

    def _is_taken_out(self) -> bool:
        with suppress(subprocess.CalledProcessError):  # it is busy
            _run("umount", str(self.folder))
            return True
        return False


@contextmanager
def failing_disk(image: Path, folder: Path, size: int = 1024 * MIB) -> Iterator[FailingDisk]:
    """Put a disk at an empty folder."""
    if not shutil.which("mkfs.ext4"):
        pytest.skip("A disk of the test's own needs mkfs.ext4.")
    folder.mkdir(parents=True)
    with image.open("wb") as file:
        file.truncate(size)
    _run("mkfs.ext4", "-q", str(image))
    _mount_or_skip("-o", "loop", str(image), str(folder))
    try:
        yield FailingDisk(image, folder)
    finally:
        _run("umount", "-l", str(folder))
