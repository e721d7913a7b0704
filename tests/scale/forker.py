"""A warm process that forks the parts of a machine: one that was killed is back at once.

A line on standard input is the part's name and its arguments, as JSON; the answer is its process
id, which also is its group's. All end when standard input does. Started anew for each kill, a part
would need longer to load Django than it has to live, so kills would meet nothing but programs that
are still loading.
"""

import ctypes
import gc
import json
import os
import signal
import sys
from contextlib import suppress
from importlib import import_module
from typing import NoReturn

from django.core.management import load_command_class
from django.db.migrations.loader import MigrationLoader
from django.urls import reverse
from gunicorn.app.wsgiapp import run as serve

PR_SET_CHILD_SUBREAPER = 36
# The web server's configuration is no part of it, since it opens the port as it is imported.
LOADED = (
    "manage",
    "omixa_studio.wsgi",
    "omixa_studio.urls",
    "omixa_studio.worker",
    "omixa_studio.serving.server",
    "psycopg",
    "redis",
    "boto3",
)


def main() -> None:
    for name in LOADED:
        import_module(name)
    load_command_class("omixa_studio", "worker")
    reverse("account_login")
    MigrationLoader(None)
    gc.freeze()
    # What a killed web server leaves behind is ours, and gone at once.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    reading, writing = os.pipe()
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            os.close(writing)
            os.set_inheritable(reading, True)
            os.environ["STUDIO_PARENT_FD"] = str(reading)
            _be(**json.loads(line))
        # Here and there, so that it is done before either goes on.
        with suppress(OSError):
            os.setpgid(pid, pid)
        print(pid, flush=True)


def _be(part: str, arguments: list[str], log: str) -> NoReturn:
    """Be a part of the machine until the end of this process."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    sink = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for ours, theirs in ((nothing, 0), (sink, 1), (sink, 2)):
        os.dup2(ours, theirs)
    if part == "web":
        sys.argv = ["gunicorn", *arguments]
        serve()
        sys.exit()
    # They were checked when the machine was set up, and last longer than all that is left.
    sys.exit(import_module("manage").main([*arguments, "--skip-checks"]))


if __name__ == "__main__":
    main()
