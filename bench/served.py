"""The studio's web application as the bench serves it.

It also answers kept bytes without Django, which is the floor of a page, and counts the statements
of a request that asks for that.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from omixa_studio.wsgi import application as studio

# The application above sets Django up.
from django.conf import settings  # isort: skip
from django.db import connection  # isort: skip

FLOOR = "/bench-floor/"
COUNT = "X-Bench-Count"
START = Callable[..., Any]


def application(environ: dict[str, Any], start_response: START) -> Iterable[bytes]:
    """Answer as WSGI does."""
    if environ["PATH_INFO"].startswith(FLOOR):
        return _kept(environ["PATH_INFO"].removeprefix(FLOOR), start_response)
    if f"HTTP_{COUNT.upper().replace('-', '_')}" in environ:
        return _counted(environ, start_response)
    return studio(environ, start_response)


def floor_file(folder: Path, name: str) -> Path:
    """Where the bytes of an answer are kept, in a studio's data folder."""
    return folder / "bench-floor" / name


def _kept(name: str, start_response: START) -> Iterable[bytes]:
    data = floor_file(Path(settings.DATA_DIR), name).read_bytes()
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(data)))])
    return [data]


def _counted(environ: dict[str, Any], start_response: START) -> Iterable[bytes]:
    count = 0

    def add_one(execute: Callable[..., Any], *statement: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*statement)

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        return start_response(status, [*headers, (COUNT, str(count))], *rest)

    with connection.execute_wrapper(add_one):
        return studio(environ, start)
