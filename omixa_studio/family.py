"""Processes that belong together: started from one place, asked to end by one pipe."""

import os
import signal
import subprocess
import sys
import threading
import time
from queue import Empty, SimpleQueue
from typing import IO

from omixa_studio import env

# The number of a signal that came, or the name of a process that ended.
Events = SimpleQueue[int | str]

# make hands on a SIGTERM that a service manager has sent to the whole group already.
ECHO_SECONDS = 0.5
SECONDS_AT_ONCE = 5


class Family:
    """Python processes of ours that end when we close their pipe, or are gone."""

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
        """Start Python with these arguments; its end becomes an event.

        `told` is added to its environment, `handed` are open files it inherits.
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
        """Ask all to end; after so many seconds, or a second signal, make them end."""
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
        """Wait until all have ended; False when the time is over or a signal comes."""
        began = time.monotonic()
        while any(process.returncode is None for process in self._members):
            try:
                event = self._events.get(timeout=max(0, began + seconds - time.monotonic()))
            except Empty:
                return False
            if isinstance(event, int) and time.monotonic() - began > ECHO_SECONDS:
                return False
        return True


def reason_to_stop(events: Events) -> str:
    """Wait for one; return the name of a process that ended by itself, "" after a signal."""
    event = events.get()
    if isinstance(event, int):
        return ""
    # A signal to the whole group may have ended that process before it came to us.
    time.sleep(ECHO_SECONDS)
    while not events.empty():
        if isinstance(events.get(), int):
            return ""
    return event
