"""`make dev` serves like `make run` and starts the studio anew after each change."""

import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.boot.conftest import Start, Studio
from tests.servers import PROJECT, wait_until

NEEDED = ("manage.py", "requirements.lock", "omixa_studio", "templates", "static", "locale")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a copy of the studio whose files a test may change."""
    copy = tmp_path / "copy"
    (copy / "scripts").mkdir(parents=True)
    shutil.copy(PROJECT / "scripts" / "dev.py", copy / "scripts")
    for name in NEEDED:
        copy_one = shutil.copytree if (PROJECT / name).is_dir() else shutil.copy
        copy_one(PROJECT / name, copy / name)
    return copy


@pytest.fixture
def dev(start: Start, project: Path, migrated_folder: Path, tmp_path: Path) -> Studio:
    """Give a studio that `make dev` serves from the copy, on a data folder of its own."""
    shutil.copytree(migrated_folder, tmp_path / "data")
    command = (sys.executable, "scripts/dev.py")
    return start(command=command, project=project).wait_until_ready()


@pytest.mark.slow
def test_it_serves_each_change(dev: Studio, project: Path) -> None:
    before = dev.running()
    page(dev, "/setup/")  # read by the old server, which would otherwise show the new word itself

    change(project / "templates" / "base.html", lambda text: f"{text}<!-- a new word -->")
    wait_until(lambda: "a new word" in page(dev, "/setup/"))
    wait_until(lambda: runs_whole(dev))
    assert not parts_of(before) & parts_of(dev.running()), "web, worker and sandbox are new"

    styles = next((project / "static" / "css").glob("*.css"))
    old_address = static_address(dev)
    change(styles, lambda text: f"{text}\n/* another colour */\n")
    wait_until(lambda: static_address(dev) not in ("", old_address))

    urls = project / "omixa_studio" / "urls" / "__init__.py"
    right = urls.read_text(encoding="utf-8")
    change(urls, lambda _text: "urlpatterns = [\n")
    wait_until(lambda: page(dev, "/setup/") == "")
    change(urls, lambda _text: right)
    wait_until(lambda: static_address(dev) != "")
    assert dev.process.poll() is None


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_on_a_signal_and_leaves_nothing(dev: Studio, number: signal.Signals) -> None:
    if number == signal.SIGINT:
        dev.signal_all(number)  # as Ctrl+C reaches the whole group
    else:
        dev.process.send_signal(number)
    assert dev.end() == 0
    assert "Traceback" not in dev.output
    assert not dev.running()


@pytest.mark.slow
def test_it_leaves_nothing_when_it_is_killed(dev: Studio) -> None:
    dev.process.kill()
    wait_until(lambda: not dev.running(), 10)


def change(path: Path, new: Callable[[str], str]) -> None:
    path.write_text(new(path.read_text(encoding="utf-8")), encoding="utf-8")


def page(studio: Studio, path: str) -> str:
    """Return what an address answers, "" while nothing whole does."""
    try:
        with urlopen(f"{studio.address}{path}", timeout=20) as answer:
            return bytes(answer.read()).decode()
    except HTTPError as error:
        return error.read().decode() if error.code < 500 else ""
    except OSError:
        return ""


def static_address(studio: Studio) -> str:
    """Return the versioned address of the static files that a page names."""
    return page(studio, "/setup/").partition("/static/")[2][:12]


def parts_of(running: dict[int, str]) -> set[int]:
    words = ("gunicorn", "manage.py worker", "manage.py sandbox")
    return {pid for pid, command in running.items() if any(word in command for word in words)}


def runs_whole(studio: Studio) -> bool:
    return len(parts_of(studio.running())) >= 4
