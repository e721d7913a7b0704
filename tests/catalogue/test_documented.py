"""The built-in models say what the gateway's pages say, no more and no less."""

from decimal import Decimal

import pytest

from omixa_studio.catalogue import Catalogue, ImageModel, load_catalogue
from tests.present import present

FAST = "imagen-4.0-fast-generate-001"
IMAGEN = "imagen-4.0-generate-001"
GEMINI = "gemini-2.0-flash-preview-image-generation"
GPT = "gpt-image-1.5"
MAI = "MAI-Image-2.5"
CUTOUT = "stability-remove-background"
CREATIVE = "stability-upscale-creative"
CONSERVATIVE = "stability-upscale-conservative"

FORMATS = ("png", "jpeg", "webp")
RATIOS = ("1:1", "16:9", "9:16", "4:3", "3:4")
BUCKETS = ("0.5K", "1K", "2K", "4K")

# The page of Imagen 4 Fast: field, type, required, accepted values, lowest, highest.
PAGE_OF_IMAGEN_4_FAST = (
    ("model", "string", True, (FAST,), None, None),
    ("prompt", "string", True, (), None, None),
    ("n", "integer", False, (), 1, 10),
    ("output_format", "string", False, FORMATS, None, None),
    ("aspect_ratio", "string", False, RATIOS, None, None),
    ("size", "string", False, BUCKETS, None, None),
    ("input_images", "images", False, (), None, None),
    ("person_generation", "string", False, ("allow_adult", "allow_all", "dont_allow"), None, None),
    ("enhance_prompt", "boolean", False, (), None, None),
    ("add_watermark", "boolean", False, (), None, None),
    ("reasoning_effort", "string", False, ("minimal", "high"), None, None),
)

GOOGLE_FIELDS = tuple(row[0] for row in PAGE_OF_IMAGEN_4_FAST[1:])
OPENAI_FIELDS = (
    *("prompt", "n", "output_format", "size", "quality", "background", "moderation"),
    *("input_images", "input_fidelity", "mask"),
)
UPSCALE_FIELDS = (
    *("input_images", "output_format", "prompt", "negative_prompt", "seed", "creativity"),
)

FIELDS = {
    FAST: GOOGLE_FIELDS,
    IMAGEN: GOOGLE_FIELDS,
    GEMINI: GOOGLE_FIELDS,
    GPT: OPENAI_FIELDS,
    MAI: OPENAI_FIELDS,
    CUTOUT: ("input_images", "output_format"),
    CREATIVE: (*UPSCALE_FIELDS, "style_preset"),
    CONSERVATIVE: UPSCALE_FIELDS,
}

# Name, provider, operations, and the four prices: picture, hold, tokens in, tokens out.
FACTS = {
    FAST: ("Imagen 4 Fast", "google", ["generate"], (None, None, None, None)),
    IMAGEN: ("Imagen 4", "google", ["generate"], ("0.04", "0.01", None, None)),
    GEMINI: (
        "Nano Banana (Gemini 2.5 Flash Image)",
        "google",
        ["generate", "edit"],
        ("0.04", None, "0.15", "0.6"),
    ),
    GPT: ("GPT Image 1.5", "azure-openai", ["generate", "edit"], (None, None, None, None)),
    MAI: ("MAI Image 2.5", "azure-foundry", ["generate", "edit"], ("0.033", None, "5", "33")),
    CUTOUT: (
        "Stability Remove Background",
        "stability",
        ["remove_background"],
        ("0.05", "0.01", None, None),
    ),
    CREATIVE: ("Stability Creative Upscale", "stability", ["upscale"], ("0.6", "0.01", None, None)),
    CONSERVATIVE: (
        "Stability Conservative Upscale",
        "stability",
        ["upscale"],
        (None, None, None, None),
    ),
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(None)


def model_of(catalogue: Catalogue, slug: str) -> ImageModel:
    model = catalogue.find(slug)
    assert model is not None
    return model


def test_it_knows_the_eight_models_by_their_exact_slugs(catalogue: Catalogue) -> None:
    assert list(catalogue.models) == list(FACTS)
    assert catalogue.problems == ()
    assert catalogue.unknown_price_hold == Decimal("0.10")
    assert catalogue.default_model == ""
    assert catalogue.find("mai-image-2.5") is None


def test_it_gives_imagen_4_fast_all_eleven_fields_of_its_page(catalogue: Catalogue) -> None:
    model = model_of(catalogue, FAST)
    rows: list[tuple[object, ...]] = [("model", "string", True, (model.slug,), None, None)]
    rows += [
        (one.name, one.type, one.required, one.accepted, one.minimum, one.maximum)
        for one in model.fields
    ]
    assert tuple(rows) == PAGE_OF_IMAGEN_4_FAST
    assert {one.source for one in model.fields} == {"documented"}


def test_it_offers_fields_meant_for_gemini_as_advanced_on_imagen(catalogue: Catalogue) -> None:
    for slug in (FAST, IMAGEN):
        advanced = [one for one in model_of(catalogue, slug).fields if one.advanced]
        assert [one.name for one in advanced] == ["input_images", "reasoning_effort"]
        assert all("Gemini" in one.hint for one in advanced)


def test_it_offers_fields_meant_for_imagen_as_advanced_on_gemini(catalogue: Catalogue) -> None:
    advanced = [one for one in model_of(catalogue, GEMINI).fields if one.advanced]
    assert [one.name for one in advanced] == ["person_generation", "add_watermark"]
    assert all("Imagen" in one.hint for one in advanced)


@pytest.mark.parametrize("slug", FACTS)
def test_it_states_name_provider_operations_and_prices(catalogue: Catalogue, slug: str) -> None:
    model = model_of(catalogue, slug)
    prices = (
        *(model.image_price, model.minimum_hold),
        *(model.input_token_price, model.output_token_price),
    )
    stated = tuple(None if price is None else f"{price.normalize():f}" for price in prices)
    assert (model.name, model.provider, list(model.operations), stated) == FACTS[slug]
    assert model.page == f"/docs/models/{slug}"
    assert model.summary
    assert model.enabled


@pytest.mark.parametrize("slug", FIELDS)
def test_it_lists_the_fields_of_each_page_in_order(catalogue: Catalogue, slug: str) -> None:
    assert tuple(one.name for one in model_of(catalogue, slug).fields) == FIELDS[slug]


@pytest.mark.parametrize("slug", FACTS)
def test_it_has_a_label_and_a_help_for_every_field_and_a_hint_for_every_advanced_one(
    catalogue: Catalogue, slug: str
) -> None:
    for one in model_of(catalogue, slug).fields:
        assert one.label
        assert one.help
        assert bool(one.hint) == one.advanced
        assert set(one.names) <= set(one.accepted)
        assert bool(one.basis) == (one.source == "inferred")


def test_it_marks_what_was_not_readable_as_inferred(catalogue: Catalogue) -> None:
    inferred = {
        slug: [one.name for one in model.fields if one.source == "inferred"]
        for slug, model in catalogue.models.items()
    }
    assert {slug: names for slug, names in inferred.items() if names} == {
        IMAGEN: ["reasoning_effort"],
        GEMINI: [
            *("input_images", "person_generation", "enhance_prompt"),
            *("add_watermark", "reasoning_effort"),
        ],
        MAI: ["input_fidelity", "mask"],
    }


def test_it_says_where_a_provider_and_a_price_come_from(catalogue: Catalogue) -> None:
    inferred = [
        slug
        for slug, model in catalogue.models.items()
        if model.origins["provider"].startswith("inferred: ")
    ]
    assert inferred == [FAST, GPT, CONSERVATIVE]
    assert model_of(catalogue, IMAGEN).origins["image_price"] == "documented"
    assert model_of(catalogue, FAST).origins["image_price"] == "unknown"
    assert model_of(catalogue, CUTOUT).origins["max_images"] == "documented"
    assert model_of(catalogue, GPT).origins["max_images"].startswith("inferred: ")


@pytest.mark.parametrize(
    ("slugs", "low", "high", "source", "count"),
    [
        ((FAST, IMAGEN, GEMINI, GPT, MAI), 0, 3, "inferred", 10),
        ((CUTOUT, CREATIVE, CONSERVATIVE), 1, 1, "documented", 1),
    ],
)
def test_it_says_how_many_images_go_in_and_out(
    catalogue: Catalogue, slugs: tuple[str, ...], low: int, high: int, source: str, count: int
) -> None:
    for slug in slugs:
        model = model_of(catalogue, slug)
        assert (model.min_images, model.max_images) == (low, high)
        assert model.max_images_source == source
        assert model.max_count == count


def test_it_takes_no_prompt_only_where_a_background_is_removed(catalogue: Catalogue) -> None:
    assert [slug for slug, model in catalogue.models.items() if not model.takes_prompt] == [CUTOUT]
    assert [slug for slug, model in catalogue.models.items() if model.takes_mask] == [GPT, MAI]


@pytest.mark.parametrize(
    ("slug", "low", "high", "default"),
    [(CREATIVE, "0.1", "0.5", "0.3"), (CONSERVATIVE, "0.2", "0.5", "0.35")],
)
def test_it_keeps_the_creativity_of_each_upscaler_apart(
    catalogue: Catalogue, slug: str, low: str, high: str, default: str
) -> None:
    creativity = present(model_of(catalogue, slug).field("creativity"))
    assert (creativity.minimum, creativity.maximum) == (Decimal(low), Decimal(high))
    assert creativity.default == default
    assert creativity.initial == ""


def test_it_states_a_default_only_for_creativity(catalogue: Catalogue) -> None:
    stated = {
        one.name for model in catalogue.models.values() for one in model.fields if one.default
    }
    assert stated == {"creativity"}


def test_it_leaves_the_list_of_style_presets_open(catalogue: Catalogue) -> None:
    style = present(model_of(catalogue, CREATIVE).field("style_preset"))
    assert style.accepted == ("enhance", "photographic", "cinematic", "anime", "digital-art")
    assert not style.accepted_is_complete


def test_it_takes_the_documented_lengths_and_seeds_of_the_upscalers(catalogue: Catalogue) -> None:
    for slug in (CREATIVE, CONSERVATIVE):
        model = model_of(catalogue, slug)
        prompt, negative = present(model.field("prompt")), present(model.field("negative_prompt"))
        assert (prompt.required, prompt.min_length, prompt.max_length) == (True, 1, 10000)
        assert (negative.required, negative.min_length, negative.max_length) == (False, None, 10000)
        seed = present(model.field("seed"))
        assert (seed.minimum, seed.maximum) == (Decimal(0), Decimal(4294967294))


def test_it_gives_no_jpeg_for_a_cut_out(catalogue: Catalogue) -> None:
    assert present(model_of(catalogue, CUTOUT).field("output_format")).accepted == ("png", "webp")


def test_it_keeps_prompt_count_and_images_out_of_the_controls(catalogue: Catalogue) -> None:
    names = [one.name for one in model_of(catalogue, GPT).controls]
    assert names == [
        *("output_format", "size", "quality"),
        *("background", "moderation", "input_fidelity"),
    ]
    assert present(model_of(catalogue, GPT).field("quality")).accepted == (
        "auto",
        "low",
        "medium",
        "high",
    )
    assert present(model_of(catalogue, MAI).field("size")).accepted == (
        *("auto", "1024x1024"),
        *("1024x1536", "1536x1024"),
    )
