"""The documented way: a valid request and its answer."""

import time
from decimal import Decimal
from pathlib import Path

import pytest
import requests
from PIL import Image

from omixa_studio.sandbox import Sandbox
from tests.sandbox.conftest import Part, Post


def test_it_answers_in_the_documented_shape(post: Post) -> None:
    answer = post()
    assert answer.headers["Content-Type"] == "application/json"
    payload = answer.json()
    assert set(payload) == {"created", "data", "usage"}
    assert abs(payload["created"] - time.time()) < 60
    assert [set(item) for item in payload["data"]] == [{"b64_json", "url"}]
    assert payload["data"][0]["url"] is None
    assert payload["usage"] == {"billed_amount": "0.040000"}


def test_it_bills_the_list_price_for_each_picture(post: Post, sandbox: Sandbox) -> None:
    assert post(n=3).json()["usage"]["billed_amount"] == "0.120000"
    assert sandbox.billed_total == Decimal("0.12")


def test_it_bills_a_price_of_its_own_where_none_is_documented(post: Post) -> None:
    answer = post(model="gpt-image-1.5", prompt="a harbour", n=2)
    assert answer.json()["usage"]["billed_amount"] == "0.100000"


def test_it_takes_the_documented_sample_request(post: Post, part: Part, photo: Image.Image) -> None:
    answer = post(
        model="imagen-4.0-fast-generate-001",
        prompt="A premium black and white product dashboard",
        n=1,
        output_format="png",
        aspect_ratio="1:1",
        size="1K",
        input_images=[part(photo)],
    )
    assert answer.status_code == 200, answer.text


def test_it_draws_as_many_different_pictures_as_asked(post: Post) -> None:
    data = post(n=4).json()["data"]
    assert len({item["b64_json"] for item in data}) == 4


def test_it_draws_the_same_words_anew_each_time(post: Post) -> None:
    first, second = post().json(), post().json()
    assert first["data"][0]["b64_json"] != second["data"][0]["b64_json"]


def test_it_draws_the_same_pictures_after_a_new_start() -> None:
    def first_picture() -> str:
        with Sandbox() as sandbox:
            answer = requests.post(
                f"{sandbox.base_url}/images/generations",
                json={"model": "imagen-4.0-generate-001", "prompt": "rain", "size": "0.5K"},
                headers={"Authorization": f"Bearer {sandbox.key}"},
                timeout=20,
            )
            return str(answer.json()["data"][0]["b64_json"])

    assert first_picture() == first_picture()


def test_it_keeps_a_connection_for_the_next_call(sandbox: Sandbox) -> None:
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {sandbox.key}"
        for _ in range(3):
            assert session.get(f"{sandbox.base_url}/models", timeout=5).status_code == 200
        assert len(sandbox.http.open) == 1


def test_it_takes_about_the_time_it_is_told() -> None:
    with Sandbox(seconds=0.5) as sandbox:
        begun = time.monotonic()
        requests.post(
            f"{sandbox.base_url}/images/generations",
            json={"model": "imagen-4.0-generate-001", "prompt": "rain", "size": "0.5K"},
            headers={"Authorization": f"Bearer {sandbox.key}"},
            timeout=20,
        )
        assert time.monotonic() - begun >= 0.5 * 0.6


def test_it_returns_a_prepared_answer_verbatim() -> None:
    prepared = (
        b'{"created":1,"data":[{"b64_json":"QUJD","url":null}],"usage":{"billed_amount":"0.5"}}'
    )
    with Sandbox(fixed_answer=prepared) as sandbox:
        answer = requests.post(
            f"{sandbox.base_url}/images/generations",
            json={"model": "imagen-4.0-generate-001", "prompt": "rain"},
            headers={"Authorization": f"Bearer {sandbox.key}"},
            timeout=20,
        )
        assert answer.content == prepared
        assert sandbox.billed_total == Decimal("0.5")


@pytest.mark.parametrize("path", ["models", "usage/requests", "usage/rollups?period_type=day"])
def test_it_lists_models_and_usage(sandbox: Sandbox, post: Post, path: str) -> None:
    post()
    headers = {"Authorization": f"Bearer {sandbox.key}"}
    answer = requests.get(f"{sandbox.base_url}/{path}", headers=headers, timeout=5)
    assert answer.status_code == 200
    assert answer.json()["data"]


def test_it_knows_the_models_of_a_models_toml(tmp_path: Path) -> None:
    file = tmp_path / "models.toml"
    file.write_text('[models."gpt-image-9"]\nlike = "gpt-image-1.5"\nimage_price = "0.070000"\n')
    with Sandbox(models_toml=file) as sandbox:
        answer = requests.post(
            f"{sandbox.base_url}/images/generations",
            json={"model": "gpt-image-9", "prompt": "rain"},
            headers={"Authorization": f"Bearer {sandbox.key}"},
            timeout=20,
        )
        assert answer.json()["usage"]["billed_amount"] == "0.070000"
