"""The command `sandbox`: serve until a signal comes or the parent is gone."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from .server import Sandbox

ENDING = {signal.SIGTERM, signal.SIGINT}


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until a signal, or under a supervisor until it closes its pipe. 0 after a clean
    end, 2 when it could not start."""
    options = parser().parse_args(argv)
    try:
        answer = options.answer_file.read_bytes() if options.answer_file else None
        sandbox = Sandbox(
            key=options.key,
            seconds=options.seconds,
            models_toml=options.models_toml,
            host=options.host,
            port=options.port,
            fixed_answer=answer,
            keep_bodies=False,
        )
    except (OSError, OverflowError) as error:
        print(f"The sandbox cannot start: {reason(error, options)}", file=sys.stderr)
        return 2
    serve(sandbox, options.parent_pipe)
    return 0


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        prog="sandbox", description="A stand-in for the Omixa gateway; nothing is billed."
    )
    found.add_argument("--host", default="127.0.0.1")
    found.add_argument("--port", type=int, default=0, help="0 takes a free one")
    found.add_argument("--key", default="sandbox", help="the API key it accepts")
    found.add_argument("--models-toml", type=Path, help="changes to the built-in catalogue")
    found.add_argument("--seconds", type=float, default=1.5, help="usual time of a call")
    found.add_argument("--answer-file", type=Path, help="JSON body returned to every valid call")
    found.add_argument("--parent-pipe", type=int, metavar="FD", help="end when it reaches EOF")
    return found


def reason(error: Exception, options: argparse.Namespace) -> str:
    """One sentence about why it did not start."""
    if isinstance(error, OSError) and error.filename is None:
        return f"port {options.port} on {options.host} is not free ({error.strerror})."
    return f"{error}."


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
