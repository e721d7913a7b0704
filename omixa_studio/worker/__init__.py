"""The worker: claims generations, runs them in a bounded pool, and looks after everything else.

Its threads: a queue listener that hands out work, a pool for calls, and those of `loops.py`, which
renew the leases of running calls, record that the worker is alive, sweep, settle answers in the
spool, and do the chores of `chores.py`.
"""

from .calls import MOST_UNPACKING, SECONDS_OF_FEWER_CALLS, UNPACKING_BYTES, Times, Worker
from .loops import build_worker, run_worker

__all__ = [
    "MOST_UNPACKING",
    "SECONDS_OF_FEWER_CALLS",
    "UNPACKING_BYTES",
    "Times",
    "Worker",
    "build_worker",
    "run_worker",
]
