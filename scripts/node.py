"""Programs of tests/node, with the packages that its lock names."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "node"
LOCK = "package-lock.json"


def run_node(program: str, told: object) -> Iterator[dict[str, Any]]:
    """Run a program, which reads `told` as JSON; give each line of JSON that it writes."""
    install()
    node = shutil.which("node") or sys.exit("Node is missing: on Debian, apt install nodejs npm.")
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603 (ours)
        [node, program], cwd=FOLDER, stdin=pipe, stdout=pipe, text=True
    ) as running:
        if running.stdin and running.stdout:
            json.dump(told, running.stdin)
            running.stdin.close()
            yield from map(json.loads, running.stdout)
    if running.returncode:
        sys.exit(f"{program} ended with {running.returncode}.")


def install() -> None:
    """Install what the lock names, unless it is there; no script of a package is run."""
    # The copy of the lock beside them says which packages are there.
    installed = FOLDER / "node_modules" / LOCK
    wanted = (FOLDER / LOCK).read_bytes()
    if installed.exists() and installed.read_bytes() == wanted:
        return
    if not (npm := shutil.which("npm")):
        sys.exit("npm is missing: on Debian and Ubuntu, apt install nodejs npm.")
    command = [npm, "ci", "--ignore-scripts"]
    subprocess.run(command, cwd=FOLDER, stdout=sys.stderr, check=True)  # noqa: S603 (ours)
    installed.write_bytes(wanted)
