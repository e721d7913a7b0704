"""The command `sandbox`: serve until a signal comes or the parent is gone."""

import argparse
import errno
import fcntl
import math
import os
import re
import signal
import stat
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from omixa_studio.catalogue import CatalogueError, load_catalogue

from .server import Sandbox

ENDING = {signal.SIGTERM, signal.SIGINT}
TAKEN = {errno.EADDRINUSE, errno.EACCES}
PORT, HIGHEST_PORT = re.compile(r"[0-9]{1,5}"), 65535
MOST_SECONDS = 86_400


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until a signal, or under a supervisor until it closes its pipe. 0 after a clean
    end, 2 when it could not start."""
    options = parser().parse_args(argv)
    try:
        # A studio hands over its own file, which may be made or mended later.
        if options.models_toml and options.parent_pipe is None:
            refuse_mistakes(options.models_toml)
        answer = options.answer_file.read_bytes() if options.answer_file else None
        sandbox = Sandbox(
            key=options.key,
            more_keys=options.more_key,
            seconds=options.seconds,
            models_toml=options.models_toml,
            host=options.host,
            port=options.port,
            fixed_answer=answer,
            keep_bodies=False,
        )
    except CatalogueError as error:
        print(f"The sandbox cannot start: {error}", file=sys.stderr)
        return 2
    except (OSError, TypeError) as error:  # a TypeError where the host is no name at all
        print(f"The sandbox cannot start: {reason(error, options)}", file=sys.stderr)
        return 2
    serve(sandbox, options.parent_pipe)
    return 0


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        prog="sandbox", description="A stand-in for the Omixa gateway; nothing is billed."
    )
    found.add_argument("--host", default="127.0.0.1")
    found.add_argument("--port", type=port, default=0, help="0 picks a free port")
    found.add_argument("--key", default="sandbox", help="the API key it accepts")
    found.add_argument(
        "--more-key", action="append", default=[], help="another key it accepts; may be repeated"
    )
    found.add_argument("--models-toml", type=Path, help="changes to the built-in catalogue")
    found.add_argument("--seconds", type=seconds, default=1.5, help="usual time of a call")
    found.add_argument("--answer-file", type=Path, help="JSON body returned to every valid call")
    found.add_argument("--parent-pipe", type=pipe, metavar="FD", help="end when it reaches EOF")
    return found


def refuse_mistakes(models_toml: Path) -> None:
    """Raises OSError where the file cannot be read, CatalogueError for a mistake in it."""
    models_toml.read_bytes()
    if problems := load_catalogue(models_toml).problems:
        raise CatalogueError("; ".join(problem.line for problem in problems))


def port(text: str) -> int:
    """Read the number of a port."""
    if not PORT.fullmatch(text) or int(text) > HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to {HIGHEST_PORT}")
    return int(text)


def seconds(text: str) -> float:
    """Read a time that one can wait."""
    try:
        read = float(text)
    except ValueError:
        read = math.nan
    if not 0 <= read <= MOST_SECONDS:  # which holds for no "nan" either
        raise argparse.ArgumentTypeError(f"must be a number of seconds from 0 to {MOST_SECONDS}")
    return read


def pipe(text: str) -> int:
    """Read the number of a pipe's reading end that was handed to this process."""
    try:
        handed = int(text)
        is_pipe = stat.S_ISFIFO(os.fstat(handed).st_mode)
        reads = fcntl.fcntl(handed, fcntl.F_GETFL) & os.O_ACCMODE != os.O_WRONLY
    except (ValueError, OverflowError, OSError):
        is_pipe = reads = False
    if not (is_pipe and reads):
        raise argparse.ArgumentTypeError("must be the reading end of a pipe, as its number")
    return handed


def reason(error: OSError | TypeError, options: argparse.Namespace) -> str:
    """One sentence about why it did not start."""
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename} cannot be read ({error.strerror})."
    if isinstance(error, OSError) and error.errno in TAKEN:
        return f"port {options.port} on {options.host} is not free ({error.strerror})."
    why = error.strerror if isinstance(error, OSError) else error
    return f"{options.host} is no address to listen on ({why})."


def serve(sandbox: Sandbox, parent_pipe: int | None) -> None:
    # Blocked before the first thread starts, so that only sigwait below takes them: a handler
    # would need the main thread to wake up, which another thread's signal does not promise.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    if parent_pipe is not None:
        threading.Thread(target=watch, args=(parent_pipe,), daemon=True).start()
    with sandbox:
        print(f"listening on {sandbox.base_url}", flush=True)
        signal.sigwait(ENDING)


def watch(pipe: int) -> None:
    """End this process when the other end of the pipe is gone."""
    while os.read(pipe, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
