"""Whatever comes in, the rules answer with values and sentences and never raise."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from omixa_studio.catalogue import check_choice, choice_texts, load_catalogue, parse_choice
from omixa_studio.catalogue.records import ImageModel
from tests.present import present

MODELS = tuple(load_catalogue(None).models.values())
NAMES = sorted({one.name for model in MODELS for one in model.fields})

models = st.sampled_from(MODELS)
likely = st.sampled_from(["1K", "auto", "true", "false", "4", "0.3", "0.25", "-0", ".5", "1."])
texts = st.dictionaries(
    st.sampled_from(NAMES) | st.text(max_size=8),
    likely | st.text() | st.integers().map(str) | st.floats().map(str),
    max_size=8,
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
choices = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), values, max_size=8)


Drawn = tuple[ImageModel, dict[str, str]]


@st.composite
def fitting_texts(draw: st.DrawFn) -> Drawn:
    """Draw a model and texts that mostly fit it."""
    model = draw(models)
    drawn = {}
    for field in model.fields:
        if field.type in ("image", "images") or not (field.required or draw(st.booleans())):
            continue
        if field.accepted:
            drawn[field.name] = draw(st.sampled_from(field.accepted))
        elif field.type == "boolean":
            drawn[field.name] = draw(st.sampled_from(["true", "false"]))
        elif field.type == "string":
            drawn[field.name] = draw(st.text(min_size=1))
        elif field.type == "integer":
            drawn[field.name] = str(
                draw(st.integers(*map(int, (present(field.minimum), present(field.maximum)))))
            )
        else:
            number = st.decimals(field.minimum, field.maximum, places=draw(st.integers(1, 12)))
            drawn[field.name] = f"{draw(number):f}"
    return model, drawn


@settings(deadline=None)
@given(models, texts, st.integers(0, 12), st.booleans())
def test_it_never_raises_on_form_text(
    model: ImageModel, texts: dict[str, str], images: int, mask: bool
) -> None:
    choice, faults = parse_choice(model, texts)
    faults += check_choice(model, choice, images=images, mask=mask)
    assert all(fault.sentence.isprintable() for fault in faults)
    json.dumps(choice, allow_nan=False)


@settings(deadline=None)
@given(models, choices, st.integers(-1, 12), st.booleans())
def test_it_never_raises_on_typed_choices(
    model: ImageModel, choice: dict[str, Any], images: int, mask: bool
) -> None:
    faults = check_choice(model, choice, images=images, mask=mask)
    assert all(fault.sentence.isprintable() for fault in faults)


@settings(deadline=None)
@given(fitting_texts())
def test_it_reads_its_own_text_back_as_the_same_choice(drawn: Drawn) -> None:
    model, texts = drawn
    choice, faults = parse_choice(model, texts)
    if faults or check_choice(model, choice, images=model.min_images):
        return
    again, none = parse_choice(model, choice_texts(choice))
    assert none == ()
    assert again == choice
    assert [type(value) for value in again.values()] == [type(value) for value in choice.values()]


@settings(deadline=None)
@given(models, choices)
def test_it_lets_only_what_can_be_sent_as_json_pass(
    model: ImageModel, choice: dict[str, Any]
) -> None:
    if check_choice(model, choice, images=model.min_images) == ():
        json.dumps(choice, allow_nan=False, ensure_ascii=False).encode()
        assert set(choice) <= {one.name for one in model.fields}
