"""It keeps the memory of one picture for the next, where the C library is glibc."""

import os
import platform
import subprocess
import sys

import pytest

from tests.servers import PROJECT

PICTURES = 40
PROGRAM = f"""
import resource, sys
from omixa_studio import heap
if sys.argv[1] == "kept":
    heap.keep_for_pictures()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range({PICTURES}):
    bytearray(4 * 2**20)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def page_faults(mode: str) -> int:
    command = [sys.executable, "-c", PROGRAM, mode]
    return int(subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, check=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has mallopt.")
def test_it_hands_the_same_memory_to_one_picture_after_the_other() -> None:
    # glibc by itself begins to keep such blocks too, but only after it has given some back.
    assert page_faults("kept") < 1.5 * 1024
    assert page_faults("kept") <= page_faults("usual")


def test_it_can_be_asked_for_on_any_system() -> None:
    assert page_faults("kept") >= 0


def test_the_web_server_never_looks_through_what_was_loaded_at_its_start() -> None:
    started = """
import gc
from django import setup
from omixa_studio import webserver
setup()
webserver.post_worker_init(None)
print(gc.get_freeze_count())
"""
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "omixa_studio.settings"}
    command = [sys.executable, "-c", started]
    told = subprocess.run(command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, check=True)
    assert int(told.stdout) > 50_000
