"""Whatever stands in models.toml, the built-in models go on working."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omixa_studio.catalogue import Problem, check_choice, load_catalogue
from omixa_studio.catalogue.schema import DOCUMENT, FIELD, MODEL

BUILT_IN = load_catalogue(None)
NAMES = ["prompt", "n", "size", "input_images", "mask", "creativity", "model", "extra", "Ü"]

words = st.sampled_from(
    [
        "",
        "0.04",
        "1K",
        "true",
        "string",
        "integer",
        "images",
        "image",
        "generate",
        "google",
        "x",
        "\n",
    ]
)
numbers = st.integers(-5, 20) | st.sampled_from([10**15, 2**70])
points = st.sampled_from([0.1, 0.5, 3.0, 1e300, -2.5, float("inf"), float("nan")])
plain = st.booleans() | numbers | points | words
anything = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=4,
)
field_tables = st.dictionaries(st.sampled_from([*FIELD, "colour"]), anything, max_size=4)
models = st.dictionaries(
    st.sampled_from([*BUILT_IN.models, "gpt-image-2", "a b", ""]),
    st.dictionaries(
        st.sampled_from([*MODEL, "colour"]),
        anything | st.sampled_from(list(BUILT_IN.models)),
        max_size=5,
    )
    | st.fixed_dictionaries(
        {"fields": st.dictionaries(st.sampled_from(NAMES), field_tables, max_size=3)},
        optional={"like": st.sampled_from(list(BUILT_IN.models)), "max_count": numbers},
    ),
    max_size=3,
)
documents = st.fixed_dictionaries(
    {}, optional={**dict.fromkeys([*DOCUMENT, "colour"], anything), "models": models | anything}
)


def as_toml(value: object) -> str:
    """Write a value as inline TOML."""
    if isinstance(value, dict):
        pairs = (f"{json.dumps(key)} = {as_toml(one)}" for key, one in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(as_toml, value))}]"
    if isinstance(value, str | bool):
        return json.dumps(value)
    return repr(value)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data") / "models.toml"


def assert_sound(file: Path) -> None:
    catalogue = load_catalogue(file)
    assert list(catalogue.models)[: len(BUILT_IN.models)] == list(BUILT_IN.models)
    assert all(isinstance(one, Problem) and one.sentence for one in catalogue.problems)
    assert catalogue.unknown_price_hold >= 0
    for model in catalogue.models.values():
        assert model.max_images >= model.min_images
        assert 1 <= model.max_count <= 100
        assert model.name
        check_choice(model, {one.name: one.default for one in model.fields})


@settings(deadline=None)
@given(text=st.text() | st.binary())
def test_it_never_raises_on_any_content(file: Path, text: str | bytes) -> None:
    file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    assert_sound(file)


@settings(max_examples=300, deadline=None)
@given(document=documents)
def test_it_never_raises_on_any_table(file: Path, document: dict[str, object]) -> None:
    lines = [f"{json.dumps(key)} = {as_toml(value)}" for key, value in document.items()]
    file.write_text("\n".join(lines), encoding="utf-8")
    assert_sound(file)
    assert not any("not valid TOML" in one.sentence for one in load_catalogue(file).problems)
