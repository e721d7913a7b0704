"""Fields of OpenAI's images API: honoured, harmless or refused by name, never dropped."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.utils.datastructures import MultiValueDict

from omixa_studio.catalogue import load_catalogue
from omixa_studio.forms.api_files import files_in
from omixa_studio.forms.api_images import FieldRefused, ImagesBody, choose, read_body, texts_in
from omixa_studio.forms.generation import Asked

CATALOGUE = load_catalogue(None)
GPT, IMAGEN = "gpt-image-1.5", "imagen-4.0-fast-generate-001"


def body(
    given: Mapping[str, Any],
    *files: tuple[str, bytes],
    is_edit: bool = False,
    is_text: bool = False,
) -> ImagesBody:
    sent: MultiValueDict[str, UploadedFile[bytes]] = MultiValueDict()
    for name, data in files:
        sent.appendlist(name, SimpleUploadedFile("a.png", data))
    fields = {"model": GPT, "prompt": "A cat", **given}
    return read_body(fields, sent, is_edit=is_edit or bool(files), is_text=is_text)


def chosen(one: ImagesBody) -> Asked:
    return choose(one, CATALOGUE, CATALOGUE.models[GPT], upload_bytes=2**20)


def refused(given: Mapping[str, Any], *files: tuple[str, bytes], **more: Any) -> tuple[Any, str]:
    with pytest.raises(FieldRefused) as refusal:
        chosen(body(given, *files, **more))
    return refusal.value.param, refusal.value.code


@pytest.mark.parametrize(
    "given",
    [
        {"n": 1, "response_format": "b64_json", "stream": False, "partial_images": 0},
        {"model": IMAGEN, "size": "auto", "quality": "auto", "background": "auto", "n": None},
        {"model": IMAGEN, "moderation": "auto", "input_fidelity": "low", "output_compression": 100},
        {"model": "dall-e-3", "quality": "standard", "style": "vivid"},
        {"user": "u-1", "safety_identifier": "s-1", "stream": True, "partial_images": 3},
        {"model": None, "size": ""},
    ],
)
def test_what_asks_for_nothing_is_taken(given: Mapping[str, Any]) -> None:
    asked = chosen(body(given))
    assert set(asked.values) - {"n"} == {"prompt"}
    as_texts = {name: "" if value is None else str(value) for name, value in given.items()}
    assert set(chosen(body(as_texts, is_text=True)).values) - {"n"} == {"prompt"}


def test_options_of_a_model_are_taken_in_json_and_in_forms() -> None:
    wanted = {"prompt": "A cat", "n": 2, "quality": "high", "size": "1536x1024"}
    assert chosen(body(wanted)).values == wanted
    assert chosen(body({**wanted, "n": "2"}, is_text=True)).values == wanted
    assert chosen(body({"n": 25})).values["n"] == 25


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"style": "natural"}, ("style", "unknown_parameter")),
        ({"output_compression": 80}, ("output_compression", "unknown_parameter")),
        ({"frame_count": 4}, ("frame_count", "unknown_parameter")),
        ({"input_fidelity": "high"}, ("input_fidelity", "unknown_parameter")),
        ({"quality": "hd"}, ("quality", "invalid_value")),
        ({"model": IMAGEN, "size": "1024x1024"}, ("size", "invalid_value")),
        ({"n": True}, ("n", "invalid_value")),
        ({"n": 41}, ("n", "invalid_value")),
        ({"n": 1.5}, ("n", "invalid_value")),
        ({"prompt": None}, ("prompt", "invalid_value")),
        ({"prompt": ["A cat"]}, ("prompt", "invalid_value")),
        ({"prompt": "A\x00cat"}, ("prompt", "invalid_value")),
        ({"model": "gpt-4"}, ("model", "model_not_found")),
        ({"model": 7}, ("model", "model_not_found")),
        ({"response_format": "png"}, ("response_format", "invalid_value")),
        ({"response_format": "url", "stream": True}, ("response_format", "invalid_value")),
        ({"partial_images": 4}, ("partial_images", "invalid_value")),
        ({"stream": "maybe"}, ("stream", "invalid_value")),
        ({"user": 7}, ("user", "invalid_value")),
        ({"project": "mine"}, ("project", "invalid_value")),
        ({"model": "stability-upscale-creative"}, ("image", "invalid_value")),
    ],
)
def test_what_cannot_be_honoured_is_named(given: Mapping[str, Any], said: tuple[str, str]) -> None:
    assert refused(given) == said


def test_files_are_taken_under_the_names_that_clients_use() -> None:
    sent = [("image", b"1"), ("image[]", b"2"), ("image[]", b"3"), ("mask", b"4")]
    asked = chosen(body({}, *sent))
    assert [file.read() for file in asked.images] == [b"1", b"2", b"3"]
    assert asked.mask is not None
    assert refused({}, is_edit=True) == ("image", "invalid_value")
    assert refused({}, ("image", b"1"), ("markup", b"2")) == ("markup", "unknown_parameter")
    assert refused({}, ("image", b"x" * 2**21)) == ("image", "invalid_value")
    assert refused({"model": IMAGEN}, ("image", b"1"), ("mask", b"2"))[0] == "mask"
    assert refused({}, ("image", b"1"), ("mask", b"2"), ("mask", b"3"))[0] == "mask"


def test_a_text_that_was_sent_twice_is_refused_but_ids_are_listed() -> None:
    sent = MultiValueDict({"prompt": ["A cat"], "input_pictures": ["3", "4"]})
    assert texts_in(sent) == {"prompt": "A cat", "input_pictures": ["3", "4"]}
    with pytest.raises(FieldRefused) as refusal:
        texts_in(MultiValueDict({"prompt": ["A cat", "A dog"]}))
    assert refusal.value.param == "prompt"


@pytest.mark.parametrize(
    "sent",
    [
        {"image": "data:image/png;base64,MQ=="},
        {"image": "DATA:image/png;BASE64,M\nQ==\r\n"},
        {"images": [{"image_url": "data:image/png;base64,MQ=="}]},
        {"input_images": [{"type": "image_url", "image_url": {"url": "data:;base64,MQ=="}}]},
    ],
)
def test_pictures_in_json_become_files(sent: Mapping[str, Any]) -> None:
    fields, files = files_in({"prompt": "x", **sent})
    assert (fields, [file.read() for file in files.getlist("image")]) == ({"prompt": "x"}, [b"1"])


@pytest.mark.parametrize(
    "sent", ["https://example.com/a.png", "data:image/png;base64,M!", {"file_id": "f-1"}, 7]
)
def test_nothing_is_fetched_for_a_program(sent: object) -> None:
    with pytest.raises(FieldRefused) as refusal:
        files_in({"image": sent})
    assert refusal.value.param == "image"


def test_equal_bodies_are_equal_and_the_form_of_the_answer_does_not_count() -> None:
    same = body({"n": 2}).digest
    assert body({"n": 2, "stream": True, "size": None}).digest == same
    assert body({"response_format": "url", "n": 2}).digest == same
    others: list[dict[str, Any]] = [
        {"n": 3},
        {"n": 2, "user": "u"},
        {"n": 2, "project": 1},
        {"n": 2, "model": "x"},
    ]
    assert len({same, *(body(other).digest for other in others)}) == 5
    with_file = body({"n": 2}, ("image", b"1")).digest
    assert body({"n": 2}, ("image[]", b"1")).digest == with_file
    assert len({same, with_file, body({"n": 2}, ("mask", b"1"), ("image", b"1")).digest}) == 3
