"""The one command of a newcomer: a fresh copy of the project, `make run`, nothing else."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.boot.conftest import Start
from tests.servers import PROJECT, wait_until

NOT_PART_OF_IT = shutil.ignore_patterns(".git", ".venv*", ".tools", ".*_cache", "data", "bench")
SECONDS_TO_INSTALL = 240


@pytest.mark.slow
def test_it_serves_from_a_fresh_copy(start: Start, tmp_path: Path) -> None:
    project = Path(shutil.copytree(PROJECT, tmp_path / "copy", ignore=NOT_PART_OF_IT))
    studio = start(command=("make", "run"), project=project)
    wait_until(lambda: is_decided(studio.output), SECONDS_TO_INSTALL)
    if "could not be installed" in studio.output and os.environ.get("CI") != "true":
        pytest.skip("The packages of requirements.lock cannot be downloaded here.")
    assert studio.health() == 200, studio.output

    studio.process.kill()
    wait_until(lambda: not studio.running(), 10)

    again = start(command=("make", "run"), project=project).wait_until_ready()
    assert "Installing" not in again.output
    again.process.send_signal(signal.SIGTERM)
    again.end()
    wait_until(lambda: not again.running(), 10)
    assert "Omixa Studio has stopped.\n" in again.output


def is_decided(output: str) -> bool:
    return "is running at" in output or "Error" in output
