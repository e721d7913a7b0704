"""Children of a measurement: started in a data folder of their own, watched through /proc."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
OURS = ("STUDIO_", "OMIXA_", "DATABASE_URL", "QUEUE_URL", "STORAGE_URL", "DJANGO_")
TICKS = os.sysconf("SC_CLK_TCK")
MIB = 2**20


@contextmanager
def child(
    arguments: Sequence[str], told: dict[str, str], log: Path
) -> Iterator["subprocess.Popen[str]"]:
    """Run Python with these arguments until the end of the block; its words go to a file."""
    with log.open("a", encoding="utf-8") as words:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=PROJECT,
            env=environment(told),
            stdout=words,
            stderr=words,
            text=True,
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def environment(told: dict[str, str]) -> dict[str, str]:
    """The environment without anything that configures a studio, and then what is told."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return {**plain, **told}


def run(arguments: Sequence[str], told: dict[str, str]) -> str:
    """Run Python to its end; return what it printed. Raises CalledProcessError."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=environment(told),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def wait_until(true: Callable[[], object], seconds: float = 60.0, step: float = 0.02) -> None:
    """Return as soon as `true()` holds; raise TimeoutError after so many seconds."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} seconds")
        time.sleep(step)


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(one for found in children for one in family(int(found)))]


def cpu_seconds(pid: int) -> float:
    """CPU time of a process and its descendants so far, in seconds."""
    return sum(_cpu_of(one) for one in family(pid))


def proportional_mib(pid: int) -> float:
    """Resident memory of one process in MiB, shared pages divided among who shares them."""
    return _kib(f"/proc/{pid}/smaps_rollup", "Pss:") / 1024


def resident_mib(pid: int) -> float:
    """Resident memory of one process now, in MiB."""
    return _kib(f"/proc/{pid}/status", "VmRSS:") / 1024


def peak_mib(pid: int) -> float:
    """The most resident memory that one process had since `forget_peak`, in MiB."""
    return _kib(f"/proc/{pid}/status", "VmHWM:") / 1024


def forget_peak(pid: int) -> None:
    """Let the peak of a process begin anew."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def command_of(pid: int) -> str:
    """The command line of a process."""
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def _cpu_of(pid: int) -> float:
    # The name in brackets may hold spaces; utime and stime are the 12th and 13th after it.
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _kib(path: str, name: str) -> float:
    lines = Path(path).read_text(encoding="ascii").splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(name))
