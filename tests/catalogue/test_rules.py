"""Which choices fit a model, and the one sentence for each that does not."""

import math
from collections.abc import Iterable

import pytest

from omixa_studio.catalogue import Fault, check_choice, choice_texts, load_catalogue, parse_choice
from omixa_studio.catalogue.records import ImageModel

MODELS = load_catalogue(None).models
FAST = MODELS["imagen-4.0-fast-generate-001"]
GPT = MODELS["gpt-image-1.5"]
CUTOUT = MODELS["stability-remove-background"]
CREATIVE = MODELS["stability-upscale-creative"]


def sentences(faults: Iterable[Fault]) -> list[str]:
    return [fault.sentence for fault in faults]


def test_it_parses_every_kind_of_field() -> None:
    texts = {"prompt": "a fox", "n": "4", "size": "1K", "enhance_prompt": "false"}
    assert parse_choice(FAST, texts) == (
        {"prompt": "a fox", "n": 4, "size": "1K", "enhance_prompt": False},
        (),
    )


def test_it_parses_numbers_into_json_numbers() -> None:
    choice, faults = parse_choice(CREATIVE, {"creativity": "0.3", "seed": "4294967294"})
    assert (choice, faults) == ({"creativity": 0.3, "seed": 4294967294}, ())
    assert isinstance(choice["creativity"], float)
    assert isinstance(parse_choice(CREATIVE, {"creativity": "1"})[0]["creativity"], int)


@pytest.mark.parametrize("text", ["", " ", "\r\n\t"])
def test_it_leaves_an_empty_text_to_the_model(text: str) -> None:
    assert parse_choice(FAST, {"size": text, "n": text, "prompt": text}) == ({}, ())


def test_it_keeps_a_prompt_as_typed_but_for_line_ends() -> None:
    choice, _ = parse_choice(FAST, {"prompt": " one\r\ntwo\rthree "})
    assert choice == {"prompt": " one\ntwo\nthree "}


@pytest.mark.parametrize(
    ("model", "name", "text", "sentence"),
    [
        (FAST, "n", "two", "Pictures: two is not a whole number."),
        (FAST, "n", "2.0", "Pictures: 2.0 is not a whole number."),
        (FAST, "n", "1_0", "Pictures: 1_0 is not a whole number."),
        (FAST, "n", "٣", "Pictures: ٣ is not a whole number."),
        (FAST, "n", "9" * 5000, f"Pictures must be from 1 to 10, not {'9' * 40}…."),
        (FAST, "enhance_prompt", "True", "Improve my prompt: True is neither true nor false."),
        (FAST, "enhance_prompt", "on", "Improve my prompt: on is neither true nor false."),
        (FAST, "input_images", "x", "Reference images: upload a file here, not text."),
        (FAST, "quality", "high", "Imagen 4 Fast has no option called quality."),
        (FAST, "model", "x", "Imagen 4 Fast has no option called model."),
        (CREATIVE, "creativity", "nan", "Creativity: nan is not a number such as 0.3."),
        (CREATIVE, "creativity", "inf", "Creativity: inf is not a number such as 0.3."),
        (CREATIVE, "creativity", "1e-1", "Creativity: 1e-1 is not a number such as 0.3."),
        (CREATIVE, "creativity", "0,3", "Creativity: 0,3 is not a number such as 0.3."),
    ],
)
def test_it_says_why_a_text_is_no_value(
    model: ImageModel, name: str, text: str, sentence: str
) -> None:
    choice, faults = parse_choice(model, {name: text})
    assert choice == {}
    assert sentences(faults) == [sentence]
    assert faults[0].field == name


@pytest.mark.parametrize(
    "choice",
    [
        {"prompt": "a fox"},
        {"prompt": "line\n\ttwo", "n": 1, "size": "0.5K"},
        {"prompt": "ok", "n": 10, "aspect_ratio": "3:4", "add_watermark": True},
    ],
)
def test_it_finds_nothing_wrong_with_a_fitting_choice(choice: dict[str, object]) -> None:
    assert check_choice(FAST, choice) == ()


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ({}, "Prompt: describe what you would like to see."),
        ({"prompt": " \n"}, "Prompt is empty."),
        ({"prompt": "a\0b"}, "Prompt contains a character that cannot be sent."),
        ({"prompt": "\ud800"}, "Prompt contains a character that cannot be sent."),
        ({"prompt": 7}, "Prompt must be text."),
        ({"prompt": "x", "size": "8K"}, "Size: 8K is not one of 0.5K, 1K, 2K, 4K."),
        ({"prompt": "x", "size": "1k"}, "Size: 1k is not one of 0.5K, 1K, 2K, 4K."),
        ({"prompt": "x", "size": None}, "Size must be text."),
        ({"prompt": "x", "n": 0}, "Pictures must be from 1 to 10, not 0."),
        ({"prompt": "x", "n": 11}, "Pictures must be from 1 to 10, not 11."),
        ({"prompt": "x", "n": 10**5000}, "Pictures must be from 1 to 10, not …."),
        ({"prompt": "x", "n": True}, "Pictures: True is not a whole number."),
        ({"prompt": "x", "n": 2.0}, "Pictures: 2.0 is not a whole number."),
        ({"prompt": "x", "n": "2"}, "Pictures: 2 is not a whole number."),
        (
            {"prompt": "x", "enhance_prompt": 1},
            "Improve my prompt: 1 is neither true nor false.",
        ),
        ({"prompt": "x", "mask": "y"}, "Imagen 4 Fast has no option called mask."),
        ({"prompt": "x", "input_images": []}, "Reference images: upload a file here, not text."),
    ],
)
def test_it_gives_one_sentence_for_one_fault(choice: dict[str, object], sentence: str) -> None:
    assert sentences(check_choice(FAST, choice)) == [sentence]


def test_it_gives_every_fault_at_once() -> None:
    faults = check_choice(FAST, {"n": 99, "size": "8K", "colour": "red"}, images=4, mask=True)
    assert [fault.field for fault in faults] == [
        *("prompt", "n", "size", "colour"),
        *("input_images", "mask"),
    ]


@pytest.mark.parametrize(
    ("value", "fits"),
    [(0.1, True), (0.5, True), (0.09999, False), (0.50001, False), (1, False), (True, False)],
)
def test_it_compares_numbers_as_they_were_typed(value: float, fits: bool) -> None:
    faults = check_choice(CREATIVE, {"prompt": "x", "creativity": value}, images=1)
    assert (faults == ()) is fits


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_it_refuses_numbers_that_json_cannot_hold(value: float) -> None:
    faults = check_choice(CREATIVE, {"prompt": "x", "creativity": value}, images=1)
    assert sentences(faults) == [f"Creativity: {value} is not a number such as 0.3."]


def test_it_counts_the_characters_of_a_prompt() -> None:
    assert check_choice(CREATIVE, {"prompt": "é" * 10000}, images=1) == ()
    faults = check_choice(CREATIVE, {"prompt": "é" * 10001}, images=1)
    assert sentences(faults) == [
        "Prompt is too long: 10001 characters, at most 10000 are allowed.",
    ]


def test_it_takes_a_style_preset_that_is_not_in_the_list() -> None:
    assert check_choice(CREATIVE, {"prompt": "x", "style_preset": "origami"}, images=1) == ()


@pytest.mark.parametrize(
    ("model", "choice", "images", "sentence"),
    [
        (
            CUTOUT,
            {},
            0,
            "Image: Stability Remove Background works on exactly one, and 0 were given.",
        ),
        (
            CREATIVE,
            {"prompt": "x"},
            2,
            "Image: Stability Creative Upscale works on exactly one, and 2 were given.",
        ),
        (
            GPT,
            {"prompt": "x"},
            4,
            "Reference images: GPT Image 1.5 takes at most 3, and 4 were given.",
        ),
    ],
)
def test_it_counts_the_input_images(
    model: ImageModel, choice: dict[str, object], images: int, sentence: str
) -> None:
    assert sentences(check_choice(model, choice, images=images)) == [sentence]


def test_it_refuses_a_prompt_where_the_model_takes_none() -> None:
    faults = check_choice(CUTOUT, {"prompt": "x"}, images=1)
    assert sentences(faults) == ["Stability Remove Background has no option called prompt."]


def test_it_takes_a_mask_only_with_an_image_to_lie_on() -> None:
    assert check_choice(GPT, {"prompt": "x"}, images=1, mask=True) == ()
    assert sentences(check_choice(GPT, {"prompt": "x"}, mask=True)) == [
        "Mask: a mask needs an input image.",
    ]
    assert sentences(check_choice(FAST, {"prompt": "x"}, images=1, mask=True)) == [
        "Imagen 4 Fast takes no mask.",
    ]


def test_it_shows_a_long_odd_value_as_one_short_line() -> None:
    fault = check_choice(FAST, {"prompt": "x", "size": "4K\n" * 500})[0]
    assert "\n" not in fault.sentence
    assert len(fault.sentence) < 100


def test_it_keeps_a_sentence_apart_from_what_stands_in_it() -> None:
    fault = check_choice(FAST, {"prompt": "x", "size": "100%(label)s"})[0]
    assert fault.template == "%(label)s: %(value)s is not one of %(accepted)s."
    assert fault.sentence == "Size: 100%(label)s is not one of 0.5K, 1K, 2K, 4K."


def test_it_turns_a_choice_back_into_form_text() -> None:
    choice: dict[str, str | int | float] = {
        "prompt": "a\nb",
        "creativity": 0.00001,
        "seed": 7,
        "enhance": False,
    }
    assert choice_texts(choice) == {
        "prompt": "a\nb",
        "creativity": "0.00001",
        "seed": "7",
        "enhance": "false",
    }
