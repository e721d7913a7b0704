"""A warm process that forks workers: Django is set up once, a worker starts in milliseconds.

One line of JSON on standard input asks for a worker (see harness.Forker.worker), one line on
standard output is its process id. All end when standard input does.
"""

import json
import os
import re
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any

import django
import psycopg  # noqa: F401 - jobs.py loads only the drivers that its own address needs
import redis  # noqa: F401
from django.conf import settings
from django.db import connections
from django.db.backends.signals import connection_created
from django.test.signals import setting_changed

django.setup()

from omixa_studio.worker import Times, build_worker, run_worker  # noqa: E402


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    reading, writing = os.pipe()
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            os.close(writing)
            os.environ["STUDIO_PARENT_FD"] = str(reading)
            work(json.loads(line))
        print(pid, flush=True)


def work(wish: dict[str, Any]) -> None:
    """Be a worker until the end of this process."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(wish["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(log, 1)
    os.dup2(log, 2)
    connections["default"].settings_dict["NAME"] = wish["database"]
    for name, value in wish["settings"].items():
        setattr(settings, name, type(getattr(settings, name))(value))
    # Django keeps the zone that it was asked for first.
    setting_changed.send(None, setting="TIME_ZONE", value=settings.TIME_ZONE, enter=True)
    if wish["file_bytes"]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (wish["file_bytes"],) * 2)
    if wish["instant"]:
        Trap(**wish["instant"]).set()
    worker = build_worker(threads=wish["threads"], times=Times(**wish["times"]))
    run_worker(worker)


class Trap:
    """Kills this process at one exact instant: a statement or a system call.

    `on` is "before" or "after" a database statement, or the name of one of Python's audit
    events, which come just before the system call; `match` is looked for in its text, and the
    `nth` hit counts.  With `waits_with`, only the thread waits there, while that file exists.
    """

    def __init__(self, *, on: str, match: str, waits_with: str, nth: int = 1) -> None:
        self.on, self.match, self.waits_with, self.left = on, re.compile(match), waits_with, nth

    def set(self) -> None:
        if self.on in ("before", "after"):
            connection_created.connect(self.watch_statements, weak=False)
        else:
            sys.addaudithook(self.on_event)

    def watch_statements(self, connection: Any, **_signal: Any) -> None:
        connection.execute_wrappers.append(self.on_statement)

    def on_statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        caught = self.match.search(sql)
        if caught and self.on == "before":
            self.spring()
        result = execute(sql, params, many, context)
        if caught and self.on == "after":
            self.spring()
        return result

    def on_event(self, event: str, args: tuple[Any, ...]) -> None:
        if event == self.on and self.match.search(" ".join(map(str, args))):
            self.spring()

    def spring(self) -> None:
        self.left -= 1
        if self.left:
            return
        if self.waits_with:
            self.wait()
        else:
            os.kill(os.getpid(), signal.SIGKILL)
            # Another thread may take the signal first; this one must not run on meanwhile.
            time.sleep(0.2)

    def wait(self) -> None:
        sign = Path(self.waits_with)
        sign.touch()
        while sign.exists():
            time.sleep(0.01)


if __name__ == "__main__":
    main()
