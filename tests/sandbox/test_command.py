"""The command: start, say where, end when told or when the parent is gone."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from omixa_studio.sandbox import command
from tests.present import present

ROOT = Path(__file__).resolve().parents[2]
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start the command with these arguments; whatever is left is killed at the end."""
    started = []

    def run(*arguments: str, handed: tuple[int, ...] = ()) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "sandbox", *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            pass_fds=handed,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def address(process: subprocess.Popen[str]) -> str:
    line = present(process.stdout).readline()
    assert line.startswith("listening on http://127.0.0.1:"), line
    assert line.endswith("/api/v1\n")
    return line.split()[-1]


def test_it_says_where_it_listens_and_answers_there(start: Start) -> None:
    url = address(start("--key", "k", "--seconds", "0"))
    answer = requests.get(f"{url}/models", headers={"Authorization": "Bearer k"}, timeout=5)
    assert answer.status_code == 200


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_at_once_and_silently(start: Start, number: signal.Signals) -> None:
    process = start("--seconds", "60")
    url = address(process)
    with socket.create_connection(("127.0.0.1", int(url.split(":")[2].split("/")[0]))):
        begun = time.monotonic()
        process.send_signal(number)
        assert process.wait(timeout=10) == 0
    assert time.monotonic() - begun < 9
    assert present(process.stderr).read() == ""


def test_it_ends_when_its_parent_is_gone(start: Start) -> None:
    reading, writing = os.pipe()
    process = start("--parent-pipe", str(reading), handed=(reading,))
    os.close(reading)
    address(process)
    assert process.poll() is None
    os.close(writing)
    assert process.wait(timeout=10) == 0


def test_it_says_in_one_sentence_that_the_port_is_taken(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start("--port", str(port))
        assert process.wait(timeout=20) == 2
    said = present(process.stderr).read()
    assert said.count("\n") == 1
    assert str(port) in said


def test_it_says_in_one_sentence_that_the_answer_is_missing(start: Start, tmp_path: Path) -> None:
    process = start("--answer-file", str(tmp_path / "missing.json"))
    assert process.wait(timeout=20) == 2
    said = present(process.stderr).read()
    assert said.count("\n") == 1
    assert "missing.json" in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "models.toml cannot be read (No such file or directory)."),
        ("[models.x\n", "models.toml: "),
        ("[models.imagen-4]\ncolour = 1\n", "models.toml"),
    ],
)
def test_it_says_what_is_wrong_with_its_models(
    content: str | None, said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "models.toml"
    if content:
        file.write_text(content)
    assert command.main(["--models-toml", str(file)]) == 2
    told = capsys.readouterr().err
    assert told.startswith("The sandbox cannot start: ")
    assert said in told


def test_it_returns_the_file_it_was_given(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "answer.json"
    file.write_text('{"data": [], "usage": {"billed_amount": "0.040000"}}')
    url = address(start("--answer-file", str(file), "--seconds", "0"))
    answer = requests.post(
        f"{url}/images/generations",
        json={"model": "imagen-4.0-generate-001", "prompt": "x"},
        headers={"Authorization": "Bearer sandbox"},
        timeout=10,
    )
    assert answer.content == file.read_bytes()


def test_it_loads_neither_django_nor_pillow_to_start() -> None:
    code = (
        "import sys, omixa_studio.sandbox; print({'django', 'PIL', 'requests'} & set(sys.modules))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("option", "value", "must"),
    [
        *(("--seconds", odd, "a number of seconds") for odd in ("nan", "inf", "-1", "1e300")),
        *(("--port", odd, "a number from 0 to 65535") for odd in ("-1", "70000", "9" * 30, "x")),
        *(("--parent-pipe", odd, "the reading end") for odd in ("99", "1", "-1", "9" * 30)),
    ],
)
def test_it_refuses_an_odd_number_by_its_name(
    option: str, value: str, must: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main([f"{option}={value}"])
    assert ended.value.code == 2
    last_line = capsys.readouterr().err.splitlines()[-1]
    assert last_line.startswith(f"sandbox: error: argument {option}: must be {must}")


@pytest.mark.parametrize("host", ["999.1.1.1", "é..é"])
def test_it_says_in_one_sentence_what_is_no_address(
    host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--host", host]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"The sandbox cannot start: {host} is no address to listen on (")
    assert said.endswith(").\n")
