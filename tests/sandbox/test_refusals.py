"""What is refused, and that every refusal comes in the documented envelope."""

import pytest
import requests
from PIL import Image

from omixa_studio.sandbox import Sandbox
from tests.sandbox.conftest import Part, Post

IMAGEN = "imagen-4.0-generate-001"
UPSCALER = "stability-upscale-creative"


def envelope(answer: requests.Response) -> dict[str, str]:
    """The inside of a documented error; fails on any other shape."""
    assert answer.headers["Content-Type"] == "application/json"
    error = answer.json()["error"]
    assert set(answer.json()) == {"error"}
    assert set(error) == {"message", "type", "code"}
    assert all(isinstance(text, str) and text for text in error.values())
    return dict(error)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer wrong", "Basic omx_live_sandbox"])
def test_it_refuses_a_missing_or_wrong_key(sandbox: Sandbox, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    for method, path in (("POST", "images/generations"), ("GET", "models")):
        answer = requests.request(
            method, f"{sandbox.base_url}/{path}", headers=headers, json={}, timeout=5
        )
        assert answer.status_code == 401
        assert envelope(answer)["code"] == "invalid_api_key"


def test_it_refuses_another_content_type(sandbox: Sandbox) -> None:
    answer = requests.post(
        f"{sandbox.base_url}/images/generations",
        data="model=x",
        headers={"Authorization": f"Bearer {sandbox.key}", "Content-Type": "text/plain"},
        timeout=5,
    )
    assert answer.status_code == 415
    envelope(answer)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff"])
def test_it_refuses_what_is_no_json_object(sandbox: Sandbox, body: bytes) -> None:
    answer = requests.post(
        f"{sandbox.base_url}/images/generations",
        data=body,
        headers={"Authorization": f"Bearer {sandbox.key}", "Content-Type": "application/json"},
        timeout=5,
    )
    assert answer.status_code == 422
    envelope(answer)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"model": None, "prompt": "x"}, "model"),
        ({"model": IMAGEN}, "Prompt"),
        ({"model": IMAGEN, "prompt": ""}, "Prompt"),
        ({"model": IMAGEN, "prompt": "x", "stream": True}, "stream"),
        ({"model": IMAGEN, "prompt": "x", "n": 11}, "10"),
        ({"model": IMAGEN, "prompt": "x", "n": 0}, "1"),
        ({"model": IMAGEN, "prompt": "x", "n": "2"}, ""),
        ({"model": IMAGEN, "prompt": "x", "n": True}, ""),
        ({"model": IMAGEN, "prompt": "x", "aspect_ratio": "2:1"}, "16:9"),
        ({"model": IMAGEN, "prompt": "x", "mask": "data:image/png;base64,AAAA"}, "mask"),
        ({"model": IMAGEN, "prompt": "x", "input_images": "none"}, "input_images"),
        ({"model": UPSCALER, "prompt": "x"}, ""),
        ({"model": "stability-remove-background", "prompt": "x", "input_images": []}, ""),
    ],
)
def test_it_refuses_what_the_page_of_the_model_does_not_list(
    post: Post, fields: dict[str, object], words: str
) -> None:
    answer = post(**fields)
    assert answer.status_code == 422
    assert words in envelope(answer)["message"]


def test_it_does_not_know_other_models(post: Post) -> None:
    answer = post(model="Imagen-4.0-Generate-001", prompt="x")
    assert answer.status_code == 404
    assert envelope(answer)["code"] == "model_not_found"


def test_it_refuses_a_model_that_the_key_may_not_use() -> None:
    with Sandbox(closed={IMAGEN}) as sandbox:
        answer = requests.post(
            f"{sandbox.base_url}/images/generations",
            json={"model": IMAGEN, "prompt": "x"},
            headers={"Authorization": f"Bearer {sandbox.key}"},
            timeout=5,
        )
    assert answer.status_code == 403
    envelope(answer)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("GET", "images/generations"), ("POST", "images/edits"), ("DELETE", "models")],
)
def test_it_has_nothing_elsewhere(sandbox: Sandbox, method: str, path: str) -> None:
    headers = {"Authorization": f"Bearer {sandbox.key}"}
    answer = requests.request(method, f"{sandbox.base_url}/{path}", headers=headers, timeout=5)
    assert answer.status_code == 404
    envelope(answer)


def url_part(url: object) -> dict[str, object]:
    return {"type": "image_url", "image_url": {"url": url}}


@pytest.mark.parametrize(
    "wrong",
    [
        "data:image/png;base64,AAAA",
        url_part("https://example.com/cat.png"),
        url_part(None),
        url_part("data:image/png;base64,AAAA"),
        url_part("data:image/png;base64,not base64"),
        url_part("data:image/gif;base64,R0lGODlhAQABAAAAACw="),
        {"type": "image", "image_url": {"url": ""}},
        {"type": "image_url", "url": ""},
        {"type": "image_url", "image_url": {"url": "", "detail": "high"}},
    ],
)
def test_it_refuses_an_input_in_another_shape(post: Post, wrong: object) -> None:
    answer = post(model="gpt-image-1.5", prompt="x", input_images=[wrong])
    assert answer.status_code == 422
    assert "input_images[0]" in envelope(answer)["message"]


def test_it_refuses_a_picture_under_a_false_type(
    post: Post, part: Part, photo: Image.Image
) -> None:
    lie = part(photo, "JPEG")
    lie["image_url"]["url"] = lie["image_url"]["url"].replace("image/jpeg", "image/png")
    answer = post(model="gpt-image-1.5", prompt="x", input_images=[lie])
    assert answer.status_code == 422
    assert "PNG" in envelope(answer)["message"]


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (Image.new("RGBA", (10, 10)), "size"),
        (Image.new("RGB", (320, 240)), "alpha"),
    ],
)
def test_it_refuses_a_mask_that_does_not_fit(
    post: Post, part: Part, photo: Image.Image, mask: Image.Image, words: str
) -> None:
    answer = post(model="gpt-image-1.5", prompt="x", input_images=[part(photo)], mask=part(mask))
    assert answer.status_code == 422
    assert words in envelope(answer)["message"]


def test_it_charges_nothing_for_a_refusal(post: Post, sandbox: Sandbox) -> None:
    post(model="nothing", prompt="x")
    assert sandbox.billed_total == 0
    assert [call.answered for call in sandbox.calls] == [False]
