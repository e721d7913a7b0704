"""Another time and another name service for the processes of one studio."""

import shutil
import struct
import subprocess
from pathlib import Path

import pytest


class Shim:
    """What the processes that were started with `told` believe, changed while they run."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc") or shutil.which("gcc")
        if not compiler:
            pytest.skip("Another clock needs a C compiler.")
        library, self._file = folder / "shim.so", folder / "shim"
        source = Path(__file__).with_name("shim.c")
        subprocess.run(
            [compiler, "-shared", "-fPIC", "-O", "-o", library, source, "-ldl"], check=True
        )
        self._file.write_bytes(bytes(16))
        self.told = {"LD_PRELOAD": str(library), "DRILL_SHIM": str(self._file)}

    def set(self, *, seconds_ahead: int = 0, names_fail: bool = False) -> None:
        """Set the clock, and whether the name `localhost` is known."""
        with self._file.open("r+b") as file:
            file.write(struct.pack("qq", seconds_ahead, names_fail))
