"""Programs run to their end by tests: nothing that they started stays, and no test waits for it."""

import os
import time

from tests.servers import run_whole

LEAVES_A_CHILD = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print("child", child.pid, flush=True)
"""


def test_what_failed_is_told_though_a_child_of_it_holds_the_line() -> None:
    began = time.monotonic()
    code, told = run_whole(["-c", LEAVES_A_CHILD + "raise SystemExit('it failed')"], os.environ)
    assert (code, "it failed" in told) == (1, True), told
    assert time.monotonic() - began < 45
    assert is_gone(int(told.split()[1]))


def test_what_takes_too_long_ends_with_all_its_children() -> None:
    endless = LEAVES_A_CHILD + "import time; time.sleep(60)"
    code, told = run_whole(["-c", endless], os.environ, seconds=5)
    assert code < 0, told
    assert is_gone(int(told.split()[1]))


def is_gone(pid: int) -> bool:
    for _try in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        # A child whose parent has ended is taken up by the system, now or a little later.
        time.sleep(0.1)
    return False
