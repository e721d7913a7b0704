"""Whatever is uploaded: a picture ready to send or one sentence, in little time and memory."""

import io
import json
import random
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from omixa_studio.services.decoding import prepare, prepare_mask
from omixa_studio.services.pixels import ImageRefused
from tests.factories import make_person
from tests.fuzz import uploads

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

COUNT, SEED = 5000, 20260601
MOST_SECONDS, MOST_MEGABYTES = 5, 600
FILES = uploads.originals(random.Random(SEED))


def fed(*arguments: str) -> dict[str, Any]:
    """What a process of its own met with these uploads."""
    command = [sys.executable, "-m", "tests.fuzz.uploads", *arguments]
    done = subprocess.run(command, capture_output=True, timeout=400, check=True, text=True)
    return dict(json.loads(done.stdout))


def check(met: dict[str, Any]) -> None:
    assert met["faults"] == []
    assert met["slowest"] < MOST_SECONDS
    assert met["megabytes"] < MOST_MEGABYTES


@pytest.mark.slow
def test_it_takes_or_refuses_five_thousand_uploads() -> None:
    met = fed(str(COUNT), str(SEED))
    check(met)
    assert met["taken"] + met["refused"] == COUNT
    # Both ways are walked often, else the generator would prove nothing.
    assert met["taken"] > COUNT / 10
    assert met["refused"] > COUNT / 3


@pytest.mark.slow
def test_it_unpacks_the_largest_pictures_within_bounds(tmp_path: Path) -> None:
    uploads.bombs(tmp_path)
    files = sorted(map(str, tmp_path.iterdir()))
    met = fed("files", *files)
    check(met)
    assert (met["taken"], met["refused"]) == (8, 5)


def test_it_takes_honest_files_of_every_kind() -> None:
    sentences = [sentence(prepare, data) for data in FILES]
    assert sentences[:-3] == [""] * len(FILES[:-3])
    assert all(sentences[-3:])


def sentence(use: Callable[[io.BytesIO], object], data: bytes) -> str:
    """Why a file is refused; "" where it is taken."""
    try:
        assert use(io.BytesIO(data))
    except ImageRefused as refusal:
        return str(refusal)
    return ""


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_it_refuses_or_takes_what_hypothesis_thinks_of(data: st.DataObject) -> None:
    file = bytearray(data.draw(st.sampled_from(FILES)))
    for _ in range(data.draw(st.integers(0, 4))):
        start = data.draw(st.integers(0, len(file)))
        file[start : start + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=40))
    for use in (prepare, partial(prepare_mask, size=(70, 80))):
        assert sentence(use, bytes(file)).rstrip(".").count(". ") == 0


@pytest.mark.django_db
def test_it_answers_hundreds_over_http_without_a_fault(client: Client) -> None:
    client.force_login(make_person())
    answers = set()
    for number, data in enumerate(uploads.cases(240, SEED + 1)):
        file = SimpleUploadedFile(f"{number}.png", data, "image/png")
        path = "/references/" if number % 4 else "/generations/"
        form = {"file": file} if number % 4 else {"model": "gpt-image-1.5", "input_images": file}
        answers.add(client.post(path, form | {"prompt": "x"}).status_code)
    assert answers <= {200, 303, 422}
    assert len(answers) == 3
