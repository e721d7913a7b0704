"""The studio's own addresses on a real server: made, fetched in parts, marked, sent along again."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from PIL import Image

from tests.api.studios import ApiStudio
from tests.factories import draw_png


@pytest.fixture
def session(studio: ApiStudio) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {studio.token}"
        yield session


def test_a_picture_goes_all_the_way(session: requests.Session, studio: ApiStudio) -> None:
    at = f"{studio.address}/api/v1"

    def made(key: str, **wanted: Any) -> dict[str, Any]:
        headers = {"Idempotency-Key": key}
        answer = session.post(f"{at}/generations?wait=30", json=wanted, headers=headers, timeout=60)
        assert answer.status_code == 202, answer.text
        [row] = answer.json()["generations"]
        assert row["state"] == "done", row
        return dict(row)

    first = made("one", model="imagen-4.0-generate-001", prompt="A harbour")["pictures"][0]
    path = f"{at}/pictures/{first['id']}"
    whole = session.get(f"{path}/file", timeout=60)
    assert Image.open(io.BytesIO(whole.content)).size == (96, 64)
    part = session.get(f"{path}/file", headers={"Range": "bytes=-9"}, timeout=60)
    assert (part.status_code, part.content) == (206, whole.content[-9:])
    assert part.headers["Content-Length"] == "9"

    kept = session.post(f"{at}/inputs", files={"image": draw_png((96, 64))}, timeout=60).json()
    edit = made(
        "two",
        model="gpt-image-1.5",
        prompt="At night",
        input_pictures=[first["id"]],
        input_uploads=[kept["id"]],
    )
    # The gateway got both.
    assert (edit["operation"], len(studio.sandbox.calls)) == ("merge", 2)

    told = session.patch(path, json={"starred": True, "tag": ["Sea"]}, timeout=60).json()
    assert (told["starred"], told["tags"]) == (True, ["Sea"])
    found = session.get(f"{at}/pictures?tag=sea&count=1", timeout=60).json()
    assert [one["id"] for one in found["pictures"]] == [first["id"]]
    after = session.get(f"{at}/pictures/{edit['pictures'][0]['id']}", timeout=60).json()
    assert {one["picture"] for one in after["made_from"]} == {first["id"], None}
