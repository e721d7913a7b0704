"""`scripts/python.sh` builds an environment from a lock, whole or not at all."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import PROJECT

TOOLS = ("sh", "dirname", "cmp", "cat", "rm", "mv", "cp", "printf", "mkdir", "grep")
TOO_OLD = "exit 1"
WITHOUT_VENV = 'case "$2" in *version_info*) exit 0;; *) exit 1;; esac'
# Quick, and enough for what the script decides; one test below takes the real thing.
STANDS_FOR_PYTHON = """
case "$*" in
    *version_info*|*ensurepip*) ;;
    *sys.executable*) echo "$0";;
    "-m venv"*)
        for folder in "$@"; do :; done
        mkdir -p "$folder/bin"
        cp "$0" "$folder/bin/python";;
    "-m pip"*)
        for lock in "$@"; do :; done
        ! grep -q unknown "$lock";;
    *) dirname "$(dirname "$0")";;
esac
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a folder with the installer and a lock that asks for nothing."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(PROJECT / "scripts" / "python.sh", tmp_path / "scripts")
    (tmp_path / "some.lock").write_text("# nothing\n")
    return tmp_path


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Give a PATH with the usual tools and what stands for Python, and no uv."""
    return programs(tmp_path / "bin", python=STANDS_FOR_PYTHON)


def test_it_says_that_python_is_missing(project: Path, tmp_path: Path) -> None:
    answer = install(project, programs(tmp_path / "bin", python=TOO_OLD))
    assert answer.returncode == 1
    assert answer.stderr == (
        "Omixa Studio needs Python 3.11 or newer, and none was found on the PATH.\n"
    )


def test_it_says_that_venv_is_missing(project: Path, tmp_path: Path) -> None:
    answer = install(project, programs(tmp_path / "bin", python=WITHOUT_VENV))
    assert answer.returncode == 1
    assert answer.stderr.startswith("Python's venv module is missing: install it")
    assert answer.stderr.count("\n") == 1


def test_it_builds_once_and_runs_in_it(project: Path, path: str) -> None:
    first, second = install(project, path), install(project, path)
    assert "Installing" in first.stderr
    assert first.stdout == second.stdout == "env\n"
    assert second.stderr == ""
    assert not (project / "env.part").exists()


def test_it_builds_anew_when_the_lock_changes(project: Path, path: str) -> None:
    install(project, path)
    (project / "env" / "old").touch()
    (project / "some.lock").write_text("# nothing new\n")
    assert install(project, path).returncode == 0
    assert not (project / "env" / "old").exists()
    assert not (project / "env.old").exists()


def test_it_does_not_take_half_an_environment_for_a_whole_one(project: Path, path: str) -> None:
    (project / "env" / "bin").mkdir(parents=True)
    (project / "env" / "bin" / "python").symlink_to("/bin/true")
    assert install(project, path).stdout == "env\n"


def test_it_builds_anew_when_its_python_is_gone(project: Path, path: str) -> None:
    install(project, path)
    (project / "env" / "bin" / "python").unlink()
    assert install(project, path).stdout == "env\n"


def test_it_keeps_what_it_has_when_a_build_fails(project: Path, path: str) -> None:
    install(project, path)
    (project / "env" / "old").touch()
    (project / "some.lock").write_text("unknown==1.0\n")
    answer = install(project, path)
    assert answer.returncode == 1
    assert answer.stderr.endswith(
        "The packages of some.lock could not be installed; the lines above say why.\n"
    )
    assert (project / "env" / "old").exists()
    assert not (project / "env.part").exists()


@pytest.mark.slow
def test_it_builds_with_a_real_python(project: Path, tmp_path: Path) -> None:
    real = os.path.realpath(sys.executable)
    path = programs(tmp_path / "bin", python=f'exec "{real}" "$@"')
    assert install(project, path, "-c", "import sys; print(sys.prefix)").stdout == (
        f"{project / 'env'}\n"
    )
    # pip itself is such a script as packages bring along.
    script = subprocess.run([project / "env" / "bin" / "pip", "--version"], capture_output=True)
    assert script.returncode == 0
    assert not [path for path in (project / "env" / "bin").iterdir() if names_the_part(path)]
    activated = subprocess.run(
        ["sh", "-c", '. env/bin/activate && echo "$VIRTUAL_ENV"'],
        cwd=project,
        capture_output=True,
        text=True,
    )
    assert activated.stdout == f"{project / 'env'}\n"


def names_the_part(path: Path) -> bool:
    return path.is_file() and b"env.part" in path.read_bytes()


def install(project: Path, path: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installer, and then what it built with these arguments."""
    return subprocess.run(
        ["sh", "scripts/python.sh", "env", "some.lock", *arguments],
        cwd=project,
        env={"PATH": path, "HOME": str(project), "PIP_NO_INDEX": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )


def programs(folder: Path, *, python: str) -> str:
    """Fill a folder with the tools a script needs, and shell code as `python3`; return its path."""
    folder.mkdir()
    for name in TOOLS:
        (folder / name).symlink_to(shutil.which(name) or "/bin/true")
    script = folder / "python3"
    script.write_text(f"#!/bin/sh\n{python}\n")
    script.chmod(0o755)
    return str(folder)
