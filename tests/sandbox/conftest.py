"""A running sandbox, and the few ways of talking to it."""

import base64
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from PIL import Image

from omixa_studio.sandbox import Sandbox

# The functions that the fixtures of these names give.
Post = Callable[..., requests.Response]
Opened = Callable[..., Image.Image]
Part = Callable[..., dict[str, Any]]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def post(sandbox: Sandbox) -> Post:
    """Send a paid request with these fields; a small Imagen picture unless they say otherwise."""

    def send(**fields: Any) -> requests.Response:
        body = {"model": "imagen-4.0-generate-001", "prompt": "a quiet harbour", "size": "0.5K"}
        if "model" in fields:
            body = {}
        return requests.post(
            f"{sandbox.base_url}/images/generations",
            json=body | fields,
            headers={"Authorization": f"Bearer {sandbox.key}"},
            allow_redirects=False,
            timeout=20,
        )

    return send


@pytest.fixture
def opened() -> Opened:
    """Decode picture number i of an answer."""

    def read(answer: requests.Response, index: int = 0) -> Image.Image:
        assert answer.status_code == 200, answer.text
        data = base64.b64decode(answer.json()["data"][index]["b64_json"], validate=True)
        image = Image.open(io.BytesIO(data))
        image.load()
        return image

    return read


@pytest.fixture
def part() -> Part:
    """An image part in the documented shape, from a Pillow picture."""

    def make(image: Image.Image, name: str = "PNG") -> dict[str, Any]:
        out = io.BytesIO()
        image.save(out, name, compress_level=1)
        text = base64.b64encode(out.getvalue()).decode()
        url = f"data:image/{name.lower()};base64,{text}"
        return {"type": "image_url", "image_url": {"url": url}}

    return make


@pytest.fixture
def photo() -> Image.Image:
    """A source of two colours with a disc in the middle."""
    image = Image.new("RGB", (320, 240), (200, 210, 220))
    image.paste((180, 40, 30), (110, 70, 210, 170))
    return image
