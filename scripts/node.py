"""Programs of tests/node, with the packages that its lock names."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "node"
LOCK = "package-lock.json"


def run_node(program: str, told: object, *, all_packages: bool) -> Iterator[dict[str, Any]]:
    """Run a program, which reads `told` as JSON; give each line of JSON that it writes."""
    install(all_packages=all_packages)
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


def install(*, all_packages: bool) -> None:
    """Install what the lock names, unless it is there; no script of a package is run.

    Lighthouse, by far the most of it, comes with `all_packages` alone.
    """
    lock = hashlib.sha256((FOLDER / LOCK).read_bytes()).hexdigest()
    # What stands beside the packages says which they are.
    note = FOLDER / "node_modules" / "installed"
    there = note.read_text().split() if note.exists() else []
    if lock in there and ("all" in there or not all_packages):
        return
    npm = shutil.which("npm") or sys.exit("npm is missing: on Debian, apt install nodejs npm.")
    command = [npm, "ci", "--ignore-scripts", *([] if all_packages else ["--omit=dev"])]
    subprocess.run(command, cwd=FOLDER, stdout=sys.stderr, check=True)  # noqa: S603 (ours)
    note.write_text(f"{lock} {'all' if all_packages else 'few'}\n")
