"""Check style, types, security, migrations, deployment settings and locks; say all at once."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-test.lock", "requirements-litellm.lock")
NODE_LOCK = Path("tests/node/package-lock.json")
COMMANDS = (
    ("-m", "ruff", "check", "."),
    ("-m", "ruff", "format", "--check", "."),
    ("-m", "mypy"),
    ("-m", "bandit", "-q", "-c", "pyproject.toml", "-r", "omixa_studio", "scripts"),
    ("manage.py", "makemigrations", "--check", "--dry-run"),
    ("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
)
# Programs that stand beside Python in its environment.
PROGRAMS = (("oxlint", "--deny-warnings", "static/js", "tests/browser", "tests/node"),)
# What a studio on the open net is told; `check --deploy` judges the settings made of it.
PRODUCTION = {"STUDIO_URL": "https://studio.example.org", "STUDIO_PROXIES": "1"}


def main() -> int:
    """Return how many checks failed."""
    with tempfile.TemporaryDirectory() as folder:
        told = {**os.environ, **PRODUCTION, "STUDIO_DATA_DIR": folder}
        failed = [command for command in _commands() if not _passes(command, told)]
    faults = [fault for name in LOCKS for fault in _faults_of_lock(PROJECT / name)]
    faults += _known_weaknesses(LOCKS[0])
    if '"resolved"' in (PROJECT / NODE_LOCK).read_text(encoding="utf-8"):
        faults.append(f"{NODE_LOCK.name} names an address: .npmrc beside it keeps them out.")
    for sentence in [f"Failed: {_said(command)}" for command in failed] + faults:
        print(sentence)
    if not failed + faults:
        print("Nothing to complain about.")
    return len(failed) + len(faults)


def _commands() -> list[tuple[str, ...]]:
    beside = Path(sys.executable).parent
    programs = [(str(beside / name), *arguments) for name, *arguments in PROGRAMS]
    return [(sys.executable, *command) for command in COMMANDS] + programs


def _said(command: tuple[str, ...]) -> str:
    return " ".join((Path(command[0]).name, *command[1:]))


def _passes(command: tuple[str, ...], told: dict[str, str]) -> bool:
    print(f"> {_said(command)}", flush=True)
    done = subprocess.run(command, cwd=PROJECT, env=told)  # noqa: S603 (ours)
    return done.returncode == 0


def _faults_of_lock(lock: Path) -> list[str]:
    """A lock names no address of an index, and every package in it has a hash."""
    packages = lock.read_text(encoding="utf-8").replace("\\\n", "").splitlines()
    faults = [f"{lock.name} names an address: {line}" for line in packages if "://" in line]
    pinned = [line for line in packages if "==" in line and not line.lstrip().startswith("#")]
    return faults + [f"{lock.name} has no hash: {line}" for line in pinned if "--hash" not in line]


def _known_weaknesses(lock: str) -> list[str]:
    """What is known against the packages that a studio runs on, where that can be asked."""
    command = (sys.executable, "-m", "pip_audit", "-r", lock, "--disable-pip", "--no-deps")
    quiet = ("--format", "json", "--progress-spinner", "off", "--timeout", "5")
    done = subprocess.run((*command, *quiet), cwd=PROJECT, capture_output=True, text=True)  # noqa: S603
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except ValueError:
        packages = []
    asked = [one for one in packages if "vulns" in one]
    print(f"> pip-audit: {len(asked)} of {len(packages)} packages of {lock} could be asked about.")
    return [
        f"{one['name']} {one['version']}: {weakness['id']}, mended in {weakness['fix_versions']}."
        for one in asked
        for weakness in one["vulns"]
    ]


if __name__ == "__main__":
    sys.exit(main())
