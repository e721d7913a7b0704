"""A group of child processes: started by the supervisor, stopped by closing one pipe."""

import math
import os
import signal
import subprocess
import sys
import threading
import time
from queue import Empty, SimpleQueue
from typing import IO

from omixa_studio import env

# A SIGTERM to the whole group arrives twice: make forwards its own to us.
ECHO_SECONDS = 0.5
SECONDS_AT_ONCE = 5
# CPython can miss one of two signals that arrive together, so every wait is short.
SECONDS_ASLEEP = 0.5


class Events:
    """A queue of events: a signal's number, or the name of a process that ended."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[int | str] = SimpleQueue()

    def put(self, event: int | str) -> None:
        self._queue.put(event)

    def take(self, seconds: float = math.inf) -> int | str | None:
        """Return the next event, or None after the given seconds."""
        deadline = time.monotonic() + seconds
        while True:
            left = max(0, deadline - time.monotonic())
            try:
                return self._queue.get(timeout=min(left, SECONDS_ASLEEP))
            except Empty:
                if not left:
                    return None


class Family:
    """Python child processes that end when we close their pipe or exit."""

    def __init__(self, events: Events) -> None:
        self.pipe, self._our_end = os.pipe()
        self._events = events
        self._members: list[subprocess.Popen[str]] = []

    def start(
        self,
        name: str,
        arguments: list[str],
        *,
        told: dict[str, str],
        handed: tuple[int, ...] = (),
        stdout: int | None = None,
    ) -> IO[str] | None:
        """Start Python with these arguments; when it ends, an event is queued.

        `told` is added to its environment; `handed` are the open files it inherits.
        """
        process = subprocess.Popen(  # noqa: S603 (our own commands)
            [sys.executable, *arguments],
            cwd=env.PROJECT,
            env=env.for_child(STUDIO_PARENT_FD=str(self.pipe), **told),
            pass_fds=(self.pipe, *handed),
            stdout=stdout,
            text=True,
        )
        self._members.append(process)
        threading.Thread(target=self._report_the_end, args=(name, process), daemon=True).start()
        return process.stdout

    def stop(self, seconds: float) -> None:
        """Ask all processes to stop; kill them after the given seconds or on a second signal."""
        os.close(self._our_end)
        if self._all_end(seconds):
            return
        for number in (signal.SIGQUIT, signal.SIGKILL):
            for process in self._members:
                process.send_signal(number)
            if self._all_end(SECONDS_AT_ONCE):
                return

    def _report_the_end(self, name: str, process: subprocess.Popen[str]) -> None:
        process.wait()
        self._events.put(name)

    def _all_end(self, seconds: float) -> bool:
        """Wait until all have ended; return False on a timeout or a signal."""
        began = time.monotonic()
        while any(process.returncode is None for process in self._members):
            event = self._events.take(began + seconds - time.monotonic())
            late = time.monotonic() - began > ECHO_SECONDS
            if event is None or (isinstance(event, int) and late):
                return False
        return True


def reason_to_stop(events: Events) -> str:
    """Wait for an event; return the name of a process that ended by itself, "" for a signal."""
    event = events.take()
    # A signal to the whole group may end a child before it reaches us.
    while isinstance(event, str) and (later := events.take(ECHO_SECONDS)) is not None:
        event = later if isinstance(later, int) else event
    return event if isinstance(event, str) else ""
