"""The command `studio`: web and worker, and without a key the sandbox gateway, as one.

It only starts, watches and stops processes, and so loads neither Django nor requests. Signals
to the whole process group, such as Ctrl+C, mean the same to its children.
"""

import argparse
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import IO

from omixa_studio import boot, env, settings
from omixa_studio.family import SECONDS_AT_ONCE, Events, Family, reason_to_stop
from omixa_studio.healthcheck import is_well
from omixa_studio.parent import stop_signals

# Beyond STUDIO_STOP_SECONDS: time for the worker to record calls that were cut off.
SECONDS_TO_WRITE_DOWN = 10
SECONDS_BETWEEN_LOOKS = 0.5
SECONDS_TO_ANSWER = 60


def main(arguments: list[str]) -> int:
    """Serve until a signal comes (then return 0) or a child ends by itself (then 1).

    Raises ConfigurationError when it cannot start.
    """
    options = _parser().parse_args(arguments)
    events = Events()
    for number in stop_signals():
        signal.signal(number, lambda received, _frame: events.put(received))
    if options.with_parent:
        threading.Thread(target=_watch_parent, args=(events, os.getppid()), daemon=True).start()
    with (
        boot.claim_folder(settings.DATA_DIR, settings.STUDIO_URL),
        boot.listen(*env.listen()) as listener,
    ):
        fault = _migrate()
        if events.take(0):
            return 0
        if fault:
            raise env.ConfigurationError(fault)
        return _serve(events, listener)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="manage.py studio", description="Serve the studio.")
    parser.add_argument(
        "--with-parent", action="store_true", help="stop when the program that started it is gone"
    )
    return parser


def _watch_parent(events: Events, parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(SECONDS_BETWEEN_LOOKS)
    events.put(signal.SIGTERM)


def _migrate() -> str:
    """Apply migrations unless they are known to be applied; return the error, "" if none."""
    rows = settings.DATA_DIR / "studio.sqlite3"
    note = settings.DATA_DIR / "schema"
    in_folder = settings.DATABASES["default"]["NAME"] == str(rows)
    if in_folder and boot.schema_is_current(rows, note):
        return ""
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--no-input"],
        cwd=env.PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        return f"{done.stdout}\nThe database could not be prepared."
    if in_folder:
        boot.note_schema(rows, note)
    return ""


def _serve(events: Events, listener: socket.socket) -> int:
    gateway, studio = Family(events), Family(events)
    lines, told = _start_sandbox(gateway) if settings.SANDBOX_MODE else (None, {})
    told_web = {**told, "STUDIO_LISTEN_FD": str(listener.fileno())}
    web = ["-m", "gunicorn", "-c", "python:omixa_studio.webserver", "omixa_studio.wsgi"]
    studio.start("web", web, told=told_web, handed=(listener.fileno(),))
    if lines:
        # Paid calls wait until the sandbox listens; the page does not. If it ends, an event comes.
        lines.readline()
    studio.start("worker", ["manage.py", "worker"], told=told)
    listener.close()
    threading.Thread(target=_announce, daemon=True).start()

    ended = reason_to_stop(events)
    if ended:
        _say(f"The {ended} process stopped unexpectedly; the studio is shutting down.")
    else:
        _say("Stopping: waiting for running requests to finish. Signal again to stop at once.")
    studio.stop(settings.STOP_SECONDS + SECONDS_TO_WRITE_DOWN)
    # The sandbox goes last: calls in flight go to it.
    gateway.stop(SECONDS_AT_ONCE)
    _say("Omixa Studio has stopped.")
    return 1 if ended else 0


def _start_sandbox(gateway: Family) -> tuple[IO[str] | None, dict[str, str]]:
    """Start the stand-in gateway; return its output and the environment for the others."""
    key, port = f"omx_sandbox_{secrets.token_hex(16)}", str(boot.free_port())
    command = ["manage.py", "sandbox", "--parent-pipe", str(gateway.pipe)]
    command += ["--key", key, "--port", port, "--models-toml", str(settings.MODELS_TOML)]
    _say("Practice mode (no OMIXA_API_KEY): pictures are drawn here and nothing is billed.")
    lines = gateway.start("sandbox", command, told={}, stdout=subprocess.PIPE)
    url = f"http://127.0.0.1:{port}/api/v1"
    return lines, {"STUDIO_SANDBOX_KEY": key, "STUDIO_SANDBOX_URL": url}


def _announce() -> None:
    """Print the address as soon as the page answers."""
    try:
        well = is_well(*env.listen(), seconds=SECONDS_TO_ANSWER)
    except OSError:
        return
    fault = "" if well else ", but its health check fails; see the log above"
    _say(f"Omixa Studio is running at {settings.STUDIO_URL}{fault}")


def _say(sentence: str) -> None:
    print(sentence, flush=True)
