"""gunicorn's configuration: processes with threads each, one unless more are asked for."""

import os
import signal
import stat
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

from omixa_studio import boot, heap
from omixa_studio.env import ConfigurationError, handed, listen
from omixa_studio.parent import end_with_parent, pipe, stop_signals
from omixa_studio.program_paths import WAITS_FOR_PICTURES
from omixa_studio.serving.server import PatientServer

# For a web server that is started without manage.py, as in a container.
os.umask(0o077)

# Otherwise gunicorn would print a traceback around the sentence.
try:
    _host, _port = listen()
    _handed = handed("STUDIO_LISTEN_FD", stat.S_ISSOCK)
    pipe()
    settings = import_module("omixa_studio.settings")
    if _handed is None:
        boot.listen(_host, _port).close()
except ConfigurationError as error:
    sys.exit(str(error))
bind = (
    f"fd://{_handed}"
    if _handed is not None
    else f"{f'[{_host}]' if ':' in _host else _host}:{_port}"
)

worker_class = PatientServer
workers = settings.WEB_PROCESSES
# Half of the threads may be reading large uploads.
threads = 16
timeout = 60
graceful_timeout = 15
# The heartbeat file must not wait for a slow disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True
loglevel = "warning"
# Only Django decides which proxies are trusted (STUDIO_PROXIES).
secure_scheme_headers: dict[str, str] = {}
# Otherwise a visitor behind a local proxy could choose the path that a page sees.
forwarder_headers = ""

# gunicorn cuts requests off on SIGINT and reloads on SIGHUP, but both reach it with the
# whole process group when Ctrl+C is pressed or a terminal closes: they mean "stop" here.
_stop_signals = stop_signals()


def when_ready(arbiter: Any) -> None:
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: arbiter.signal(signal.SIGTERM, None))
        if number not in _stop_signals:
            signal.signal(number, signal.SIG_IGN)
    end_with_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))


def post_worker_init(_worker: Any) -> None:
    # By default every thread that decoded an upload keeps its memory: 3 GB after a few rounds.
    heap.keep_for_pictures()
    heap.pass_over_what_is_loaded()
    # The arbiter forwards every stop; a signal to the whole group would only cut it short.
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    # Django is loaded in this process alone; a database that is away must not hold up /health.
    people = import_module("omixa_studio.services.people")
    threading.Thread(target=people.tell_of_first_admin, daemon=True).start()
    models_file = import_module("omixa_studio.services.models_file")
    place = import_module("omixa_studio.settings").MODELS_TOML
    threading.Thread(target=models_file.follow, args=(place,), daemon=True).start()
    secret_marks = import_module("omixa_studio.services.secret_marks")
    threading.Thread(target=secret_marks.follow, daemon=True).start()


def post_request(_worker: Any, request: Any, _environ: Any, _response: Any) -> None:
    # Those who wait have threads of their own; a connection for each would be all PostgreSQL has.
    if request.path[1:].startswith(WAITS_FOR_PICTURES):
        import_module("django.db").connections.close_all()
