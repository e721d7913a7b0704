"""An answer of many megabytes is held once, and its pictures one at a time."""

import base64
import json
import mmap
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from omixa_studio.gateway.records import RawAnswer, ReceivedPicture
from omixa_studio.gateway.wire import iter_pictures, read_answer

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 24_000  # 6 MB
COUNT = 4


@pytest.fixture(params=["bytes", "mapped file"])
def body(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[bytes | mmap.mmap]:
    item = {"b64_json": base64.b64encode(PICTURE).decode(), "url": None}
    path = tmp_path / "answer"
    path.write_text(json.dumps({"data": [item] * COUNT, "usage": {"billed_amount": "0.16"}}))
    if request.param == "bytes":
        yield path.read_bytes()
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        yield mapped


def test_it_needs_little_memory_beside_the_body(body: bytes | mmap.mmap) -> None:
    tracemalloc.start()
    try:
        answer = read_answer(RawAnswer(200, {}, body), asked=COUNT)
        came = 0
        for picture in iter_pictures(answer):
            came += isinstance(picture, ReceivedPicture) and picture.data == PICTURE
            del picture
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert came == COUNT
    assert peak < 1.3 * len(PICTURE)


def test_it_leaves_a_mapped_file_free_to_be_closed(body: bytes | mmap.mmap) -> None:
    """No view into the map may be left over, or closing it fails."""
    answer = read_answer(RawAnswer(200, {}, body), asked=COUNT)
    assert [
        picture == ReceivedPicture(n, PICTURE, "png")
        for n, picture in enumerate(iter_pictures(answer))
    ] == [True] * COUNT
    if isinstance(body, mmap.mmap):
        body.close()
        assert body.closed
