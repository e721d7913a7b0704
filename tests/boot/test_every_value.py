"""Every documented variable with odd values: it serves, or one sentence names the variable."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from omixa_studio import env
from tests.servers import PROJECT, free_port

TABLE = (PROJECT / "docs" / "configure.md").read_text(encoding="utf-8")
NAMES = sorted(set(re.findall(r"`((?:STUDIO|OMIXA|DATABASE|QUEUE|STORAGE)_[A-Z_]+)`", TABLE)))
ODD = (
    "-1",
    "0",
    "1e9",
    "999999999999999999999",
    "a b",
    "a\nb",
    "x" * 5_000,
    "\udcff",
    "ключ",
    "%zz",
    "://",
    "http://[::1",
    "/no/such/file",
)
OF_ADDRESSES = (
    "redis://queue/abc",
    "redis://queue/0/1",
    "redis://queue/-1",
    "redis://queue/0?db=abc",
    "redis://queue/0?no_such=1",
    "postgres://me@127.0.0.1:9/studio?no_such=1",
    "postgres://[",
    "s3://bucket?no_such=1",
    "sqlite:///",
)
ADDRESSES = ("DATABASE_URL", "QUEUE_URL", "STORAGE_URL")
ALONE = "QUEUE_URL must end with the number of a database"


def starts(cases: list[tuple[str, str]], folder: Path) -> dict[tuple[str, str], str]:
    """What the web server said with each value; "" where it would have served."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.boot.every_value"],
        cwd=PROJECT,
        input=json.dumps(cases),
        env=env.for_child(STUDIO_DATA_DIR=str(folder), STUDIO_PORT=str(free_port())),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=110,
    )
    return dict(zip(cases, json.loads(done.stdout), strict=True))


def names_it(name: str, said: str) -> bool:
    """Whether it is one sentence that names the variable, or what it reads the file for."""
    named = name in said or (name == "STUDIO_DATA_DIR" and said.startswith("The data folder"))
    return named and "Traceback" not in said and said.count("\n") == 0


@pytest.mark.parametrize("part", range(4))
def test_it_serves_or_says_which_variable_is_odd(part: int, tmp_path: Path) -> None:
    cases = [(name, value) for name in NAMES[part::4] for value in values_of(name, tmp_path)]
    said = starts(cases, tmp_path / "data")
    faults = {case: words for case, words in said.items() if words and not names_it(case[0], words)}
    assert faults == {}
    assert {name for (name, _value), words in said.items() if words} == set(NAMES[part::4])


def values_of(name: str, folder: Path) -> list[str]:
    if name == "STUDIO_DATA_DIR":  # a relative one would lie in the project
        return [*(f"{folder}/{value}" for value in ODD), "~nobody-of-this-name", "/proc/x"]
    return [*ODD, *(OF_ADDRESSES if name in ADDRESSES else ())]


def test_it_walks_all_that_is_documented() -> None:
    assert {"OMIXA_API_KEY", "STUDIO_PROXIES", "STUDIO_LISTEN_FD", *ADDRESSES} <= set(NAMES)
    assert len(NAMES) > 30


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"STUDIO_PORT": "abc"}, "STUDIO_PORT must be a whole number, not 'abc'."),
        ({"STUDIO_LANGUAGE": "xx"}, "STUDIO_LANGUAGE must be en or ru or zh-hans, not 'xx'."),
        ({"QUEUE_URL": "redis://queue/abc"}, f"{ALONE}, like redis://host:6379/0."),
        (
            {"STUDIO_LISTEN_FD": "77"},
            "STUDIO_LISTEN_FD is set by manage.py studio for its own processes: unset it.",
        ),
        (
            {"STUDIO_HOST": "studio.invalid", "STUDIO_PORT": "8000"},
            "Port 8000 on studio.invalid cannot be used: the host name is not known."
            " Set STUDIO_HOST and STUDIO_PORT to listen elsewhere.",
        ),
    ],
    ids=str,
)
def test_gunicorn_alone_says_it_in_one_sentence(
    told: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    web = ["-m", "gunicorn", "-c", "python:omixa_studio.webserver", "omixa_studio.wsgi"]
    said = run(web, tmp_path, **told)
    assert (said.returncode, said.stderr) == (1, sentence + "\n")


@pytest.mark.parametrize(
    "command", ["studio", "worker", "demo", "restored", "migrate", "check", "createsuperuser"]
)
def test_every_command_says_it_in_one_sentence(command: str, tmp_path: Path) -> None:
    said = run(["manage.py", command], tmp_path, STUDIO_TIME_ZONE="Europe")
    assert said.returncode == 1
    assert said.stderr == "STUDIO_TIME_ZONE must be a name like Europe/Riga, not 'Europe'.\n"
    assert said.stdout == ""


def run(arguments: list[str], folder: Path, **told: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=env.for_child(STUDIO_DATA_DIR=str(folder), **told),
        capture_output=True,
        text=True,
        timeout=60,
    )
