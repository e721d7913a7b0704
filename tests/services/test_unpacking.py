"""Twelve large pictures at once are unpacked within a bound, which a process gives back."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.servers import PROJECT

pytestmark = pytest.mark.slow

COUNT, MOST_AT_PEAK, MOST_AFTER = 12, 600, 100
PROGRAM = f"""
import gc, json, re, sys, threading
from pathlib import Path
from omixa_studio import heap
heap.keep_for_pictures()
from omixa_studio.services import decoding, reading
reading.SECONDS_TO_WAIT = 200

def mib(name):
    return int(re.search(name + r":\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

def upload():
    with open(sys.argv[1], "rb") as file:
        decoding.prepare(file)

before = mib("VmRSS")
threads = [threading.Thread(target=upload) for _ in range({COUNT})]
for thread in threads: thread.start()
for thread in threads: thread.join()
gc.collect()
print(json.dumps([mib("VmHWM") - before, mib("VmRSS") - before]))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the peak.")
@pytest.mark.parametrize("kind", ["a.jpg", "a.png"])
def test_it_bounds_and_gives_back_the_memory_of_uploads(tmp_path: Path, kind: str) -> None:
    path = tmp_path / kind
    Image.new("RGB", (8000, 6200), (200, 30, 40)).save(path)
    command = [sys.executable, "-c", PROGRAM, str(path)]
    said = subprocess.run(command, cwd=PROJECT, capture_output=True, timeout=150, check=True)
    peak, after = json.loads(said.stdout)
    assert peak < MOST_AT_PEAK
    assert after < MOST_AFTER
