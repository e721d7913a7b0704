"""An app and a configuration of gunicorn for the tests of its loop: few threads, short waits."""

import os
import tempfile
import time
from collections.abc import Callable, Iterable
from typing import Any, cast

from omixa_studio.serving.patience import Patience
from omixa_studio.serving.server import PatientServer

FILE_BYTES = 32 * 2**20
THREADS = 4


class HastyServer(PatientServer):
    patience = Patience(
        first_byte=1.5, next_request=1.5, head=1.5, stall=1.5, thread=20, goodbye=0.5
    )


worker_class = HastyServer
threads = THREADS
bind = f"127.0.0.1:{os.environ.get('SMALL_APP_PORT', '0')}"
graceful_timeout = 3
loglevel = "warning"
control_socket_disable = True


def app(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Answer with the size of the body, or by the path with much, with a file, or late."""
    path = environ["PATH_INFO"]
    if path == "/file":
        file = tempfile.TemporaryFile()  # noqa: SIM115  # gunicorn closes it
        file.truncate(FILE_BYTES)
        start_response("200 OK", [("Content-Length", str(FILE_BYTES))])
        return cast(Iterable[bytes], environ["wsgi.file_wrapper"](file))
    if path == "/pieces":
        start_response("200 OK", [])
        return (b"x" * 10_000 for _ in range(FILE_BYTES // 10_000))
    if path == "/late":
        time.sleep(1.5)
    size = 0 if path == "/unread" else len(environ["wsgi.input"].read())
    answer = str(size).encode()
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]
