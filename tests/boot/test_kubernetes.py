"""What the example for Kubernetes and compose.large.yaml would run, run here as plain processes."""

import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import urlopen
from uuid import uuid4

import pytest
import yaml

from omixa_studio.supervisor import SECONDS_TO_WRITE_DOWN
from tests import servers
from tests.boot.test_container import COMPOSE, DOCKERFILE, data_folder, running, surroundings
from tests.present import present
from tests.servers import PROJECT, wait_until

ITEMS = {
    (one["kind"], one["metadata"]["name"]): one
    for one in yaml.safe_load((PROJECT / "deploy" / "kubernetes.yaml").read_text())["items"]
}
SETTINGS = ITEMS["ConfigMap", "studio"]["data"]
PODS = {
    "migrate": ITEMS["Job", "studio-migrate"],
    "web": ITEMS["Deployment", "studio-web"],
    "worker": ITEMS["StatefulSet", "studio-worker"],
}
MOUNTED = re.compile("/run/secrets/(?:studio|gateway)")


# Without compose's word for "instead of, not in addition to".
LARGE = yaml.safe_load((PROJECT / "compose.large.yaml").read_text().replace("!override", ""))


def pod(name: str) -> dict[str, Any]:
    found: dict[str, Any] = PODS[name]["spec"]["template"]["spec"]
    return found


def container(name: str) -> dict[str, Any]:
    found: dict[str, Any] = pod(name)["containers"][0]
    return found


def told(name: str) -> dict[str, str]:
    extra = {one["name"]: one["value"] for one in container(name).get("env", [])}
    return {**SETTINGS, **extra}


@pytest.mark.parametrize("name", PODS)
def test_every_secret_that_a_pod_is_told_of_is_mounted_there(name: str) -> None:
    mounts = {one["name"]: one["mountPath"] for one in container(name)["volumeMounts"]}
    files = {
        f"{mounts[volume['name']]}/{item['path']}"
        for volume in pod(name)["volumes"]
        for item in volume.get("secret", {}).get("items", [])
    }
    paths = {value for key, value in told(name).items() if key.endswith("_FILE")}
    assert paths == files
    assert any("omixa_api_key" in path for path in paths) is (name != "migrate")


@pytest.mark.parametrize("name", PODS)
def test_a_pod_changes_nothing_but_its_folder_and_gains_no_rights(name: str) -> None:
    closed = container(name)["securityContext"]
    assert closed["readOnlyRootFilesystem"] is True
    assert closed["allowPrivilegeEscalation"] is False
    assert closed["capabilities"] == {"drop": ["ALL"]}
    who = pod(name)["securityContext"]
    assert who["runAsNonRoot"] is True
    assert f"--uid {who['runAsUser']} " in DOCKERFILE
    mounts = {one["name"]: one["mountPath"] for one in container(name)["volumeMounts"]}
    assert mounts["data"] == data_folder()


def test_a_workers_disk_comes_back_to_it_and_a_web_servers_need_not() -> None:
    worker = PODS["worker"]["spec"]
    assert [one["metadata"]["name"] for one in worker["volumeClaimTemplates"]] == ["data"]
    assert "data" not in {one["name"] for one in pod("worker")["volumes"]}
    assert set(worker["persistentVolumeClaimRetentionPolicy"].values()) == {"Retain"}
    assert {"name": "data", "emptyDir": {}} in pod("web")["volumes"]


def test_pods_get_the_time_that_stopping_takes() -> None:
    stop = int(SETTINGS["STUDIO_STOP_SECONDS"])
    assert pod("worker")["terminationGracePeriodSeconds"] > stop + SECONDS_TO_WRITE_DOWN
    waits = int(container("web")["lifecycle"]["preStop"]["exec"]["command"][-1])
    web = (PROJECT / "omixa_studio" / "webserver.py").read_text()
    graceful = int(present(re.search(r"^graceful_timeout = (\d+)$", web, re.MULTILINE))[1])
    assert pod("web")["terminationGracePeriodSeconds"] > waits + graceful


def test_probes_ask_the_port_on_which_the_image_serves() -> None:
    port = container("web")["ports"][0]
    assert f"STUDIO_PORT={port['containerPort']}" in DOCKERFILE
    probes = [container("web")[f"{kind}Probe"] for kind in ("startup", "liveness", "readiness")]
    asked = [probe.get("httpGet") or probe["tcpSocket"] for probe in probes]
    assert {one["port"] for one in asked} == {port["name"]}
    assert {one.get("path", "/health") for one in asked} == {"/health"}


def test_every_setting_of_the_example_is_documented() -> None:
    documented = (PROJECT / "docs" / "configure.md").read_text()
    names = {key.removesuffix("_FILE") for name in PODS for key in told(name)}
    assert [name for name in sorted(names) if f"`{name}`" not in documented] == []


@pytest.mark.parametrize("number", ["", "-2"])
def test_parts_of_the_large_compose_file_share_no_disk(number: str) -> None:
    services = LARGE["services"]
    for part in ("web", "worker"):
        one = services[part + number]
        assert one["volumes"] == [f"{part}{number}:{data_folder()}"]
        assert set(one["secrets"]) == {*COMPOSE["services"][part]["secrets"], "storage_url"}
        assert one["environment"] == {"STORAGE_URL_FILE": "/run/secrets/storage_url"}
        inherited = one.get("extends", {"file": "compose.yaml", "service": part})
        assert inherited == {"file": "compose.yaml", "service": part}
    assert set(LARGE["volumes"]) == {
        volume.partition(":")[0] for one in services.values() for volume in one.get("volumes", [])
    }


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.redis
def test_it_serves_with_the_commands_of_the_example(
    tmp_path: Path, postgres_url: str, redis_url: str
) -> None:
    """Migrations are awaited, the probe answers, and both stop in the time that they are given."""
    with servers.s3_server(tmp_path) as s3, servers.bucket(s3, f"kube-{uuid4().hex}") as bucket:
        secrets = {
            "database_url": postgres_url,
            "queue_url": redis_url,
            "storage_url": bucket,
            "studio_secret_key": "one that all pods share, and long enough",
            "omixa_api_key": "omx_live_1",
        }
        for file, content in secrets.items():
            (tmp_path / file).write_text(content)
        given = {part: settings_here(part, tmp_path) for part in PODS}
        waits = pod("web")["initContainers"][0]["command"]
        once = waits[-1].replace("until ", "").partition(";")[0].split()
        assert run_here(once, given["web"]) != 0
        assert run_here(container("migrate")["command"], given["migrate"]) == 0
        assert run_here(once, given["web"]) == 0
        log = tmp_path / "log"
        with (
            log.open("wb") as sink,
            running(container("web")["command"], given["web"]) as web,
            running(container("worker")["command"], given["worker"], sink) as worker,
        ):
            path = container("web")["readinessProbe"]["httpGet"]["path"]
            wait_until(lambda: answers(f"http://127.0.0.1:{given['web']['STUDIO_PORT']}{path}"))
            wait_until(lambda: "runs up to" in log.read_text())
            for process in (web, worker):
                process.send_signal(signal.SIGTERM)
            assert [web.wait(20), worker.wait(20)] == [0, 0]


def settings_here(part: str, folder: Path) -> dict[str, str]:
    """What a pod is told, with our folder of secrets and a gateway that nobody reaches."""
    plain = {key: MOUNTED.sub(str(folder), value) for key, value in told(part).items()}
    return surroundings(folder / part, **plain, OMIXA_BASE_URL="http://127.0.0.1:9/api/v1")


def run_here(command: list[str], environment: dict[str, str]) -> int:
    here = [sys.executable if word == "python" else word for word in command]
    return subprocess.run(here, cwd=PROJECT, env=environment, capture_output=True).returncode


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
