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
OURS = ("migrate", "web", "worker")
CALL_SECONDS_TO_STOP = 30


def test_it_serves_with_the_commands_of_compose(tmp_path: Path, postgres_url: str) -> None:
    folder = tmp_path / "secrets"
    assert draw(folder, OMIXA_API_KEY="omx_live_1").returncode == 0
    for name, variable in (("database_url", "DATABASE_URL"), ("queue_url", "QUEUE_URL")):
        assert SERVICES["web"]["environment"][f"{variable}_FILE"] == f"/run/secrets/{name}"
    port = free_port()
    replace(folder / "database_url", postgres_url)
    replace(
        folder / "queue_url",
        (folder / "queue_url").read_text().replace("redis:6379", f"127.0.0.1:{port}"),
    )
    told = {name: surroundings(tmp_path, **environment(name, folder)) for name in OURS}
    for name in ("web", "worker"):
        told[name]["OMIXA_BASE_URL"] = "http://127.0.0.1:9/api/v1"
    migrated = subprocess.run(
        here(SERVICES["migrate"]["command"]), cwd=PROJECT, env=told["migrate"]
    )
    assert migrated.returncode == 0
    log = tmp_path / "log"
    with (
        log.open("wb") as sink,
        running(redis_command(folder, port), dict(os.environ)) as redis,
        running(SERVICES["web"]["command"], told["web"]) as web,
        running(SERVICES["worker"]["command"], told["worker"], sink) as worker,
    ):
        wait_until(lambda: is_healthy(told["web"]))
        wait_until(lambda: "runs up to" in log.read_text())
        wait_until(lambda: redis_is_well(folder, port))
        password = (folder / "redis_password").read_text().strip()
        assert password not in Path(f"/proc/{redis.pid}/cmdline").read_text()
        replace(folder / "redis_password", "another")
        assert not redis_is_well(folder, port)
        for process in (web, worker, redis):
            process.send_signal(signal.SIGTERM)
        assert [web.wait(20), worker.wait(20), redis.wait(20)] == [0, 0, 0]
    assert "The queue cannot be reached" not in log.read_text()
    assert not is_healthy(told["web"])


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


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_changes_nothing_but_its_volume_and_gains_no_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "devices", "pid", "network_mode"} & set(service)
    # Ours run as who the image says; those of others would begin as root.
    assert (service.get("image") == "omixa-studio") != ("user" in service)


def test_only_who_asks_the_gateway_can_read_its_key() -> None:
    readers = {name for name, one in SERVICES.items() if "omixa_api_key" in one["secrets"]}
    assert readers == {"web", "worker"}
    told = {name for name in OURS if "OMIXA_API_KEY_FILE" in SERVICES[name]["environment"]}
    assert told == readers


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_told_its_secrets_by_files_alone(name: str) -> None:
    service = SERVICES[name]
    told = service.get("environment", {})
    said = " ".join([*map(str, told.values()), *service.get("command", [])])
    assert set(re.findall(r"/run/secrets/(\w+)", said)) == set(service["secrets"])
    assert set(service["secrets"]) <= set(COMPOSE["secrets"])
    in_the_open = {key for key in told if re.search("KEY|PASSWORD|_URL$", key)}
    assert in_the_open <= {"OMIXA_BASE_URL", "STUDIO_URL", "STUDIO_ADMIN_PASSWORD"} | {
        key for key in told if key.endswith("_FILE")
    }
    # Whoever has no account yet may name the first one; the variable is empty as a rule.
    assert told.get("STUDIO_ADMIN_PASSWORD", "") in ("", "${STUDIO_ADMIN_PASSWORD:-}")


def test_every_secret_is_a_file_that_is_drawn_once(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    missing = draw(folder)
    assert missing.returncode == 1
    assert "omixa_api_key is missing: write the workspace key" in missing.stderr
    assert draw(folder, OMIXA_API_KEY="omx_live_1").returncode == 0
    files = {path.name: path.read_text() for path in folder.iterdir()}
    assert {f"secrets/{name}" for name in files} == {
        one["file"] for one in COMPOSE["secrets"].values()
    }
    assert len(set(files.values())) == len(files) == len(COMPOSE["secrets"])
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o444}
    assert draw(folder, OMIXA_API_KEY="omx_live_2", POSTGRES_PASSWORD="other").returncode == 0
    assert {path.name: path.read_text() for path in folder.iterdir()} == files
    assert "/secrets/" in (PROJECT / ".gitignore").read_text().splitlines()


def test_a_password_that_no_address_can_hold_is_refused(tmp_path: Path) -> None:
    refused = draw(tmp_path, OMIXA_API_KEY="omx_live_1", POSTGRES_PASSWORD="a@b")
    assert refused.returncode == 1
    assert "postgres_password has characters that an address cannot hold" in refused.stderr
    assert not (tmp_path / "database_url").exists()


def draw(folder: Path, **told: str) -> subprocess.CompletedProcess[str]:
    given = {**os.environ, **told}
    command = ["sh", "scripts/secrets.sh", str(folder)]
    return subprocess.run(command, cwd=PROJECT, env=given, capture_output=True, text=True)


def replace(file: Path, content: str) -> None:
    file.unlink()
    file.write_text(content)


def environment(name: str, folder: Path) -> dict[str, str]:
    """What compose tells a service, with our folder of secrets and no variables of the host."""
    told = SERVICES[name]["environment"]
    plain = {key: re.sub(r"\$\{\w+:-(.*)\}", r"\1", value) for key, value in told.items()}
    return {key: in_folder(value, folder) for key, value in plain.items()}


def in_folder(words: str, folder: Path) -> str:
    return words.replace("/run/secrets", str(folder)).replace("$$", "$")


def redis_command(folder: Path, port: int) -> list[str]:
    command = [in_folder(word, folder) for word in SERVICES["redis"]["command"]]
    return [word.replace("redis-server -", f"redis-server - --port {port}") for word in command]


def redis_is_well(folder: Path, port: int) -> bool:
    kind, line = SERVICES["redis"]["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    asked = in_folder(line, folder).replace("redis-cli", f"redis-cli -p {port}")
    return subprocess.run(["sh", "-c", asked], capture_output=True).returncode == 0


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
