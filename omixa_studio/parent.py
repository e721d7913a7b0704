"""How a child process notices that the supervisor stops it or has died.

Only the supervisor holds the writing end of a pipe. It closes that end to stop its children,
and the system closes it when the supervisor is killed, so one rule covers both.
"""

import os
import signal
import stat
import threading
from collections.abc import Callable

from omixa_studio import env


def end_with_parent(on_gone: Callable[[], None]) -> None:
    """Call `on_gone` once, in a thread, when the supervisor stops or has died.

    Does nothing in a process that was started by hand (no STUDIO_PARENT_FD).
    """
    handed = pipe()
    if handed is not None:
        waiting = threading.Thread(target=_wait, args=(handed, on_gone), daemon=True)
        waiting.start()


def pipe() -> int | None:
    """Return the reading end of the supervisor's pipe, None in a process started by hand."""
    return env.handed("STUDIO_PARENT_FD", stat.S_ISFIFO)


def stop_signals() -> tuple[signal.Signals, ...]:
    """Return the signals that mean "stop"; a closed terminal does not, after nohup."""
    wanted = (signal.SIGINT, signal.SIGTERM)
    if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        return wanted
    return (*wanted, signal.SIGHUP)


def _wait(handed: int, on_gone: Callable[[], None]) -> None:
    while os.read(handed, 1):
        continue
    on_gone()
