"""The threads of the worker's process, each of which repeats its works, and the signals to stop."""

import logging
import os
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import Error as AnyDatabaseError
from django.db import close_old_connections, connection
from django.db.backends.signals import connection_created

from omixa_studio import database_file, heap, jobs, parent, tasks
from omixa_studio.services import gateway_secrets

from . import chores
from .calls import SECONDS_ASLEEP, Times, Worker
from .webhooks import Courier

log = logging.getLogger(__name__)

SECONDS_BETWEEN_EMPTYING = 3600.0
SECONDS_BETWEEN_COMPARING = 3600.0
SECONDS_BETWEEN_MAILS = 60.0
# How often it is asked whether the bill is to be compared, and what the wallet should hold.
SECONDS_BETWEEN_LOOKS = 60.0
# A thread that rests longer gives its connection back: a server has few.
SECONDS_TO_KEEP_A_CONNECTION = 30.0
# A work that fails rests for longer each time, up to this; leases must be renewed in time.
MOST_SECONDS_AFTER_FAILURES = 5.0

QUICK = (
    chores.carry_on,
    chores.add_up_costs,
    chores.merge_counts,
    chores.watch_wallet,
)
COMPARING = (chores.compare_counts, chores.compare_totals, chores.compare_balances)


@dataclass(frozen=True)
class Loop:
    """Works of one thread, done one after the other, again and again after so many seconds."""

    works: Sequence[Callable[[Worker], None]]
    seconds: float


def loops_of(times: Times) -> list[Loop]:
    """Return what the worker repeats until it is to stop.

    What can wait shares a thread: each has a connection of its own, and a server has few.
    """
    loops = [
        Loop([Worker.be_seen], times.seen),
        Loop([Worker.sweep], times.sweep),
        # In their own threads: slow downloads or a slow bucket must not delay the sweep.
        Loop([Worker.settle], times.sweep),
        Loop([chores.work_in_background], 0),  # it waits by itself, until it is woken
        Loop([chores.empty], SECONDS_BETWEEN_EMPTYING),
        Loop([chores.look_at_money], SECONDS_BETWEEN_LOOKS),
        Loop(QUICK, times.sweep),
        Loop(COMPARING, SECONDS_BETWEEN_COMPARING),
    ]
    if settings.BACKUP_DIR:  # in its own thread: the first backup may take hours
        loops.append(Loop([chores.back_up], SECONDS_BETWEEN_LOOKS))
    if settings.MAIL.host:
        loops.append(Loop([chores.mail], SECONDS_BETWEEN_MAILS))
    return loops


def build_worker(*, threads: int, times: Times) -> Worker:
    """Build the worker that the settings describe."""
    return Worker(
        threads=threads,
        times=times,
        target=settings.GATEWAY_TARGET,
        gateway=tasks.build_gateway(),
    )


def run_worker(worker: Worker) -> None:
    """Work until a signal to stop; a second signal ends the process at once."""
    heap.keep_for_pictures()
    _stop_on_signals(worker)
    connection_created.connect(worker.doubt)
    worker.compare()
    database_file.note()
    gateway_secrets.learn()
    stop_listening = _listen(worker)
    # Leases are renewed until the end: calls in flight continue while the worker stops.
    _start(worker, Loop([Worker.renew], worker.times.renew), until=worker.stopped)
    # What is being sent is noted until the end, too.
    _start(worker, Loop([Courier().deliver], worker.times.webhooks), until=worker.stopped)
    for loop in loops_of(worker.times):
        _start(worker, loop, until=worker.stopping)
    log.info("The worker runs up to %s calls at a time for %s.", worker.threads, worker.target)
    # CPython can miss one of two signals that arrive together, so every wait is short.
    while not worker.stopping.wait(SECONDS_ASLEEP):
        continue
    stop_listening()
    worker.stop()
    # Exit although threads may still wait for an answer: their rows are settled.
    os._exit(0)


def _stop_on_signals(worker: Worker) -> None:
    came: list[int] = []

    def on_signal(number: int, _frame: object) -> None:
        if came or number == signal.SIGQUIT:
            os._exit(1)
        came.append(number)
        worker.stopping.set()

    # The supervisor sends SIGQUIT to stop at once.
    for number in (*parent.stop_signals(), signal.SIGQUIT):
        signal.signal(number, on_signal)
    # Ctrl+C arrives as a signal and also, before or after, this way: only signals are counted.
    parent.end_with_parent(worker.stopping.set)


def _listen(worker: Worker) -> Callable[[], None]:
    def on_wake() -> None:
        worker.woken.set()
        try:
            worker.hand_out()
        except AnyDatabaseError:
            log.exception("The database did not answer; the next sweep tries again.")
            close_old_connections()

    return jobs.listen(on_wake)


def _start(worker: Worker, loop: Loop, *, until: threading.Event) -> None:
    threading.Thread(target=_repeat, args=(worker, loop, until), daemon=True).start()


def _repeat(worker: Worker, loop: Loop, until: threading.Event) -> None:
    failures = 0
    while not until.is_set():
        done = [_try(work, worker) for work in loop.works]
        failures = 0 if all(done) else failures + 1
        if loop.seconds >= SECONDS_TO_KEEP_A_CONNECTION:
            connection.close()
        until.wait(max(loop.seconds, min(failures, MOST_SECONDS_AFTER_FAILURES)))
    connection.close()


def _try(work: Callable[[Worker], None], worker: Worker) -> bool:
    """Do a work; return whether it succeeded."""
    try:
        work(worker)
    except Exception:  # without its thread, leases would expire or rows stay open
        if not database_file.is_replaced():  # the next sweep logs that
            log.exception("The worker's %s failed; it will be retried.", work.__name__)
        close_old_connections()
        return False
    return True
