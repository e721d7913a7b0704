"""Probes and monitors: whether the studio can work, its figures, and to whom they are told."""

import re
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from omixa_studio.models import Generation, Pause
from omixa_studio.queries import readiness
from tests.factories import make_generation, make_person

pytestmark = pytest.mark.django_db(transaction=True)

TOKEN = "a-token-of-metrics-7"
HERE = {"host": "127.0.0.1:8000"}
STRANGER: dict[str, Any] = {"REMOTE_ADDR": "203.0.113.7"}


@pytest.fixture(autouse=True)
def _looked_at_anew(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "LASTS", -1)
    settings.METRICS_TOKEN = TOKEN
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"


def asked(client: Client) -> Any:
    answer = client.get("/ready", headers=HERE)
    said = answer.json()
    assert answer.status_code == (200 if said["ready"] else 503)
    return said


def test_this_machine_reads_a_line_for_each_part(client: Client) -> None:
    make_person()
    make_generation(None, state="queued", created_at=timezone.now() - timedelta(minutes=5))
    said = asked(client)
    assert said["ready"]
    parts = ("database", "queue", "storage", "disk", "waiting", "gateway", "secret")
    assert all(said[part]["ok"] for part in parts)
    assert 300 <= said["waiting"]["seconds"] < 600
    assert said["gateway"]["last_success"] is None


def test_strangers_read_no_more_than_whether(client: Client) -> None:
    no_more: dict[str, Any] = {}
    strange = [{"x-forwarded-for": "127.0.0.1"}, {"x-real-ip": "127.0.0.1"}]
    strange += [{"x-forwarded-proto": "https"}, {"host": "studio.example.org"}]
    for headers, more in ((HERE, STRANGER), *((HERE | one, no_more) for one in strange)):
        answer = client.get("/ready", headers=headers, **more)
        assert (answer.status_code, answer.content) == (200, b"ok")
        assert client.get("/metrics", headers=headers, **more).status_code in (400, 401)
    shown = {"authorization": f"Bearer {TOKEN}"}
    assert client.get("/ready", headers=shown, **STRANGER).json()["ready"] is True
    assert client.get("/ready", headers={"authorization": "Bearer x"}, **STRANGER).content == b"ok"


@pytest.mark.parametrize("path", ["/ready", "/metrics"])
def test_guesses_at_the_token_are_counted(client: Client, path: str) -> None:
    make_person()
    right = {"authorization": f"Bearer {TOKEN}"}
    guesser: dict[str, Any] = {"REMOTE_ADDR": f"198.51.100.{len(path)}"}

    def told(more: dict[str, Any]) -> bool:
        return b"disk" in client.get(path, headers=right, **more).content

    assert told(guesser)
    for number in range(40):
        client.get(path, headers={"authorization": f"Bearer {number}"}, **guesser)
    assert not told(guesser)
    assert client.get("/ready", headers=right, **guesser).status_code == 200
    assert told(STRANGER)


def test_it_tells_who_has_the_token_that_the_database_is_away(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: object, **_more: object) -> bool:
        raise OperationalError("the database is away")

    monkeypatch.setattr("omixa_studio.views.health.count_guess", away)
    headers = {"authorization": f"Bearer {TOKEN}"}
    assert client.get("/ready", headers=headers, **STRANGER).json()["ready"]
    wrong = {"authorization": "Bearer another"}
    assert client.get("/ready", headers=wrong, **STRANGER).content == b"ok"


def test_a_request_that_waits_in_vain_is_a_failure_unless_paused(client: Client) -> None:
    row = make_generation(None, state="queued")
    Generation.objects.filter(pk=row.pk).update(created_at=timezone.now() - timedelta(hours=1))
    assert not asked(client)["waiting"]["ok"]
    assert client.get("/ready", **STRANGER).content == b"not ready"
    Pause.objects.create(target=row.target, reason="key")
    assert asked(client)["waiting"] == {"ok": True, "paused": "key", "seconds": 3600, "workers": 0}


def test_a_queue_that_is_away_is_a_failure(client: Client, settings: Any) -> None:
    settings.QUEUE_URL = "redis://127.0.0.1:1/0"
    said = asked(client)
    assert said["queue"] == {"ok": False, "error": "ConnectionError"}
    assert said["database"]["ok"]


def test_a_disk_that_is_nearly_full_is_a_failure(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omixa_studio.storage.LEAST_FREE_BYTES", 10**18)
    assert not asked(client)["disk"]["ok"]


@pytest.fixture
def no_database() -> Iterator[None]:
    name = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = "/no/such/folder/studio.sqlite3"
    yield
    connection.close()
    connection.settings_dict["NAME"] = name


def test_a_database_that_is_away_is_a_failure(client: Client, no_database: None) -> None:
    said = asked(client)
    assert said["database"] == {"ok": False, "error": "OperationalError"}
    assert said["disk"]["ok"]


LINE = re.compile(r'omixa_[a-z_]+(\{[a-z]+="[^"\n]*"\})? -?[0-9.e+]+')


def test_figures_are_read_by_prometheus(client: Client, tmp_path: Path, settings: Any) -> None:
    settings.SPOOL_DIR = tmp_path / "spool"
    settings.SPOOL_DIR.mkdir()
    (settings.SPOOL_DIR / "1-a.answer").touch()
    make_generation(make_person(), state="unknown", prompt="Nobody reads this")
    make_generation(None, seconds=4.0, finished_at=timezone.now())
    # Its bill came without an amount: the ledger holds its money until an admin decides.
    make_generation(make_person("ben"), state="failed", charged="unknown", held_micros=20_000)
    answer = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}, **STRANGER)
    assert answer.status_code == 200
    text = answer.content.decode()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    for line in (
        'omixa_open_generations{state="unknown"} 1.0',
        "omixa_held_dollars 0.06",
        'omixa_answer_seconds{quantile="0.99"} 4.0',
        'omixa_recent_generations{state="done"} 1.0',
        'omixa_ready{part="database"} 1.0',
        'omixa_counted_dollars{period="month"} 0.0',
        "omixa_spool_answers 1.0",
    ):
        assert line in lines
    assert "Nobody" not in text


def test_each_answer_has_an_id_that_only_a_trusted_proxy_brings(
    client: Client, settings: Any
) -> None:
    brought = {"x-request-id": "from-a-proxy-1"}
    first, second = client.get("/health", headers=brought), client.get("/login/")
    assert len({first["X-Request-ID"], second["X-Request-ID"], "from-a-proxy-1"}) == 3
    settings.PROXIES = 1
    assert client.get("/health", headers=brought)["X-Request-ID"] == "from-a-proxy-1"
    odd = client.get("/health", headers={"x-request-id": "<b>" * 9})
    assert "<" not in odd["X-Request-ID"]


def test_a_part_that_hangs_holds_one_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "_looked_at", {})
    monkeypatch.setattr(readiness, "SECONDS_FOR_THE_FIRST", 0.01)
    answers, looks = threading.Event(), []

    def hang(_target: str) -> list[readiness.Readiness]:
        looks.append(1)
        assert answers.wait(20)
        return [readiness.Readiness("storage", True)]

    monkeypatch.setattr(readiness, "look_at_parts", hang)
    first = threading.Thread(target=readiness.parts, args=["sandbox"])
    first.start()
    while not looks:
        time.sleep(0.01)
    [slow] = readiness.parts("sandbox")
    assert (slow.name, slow.ok) == ("look", False)
    answers.set()
    first.join(20)
    assert [part.ok for part in readiness.parts("sandbox")] == [True]
    monkeypatch.setattr(readiness, "_looking", threading.Lock())
    assert readiness._looking.acquire()
    assert [part.name for part in readiness.parts("sandbox")] == ["storage"], "it is told a while"
    monkeypatch.setattr(readiness, "TOLD_FOR", 0)
    assert [part.name for part in readiness.parts("sandbox")] == ["look"]
