"""What models.toml changes, and what happens to a mistake in it."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from omixa_studio.catalogue import Catalogue, Problem, check_choice, load_catalogue
from tests.present import present

BUILT_IN = load_catalogue(None)


Load = Callable[[str], Catalogue]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def load(text: str) -> Catalogue:
        file = tmp_path / "models.toml"
        file.write_text(text, encoding="utf-8")
        return load_catalogue(file)

    return load


def only_problem(catalogue: Catalogue) -> Problem:
    assert len(catalogue.problems) == 1
    return catalogue.problems[0]


def test_it_is_happy_without_a_file(tmp_path: Path) -> None:
    assert load_catalogue(tmp_path / "models.toml") == BUILT_IN


def test_it_is_happy_with_an_empty_file(load: Load) -> None:
    assert load("") == BUILT_IN


def test_it_changes_name_and_prices(load: Load) -> None:
    catalogue = load(
        """
        [models."gpt-image-1.5"]
        name = "GPT Image"
        image_price = "0.05"
        minimum_hold = 1
        """
    )
    model = catalogue.models["gpt-image-1.5"]
    assert catalogue.problems == ()
    assert (model.name, model.image_price, model.minimum_hold) == (
        "GPT Image",
        Decimal("0.05"),
        Decimal(1),
    )
    assert model.origins["image_price"] == "configured"
    assert model.origins["output_token_price"] == "unknown"
    assert model.fields == BUILT_IN.models["gpt-image-1.5"].fields


def test_it_takes_a_documented_price_away(load: Load) -> None:
    catalogue = load('[models."MAI-Image-2.5"]\nimage_price = "unknown"\n')
    assert catalogue.models["MAI-Image-2.5"].image_price is None
    assert catalogue.problems == ()


def test_it_changes_limits(load: Load) -> None:
    catalogue = load('[models."gpt-image-1.5"]\nmax_images = 5\nmax_count = 4\n')
    model = catalogue.models["gpt-image-1.5"]
    assert (model.max_images, model.max_images_source, model.max_count) == (5, "configured", 4)
    assert model.origins["max_images"] == model.origins["max_count"] == "configured"
    assert check_choice(model, {"prompt": "x", "n": 4}, images=5) == ()
    assert [one.field for one in check_choice(model, {"prompt": "x", "n": 5}, images=6)] == [
        "n",
        "input_images",
    ]


def test_it_changes_what_a_form_starts_with(load: Load) -> None:
    model = load(
        """
        [models."stability-upscale-creative".fields]
        creativity.default = 0.2
        seed = { default = 7, advanced = true, hint = "For the curious." }
        """
    ).models["stability-upscale-creative"]
    creativity, seed = present(model.field("creativity")), present(model.field("seed"))
    assert (creativity.default, creativity.initial) == ("0.2", "0.2")
    assert creativity.source == "documented"
    assert (seed.initial, seed.advanced, seed.hint) == ("7", True, "For the curious.")
    assert seed.changed == ("default", "advanced", "hint")


def test_it_switches_a_model_off(load: Load) -> None:
    catalogue = load('[models."imagen-4.0-generate-001"]\nenabled = false\n')
    assert "imagen-4.0-generate-001" not in [model.slug for model in catalogue.enabled]
    assert len(catalogue.enabled) == 7
    assert catalogue.find("imagen-4.0-generate-001") is not None
    assert catalogue.find_enabled("imagen-4.0-generate-001") is None
    assert catalogue.find_enabled("gpt-image-1.5") is catalogue.find("gpt-image-1.5")


def test_it_sets_what_is_held_where_no_price_is_known(load: Load) -> None:
    assert load('unknown_price_hold = "0.25"').unknown_price_hold == Decimal("0.25")
    assert load("unknown_price_hold = 1").unknown_price_hold == 1


def test_it_sets_the_model_the_studio_starts_with(load: Load) -> None:
    assert load('default_model = "MAI-Image-2.5"').default_model == "MAI-Image-2.5"


@pytest.mark.parametrize(
    "text",
    [
        'default_model = "nobody"',
        'default_model = "MAI-Image-2.5"\n[models."MAI-Image-2.5"]\nenabled = false\n',
    ],
)
def test_it_refuses_to_start_with_a_model_that_is_not_there(load: Load, text: str) -> None:
    catalogue = load(text)
    assert catalogue.default_model == ""
    assert only_problem(catalogue).field == "default_model"


def test_it_sets_how_a_mask_is_sent(load: Load) -> None:
    models = load('[models."gpt-image-1.5"]\nmask_encoding = "data_url"\n').models
    assert models["gpt-image-1.5"].mask_encoding == "data_url"
    assert models["MAI-Image-2.5"].mask_encoding == "image_part"


def test_it_adds_a_model_like_another(load: Load) -> None:
    catalogue = load(
        """
        [models."gpt-image-2"]
        like = "gpt-image-1.5"
        without = ["input_fidelity"]
        name = "GPT Image 2"
        image_price = "0.07"
        fields.quality.accepted = ["low", "high"]

        [models."gpt-image-2-mini"]
        like = "gpt-image-2"
        """
    )
    assert catalogue.problems == ()
    model, mini = catalogue.models["gpt-image-2"], catalogue.models["gpt-image-2-mini"]
    assert list(catalogue.models)[-2:] == ["gpt-image-2", "gpt-image-2-mini"]
    assert (model.name, model.image_price, model.page) == ("GPT Image 2", Decimal("0.07"), "")
    assert (model.operations, model.provider) == (("generate", "edit"), "azure-openai")
    assert model.field("input_fidelity") is None
    assert present(model.field("quality")).accepted == ("low", "high")
    assert {one.source for one in model.fields} == {"configured"}
    assert model.origins["provider"] == "configured"
    assert (mini.name, mini.image_price) == ("gpt-image-2-mini", None)
    assert present(mini.field("quality")).accepted == ("low", "high")


def test_it_does_not_pass_a_price_on_to_a_model_that_is_like_another(load: Load) -> None:
    catalogue = load('[models."imagen-5"]\nlike = "imagen-4.0-generate-001"\n')
    model = catalogue.models["imagen-5"]
    assert (model.image_price, model.minimum_hold) == (None, None)
    assert model.origins["image_price"] == "unknown"


FULL = """
    [models."flux-2"]
    name = "FLUX 2"
    provider = "bfl"
    family = "openai"
    operations = ["generate"]
    fields.prompt = { type = "string", required = true, max_length = 2000 }
    fields.n = { type = "integer", minimum = 1, maximum = 4 }
    fields.steps = { type = "integer", minimum = 1, maximum = 50, default = 28 }
    fields.safety_tolerance = { type = "number", minimum = 0, maximum = 1.5 }
"""


def test_it_adds_a_model_with_fields_of_its_own(load: Load) -> None:
    catalogue = load(FULL)
    assert catalogue.problems == ()
    model = catalogue.models["flux-2"]
    assert (model.max_count, model.max_images, model.takes_prompt) == (4, 0, True)
    assert present(model.field("safety_tolerance")).label == "Safety tolerance"
    assert present(model.field("safety_tolerance")).maximum == Decimal("1.5")
    assert present(model.field("steps")).source == "configured"
    assert check_choice(model, {"prompt": "x", "safety_tolerance": 1.5, "steps": 50}) == ()


CUTOUT = "stability-remove-background"
GPT = '[models."gpt-image-1.5"]\n'


@pytest.mark.parametrize(
    ("text", "model", "field", "words"),
    [
        ("colour = 1", "", "colour", "no key"),
        ("unknown_price_hold = 0.10", "", "unknown_price_hold", "as text"),
        ('unknown_price_hold = "-1"', "", "unknown_price_hold", "not an amount"),
        ("unknown_price_hold = -1", "", "unknown_price_hold", "not an amount"),
        ("unknown_price_hold = true", "", "unknown_price_hold", "Money must be"),
        ("unknown_price_hold = 0x" + "f" * 5000, "", "unknown_price_hold", "so large a number"),
        ("models = 3", "", "models", "table"),
        ("models.gpt = 3", "gpt", "", "table"),
        (GPT + "image_price = 0.05", "gpt-image-1.5", "image_price", 'such as "0.04"'),
        (GPT + 'image_price = "0.0000001"', "gpt-image-1.5", "image_price", "six decimals"),
        (GPT + 'image_price = "1e3"', "gpt-image-1.5", "image_price", "not an amount"),
        (GPT + 'image_price = "١"', "gpt-image-1.5", "image_price", "not an amount"),
        (GPT + 'imagePrice = "1"', "gpt-image-1.5", "imagePrice", "no key"),
        (GPT + "max_images = 0", "gpt-image-1.5", "max_images", "from 1 to 100"),
        (GPT + "max_count = true", "gpt-image-1.5", "max_count", "whole number"),
        (GPT + 'enabled = "no"', "gpt-image-1.5", "enabled", "true or false"),
        (GPT + 'mask_encoding = "hex"', "gpt-image-1.5", "mask_encoding", "image_part"),
        (GPT + 'operations = ["fly"]', "gpt-image-1.5", "operations", "generate"),
        (GPT + 'name = ""', "gpt-image-1.5", "name", "empty"),
        (GPT + 'name = "a\\nb"', "gpt-image-1.5", "name", "one line"),
        (GPT + 'like = "MAI-Image-2.5"', "gpt-image-1.5", "like", "built in"),
        (GPT + 'without = ["seed"]', "gpt-image-1.5", "without", '"seed"'),
        (GPT + "fields = 3", "gpt-image-1.5", "fields", "table"),
        (GPT + "fields.size = 3", "gpt-image-1.5", "size", "table"),
        (GPT + 'fields.size.default = "8K"', "gpt-image-1.5", "size", "8K is not one of"),
        (GPT + "fields.size.minimum = 3", "gpt-image-1.5", "size", "minimum: "),
        (GPT + "fields.size.colour = 3", "gpt-image-1.5", "size", "colour: "),
        (GPT + "fields.n.minimum = 11", "gpt-image-1.5", "n", "above maximum"),
        (GPT + "fields.n.minimum = 0", "gpt-image-1.5", "n", "at least 1"),
        (GPT + "fields.n.maximum = inf", "gpt-image-1.5", "n", "finite"),
        (GPT + "fields.n.maximum = 1e99999", "gpt-image-1.5", "n", "too large"),
        (GPT + "fields.n.maximum = 1e9999999999999999999", "gpt-image-1.5", "n", "finite"),
        (GPT + 'fields.n.type = "string"', "gpt-image-1.5", "n", "always"),
        (GPT + "fields.extra.advanced = true", "gpt-image-1.5", "extra", "type"),
        (GPT + 'fields.model.type = "string"', "gpt-image-1.5", "model", "cannot be the name"),
        ("[models.stability-remove-background]\nmax_count = 2", CUTOUT, "max_count", "no field n"),
        (GPT + 'fields.other.type = "images"', "gpt-image-1.5", "other", "Only input_images"),
        ("[models.nobody]\nenabled = false", "nobody", "like", "no built-in model"),
        ('[models.x]\nlike = "nobody"', "x", "like", '"nobody"'),
        ('[models."a b"]\nlike = "gpt-image-1.5"', "a b", "", "without spaces"),
        (FULL + "fields.n.maximum = 3", "", "", "not valid TOML"),
        (FULL + "image_price = 0.1", "flux-2", "image_price", "as text"),
        (FULL + 'fields.size = { type = "string", minimum = 1 }', "flux-2", "size", "minimum"),
        (FULL + 'fields.mask = { type = "image" }', "flux-2", "fields", "beside it"),
        (FULL + "max_images = 2", "flux-2", "max_images", "no field input_images"),
    ],
)
def test_it_names_the_place_of_a_mistake_and_goes_on(
    load: Load, text: str, model: str, field: str, words: str
) -> None:
    catalogue = load(text)
    problem = only_problem(catalogue)
    assert (problem.file, problem.model, problem.field) == ("models.toml", model, field)
    assert words in problem.sentence
    assert problem.sentence.endswith(".")
    assert catalogue.models == BUILT_IN.models
    assert catalogue.unknown_price_hold == BUILT_IN.unknown_price_hold


def test_it_says_in_which_line_the_toml_breaks(load: Load) -> None:
    problem = only_problem(load('default_model = "MAI-Image-2.5"\n\n[models\n'))
    assert "line 3" in problem.sentence


def test_it_takes_what_is_right_beside_a_mistake(load: Load) -> None:
    catalogue = load(
        """
        [models."imagen-4.0-generate-001"]
        image_price = 0.05
        enabled = false

        [models."MAI-Image-2.5"]
        fields.size = { default = "1024x1024", colour = 1 }
        """
    )
    assert [one.field for one in catalogue.problems] == ["image_price", "size"]
    assert not catalogue.models["imagen-4.0-generate-001"].enabled
    assert catalogue.models["imagen-4.0-generate-001"].image_price == Decimal("0.04")
    assert present(catalogue.models["MAI-Image-2.5"].field("size")).initial == "1024x1024"


def test_it_reports_a_limit_below_the_default_beside_it(load: Load) -> None:
    catalogue = load('[models."gpt-image-1.5"]\nmax_count = 3\nfields.n.default = 4\n')
    problem = only_problem(catalogue)
    assert problem.field == "max_count"
    assert problem.sentence == "default: Pictures must be from 1 to 3, not 4."


def test_it_keeps_a_model_off_whose_table_is_otherwise_wrong(load: Load) -> None:
    catalogue = load(
        """
        [models."gpt-image-1.5"]
        enabled = false
        without = ["input_images"]
        """
    )
    assert only_problem(catalogue).sentence == "A mask needs input_images beside it."
    assert not catalogue.models["gpt-image-1.5"].enabled
    assert catalogue.models["gpt-image-1.5"].field("input_images") is not None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"x = " + b"[" * 5000 + b"]" * 5000, "too deeply"),
        (b"#" * (2**20 + 1), "megabyte"),
        (b"x = " + b"9" * 5000, "not valid TOML"),
    ],
)
def test_it_reports_a_file_that_cannot_be_read(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "models.toml"
    file.write_bytes(content)
    catalogue = load_catalogue(file)
    assert words in only_problem(catalogue).sentence
    assert catalogue.models == BUILT_IN.models


def test_it_reports_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "models.toml").mkdir()
    problem = only_problem(load_catalogue(tmp_path / "models.toml"))
    assert problem.sentence.startswith("This file cannot be read: ")


def test_it_gives_models_other_names_and_takes_built_in_ones_away(load: Load) -> None:
    names = '"gpt-image-1" = "MAI-Image-2.5"\n"dall-e-2" = ""\nflux = "nobody"\n"MAI-Image-2.5" = '
    catalogue = load(f'[aliases]\n{names}"gpt-image-1.5"\n')
    found = {name: catalogue.find_named(name) for name in ("gpt-image-1", "MAI-Image-2.5")}
    assert {model and model.slug for model in found.values()} == {"MAI-Image-2.5"}
    assert catalogue.find_named("dall-e-2") is catalogue.find_named("flux") is None
    assert catalogue.find_named("dall-e-3") == catalogue.models["gpt-image-1.5"]
    assert only_problem(catalogue).line == (
        'models.toml, aliases: "flux" cannot stand for "nobody": no image model has that name.'
    )


def test_another_name_of_a_model_that_is_off_leads_nowhere(load: Load) -> None:
    catalogue = load('[models."gpt-image-1.5"]\nenabled = false\n')
    assert catalogue.find_named("gpt-image-1") is None
