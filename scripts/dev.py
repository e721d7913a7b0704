"""Serve the studio, and start it anew when its code, a template or a style has changed.

The whole studio starts anew, web, worker and sandbox, which takes about a second: so there
is one rule for everything that may change, and nothing differs from what `make run` serves.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
WATCHED = ("omixa_studio", "templates", "static", "locale")
ENDINGS = {".css", ".html", ".js", ".json", ".mo", ".py", ".svg", ".toml", ".txt"}
SECONDS_BETWEEN_LOOKS = 0.3
SECONDS_AFTER_CTRL_C = 10
# Nobody waits half a minute for a practice picture to see a change.
QUICKLY = {"STUDIO_STOP_SECONDS": "1"}


def main() -> int:
    """Serve until Ctrl+C, a SIGTERM or the end of what started this; return 0."""
    stopping: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: stopping.append(received))
    parent = os.getppid()
    while not stopping:
        served = stamps()
        studio = start_studio()
        told = False
        while not stopping and stamps() == served:
            if os.getppid() != parent:
                stopping.append(signal.SIGTERM)
            if studio.poll() is not None and not told:
                told = True
                say("The studio does not run; it is started again after the next change.")
            time.sleep(SECONDS_BETWEEN_LOOKS)
        if not stopping:
            say("A file has changed; the studio starts anew.")
        if signal.SIGINT in stopping:
            # Ctrl+C has reached the studio too, and a second signal would cut its calls off.
            with suppress(subprocess.TimeoutExpired):
                studio.wait(SECONDS_AFTER_CTRL_C)
        studio.terminate()
        studio.wait()
    return 0


def start_studio() -> subprocess.Popen[bytes]:
    """Start what `make run` starts; it ends by itself when this process is gone."""
    return subprocess.Popen(
        [sys.executable, "manage.py", "studio", "--with-parent"],
        cwd=PROJECT,
        env={**QUICKLY, **os.environ},
    )


def stamps() -> dict[Path, int]:
    """Return when each watched file was changed last."""
    found: dict[Path, int] = {}
    for folder in WATCHED:
        for path in (PROJECT / folder).rglob("*"):
            if path.suffix in ENDINGS:
                # Editors replace a file by moving another one over it.
                with suppress(FileNotFoundError):
                    found[path] = path.stat().st_mtime_ns
    return found


def say(sentence: str) -> None:
    """Print one line at once."""
    print(sentence, flush=True)


if __name__ == "__main__":
    sys.exit(main())
