"""What Dockerfile and compose.yaml would run, run here as plain processes."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest
import yaml

from tests.present import present
from tests.servers import PROJECT, free_port, wait_until

COMPOSE = yaml.safe_load((PROJECT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
DOCKERFILE = (PROJECT / "Dockerfile").read_text()
CALL_SECONDS_TO_STOP = 30


def test_it_serves_with_the_commands_of_compose(
    tmp_path: Path, postgres_url: str, redis_url: str
) -> None:
    told = surroundings(tmp_path, DATABASE_URL=postgres_url, QUEUE_URL=redis_url)
    migrated = subprocess.run(here(SERVICES["migrate"]["command"]), cwd=PROJECT, env=told)
    assert migrated.returncode == 0
    log = tmp_path / "log"
    with (
        log.open("wb") as sink,
        running(SERVICES["web"]["command"], told) as web,
        running(SERVICES["worker"]["command"], told, sink) as worker,
    ):
        wait_until(lambda: is_healthy(told))
        wait_until(lambda: "takes up to" in log.read_text())
        for process in (web, worker):
            process.send_signal(signal.SIGTERM)
        assert [web.wait(20), worker.wait(20)] == [0, 0]
    assert not is_healthy(told)


def test_it_serves_with_the_command_of_the_image(tmp_path: Path) -> None:
    told = surroundings(tmp_path)
    with running(instruction("CMD"), told) as studio:
        wait_until(lambda: is_healthy(told))
        studio.send_signal(signal.SIGTERM)
        assert studio.wait(20) == 0


def test_it_gives_web_and_worker_the_same_lasting_folder() -> None:
    assert SERVICES["web"]["volumes"] == SERVICES["worker"]["volumes"] == [f"data:{data_folder()}"]
    assert "data" in COMPOSE["volumes"]


def test_it_leaves_the_worker_time_to_stop() -> None:
    grace = int(SERVICES["worker"]["stop_grace_period"].removesuffix("s"))
    assert grace > CALL_SECONDS_TO_STOP


@pytest.mark.parametrize("name", ["web", "worker"])
def test_it_migrates_once_before_it_serves(name: str) -> None:
    needed = SERVICES[name]["depends_on"]["migrate"]
    assert needed == {"condition": "service_completed_successfully"}
    assert SERVICES["migrate"]["restart"] == "no"


def test_it_does_not_run_as_root() -> None:
    users = re.findall(r"^USER (\w+)$", DOCKERFILE, re.MULTILINE)
    assert users == ["studio"]


def test_it_packs_nothing_that_is_not_listed() -> None:
    first, *allowed = [
        line for line in (PROJECT / ".dockerignore").read_text().splitlines() if line[0] != "#"
    ]
    assert first == "*"
    assert "!requirements.lock" in allowed
    assert not {"!data", "!.git", "!tests"} & set(allowed)


def instruction(name: str) -> list[str]:
    """Return the last command of the Dockerfile that follows this word."""
    return list(json.loads(re.findall(rf"^\s*{name} (\[.*\])$", DOCKERFILE, re.MULTILINE)[-1]))


def health_command() -> list[str]:
    joined = DOCKERFILE.replace("\\\n", " ")
    return list(json.loads(re.findall(r"^HEALTHCHECK .* CMD (\[.*\])$", joined, re.MULTILINE)[0]))


def data_folder() -> str:
    return present(re.search(r"STUDIO_DATA_DIR=(\S+)", DOCKERFILE))[1]


def here(command: list[str]) -> list[str]:
    return [sys.executable if word == "python" else word for word in command]


def surroundings(folder: Path, **told: str) -> dict[str, str]:
    return {
        **os.environ,
        "STUDIO_DATA_DIR": str(folder / "data"),
        "STUDIO_HOST": "0.0.0.0",
        "STUDIO_PORT": str(free_port()),
        **told,
    }


def is_healthy(told: dict[str, str]) -> bool:
    asked = subprocess.run(here(health_command()), cwd=PROJECT, env=told, capture_output=True)
    return asked.returncode == 0


@contextmanager
def running(
    command: list[str], told: dict[str, str], log: BinaryIO | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(here(command), cwd=PROJECT, env=told, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("name", ["migrate", "web", "worker"])
def test_it_lets_our_containers_change_nothing_but_their_volume(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["tmpfs"] == ["/tmp"]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
