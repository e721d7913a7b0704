"""Large pictures at once are unpacked within a bound, which a process gives back."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from omixa_studio.worker import MOST_UNPACKING, UNPACKING_BYTES
from tests.servers import PROJECT

pytestmark = pytest.mark.slow

COUNT, MOST_AT_PEAK, MOST_AFTER = 12, 600, 100
# What the worker may have at most, and as many answers as it unpacks at a time.
MOST_OF_WORKER, ANSWERS = 900, MOST_UNPACKING
PROGRAM = """
import gc, json, re, sys, threading
from pathlib import Path
from omixa_studio import heap
heap.keep_for_pictures()
from omixa_studio.services import decoding, reading, renditions
from omixa_studio.services.space import Space
reading.SECONDS_TO_WAIT = 200

def mib(name):
    return int(re.search(name + r":\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

def upload():
    with open(sys.argv[1], "rb") as file:
        decoding.prepare(file)

def answer():
    size = Path(sys.argv[1]).stat().st_size
    # In an answer it is base64, of which every byte stays in memory as well.
    with turns.taken(size * 4 // 3):
        body = b"A" * (size * 4 // 3)
        renditions.render(Path(sys.argv[1]).read_bytes(), sys.argv[2])

before = mib("VmRSS")
work = answer if sys.argv[2] else upload
turns = Space(int(sys.argv[4]), turns=int(sys.argv[3]))
threads = [threading.Thread(target=work) for _ in range(int(sys.argv[3]))]
for thread in threads: thread.start()
for thread in threads: thread.join()
gc.collect()
print(json.dumps([before, mib("VmHWM"), mib("VmRSS")]))
"""


def measured(path: Path, kind: str, count: int) -> tuple[float, float, float]:
    """MiB before, at the peak and after so many pictures at once; uploads have no kind."""
    command = [sys.executable, "-c", PROGRAM, str(path), kind, str(count), str(UNPACKING_BYTES)]
    said = subprocess.run(command, cwd=PROJECT, capture_output=True, timeout=250, check=True)
    before, peak, after = json.loads(said.stdout)
    return before, peak, after


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the peak.")
@pytest.mark.parametrize("kind", ["a.jpg", "a.png"])
def test_it_bounds_and_gives_back_the_memory_of_uploads(tmp_path: Path, kind: str) -> None:
    path = tmp_path / kind
    Image.new("RGB", (8000, 6200), (200, 30, 40)).save(path)
    before, peak, after = measured(path, "", COUNT)
    assert peak - before < MOST_AT_PEAK
    assert after - before < MOST_AFTER


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the peak.")
@pytest.mark.parametrize("kind", ["jpeg", "webp", "tiff"])
def test_it_bounds_the_memory_of_answers(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    image = Image.new("RGBA" if kind == "webp" else "RGB", (8000, 6200), (200, 30, 40))
    # Each kind takes the words it knows: what takes most memory, and little time.
    image.save(path, progressive=True, lossless=True, method=0)
    _, peak, _ = measured(path, kind, ANSWERS)
    assert peak < MOST_OF_WORKER
