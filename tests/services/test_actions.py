"""Work on pictures that are there: which models fit, whose prompt, what becomes the input."""

from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import GenerationInput, InputImage, Person, Picture
from omixa_studio.services import actions, inputs, runs
from omixa_studio.services.submission import Choice
from tests.factories import make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db


def made_from(origin: Picture, maker: Person, **fields: Any) -> Picture:
    """A picture without a prompt whose only input was another picture."""
    generation = make_generation(maker, prompt="", operation="remove_background", **fields)
    image = inputs.keep_picture(maker, origin)
    GenerationInput.objects.create(generation=generation, image=image, position=0)
    return make_picture(generation, size=(80, 64))


def test_it_names_the_models_that_do_it_on_one_picture() -> None:
    catalogue = load_catalogue(None)
    slugs = {
        operation: [model.slug for model in actions.models_for(catalogue, operation)]
        for operation in ("upscale", "remove_background")
    }
    assert slugs == {
        "upscale": ["stability-upscale-creative", "stability-upscale-conservative"],
        "remove_background": ["stability-remove-background"],
    }


def test_it_leaves_out_what_is_switched_off(tmp_path: Path) -> None:
    toml = tmp_path / "models.toml"
    toml.write_text('[models."stability-upscale-creative"]\nenabled = false\n')
    models = actions.models_for(load_catalogue(toml), "upscale")
    assert [model.slug for model in models] == ["stability-upscale-conservative"]


def test_it_finds_the_prompt_of_what_a_cut_out_came_from() -> None:
    person = make_person()
    origin = make_picture(make_generation(person, prompt="A grey harbour"), size=(80, 64))
    cut = made_from(made_from(origin, person), person)
    assert actions.prompt_of(cut, person) == "A grey harbour"


def test_it_does_not_tell_the_prompt_of_a_picture_that_is_private() -> None:
    maker, other = make_person(), make_person()
    origin = make_picture(make_generation(maker, prompt="A secret"), size=(80, 64))
    cut = made_from(origin, maker)
    Picture.objects.filter(pk=cut.pk).update(shared=True)
    assert actions.prompt_of(cut, maker) == "A secret"
    assert actions.prompt_of(cut, other) == ""


def test_it_asks_about_a_dear_selection_before_it_makes_a_picture_ready() -> None:
    catalogue, person = load_catalogue(None), make_person()
    model = catalogue.find("stability-upscale-creative")
    assert model is not None
    pictures = [make_picture(make_generation(person)) for _ in range(3)]
    pairs = [(picture, Choice(model=model, values={"prompt": "A harbour"})) for picture in pictures]
    with pytest.raises(runs.NotConfirmed):
        actions.start_many(person, pairs, catalogue=catalogue, wake=lambda: None)
    assert not InputImage.objects.exists()


def test_it_makes_the_input_as_large_as_the_request_may_be(settings: Settings) -> None:
    settings.BODY_BYTES = 4_000
    person = make_person()
    picture = make_picture(make_generation(person), size=(1400, 1400))
    model = load_catalogue(None).models["stability-remove-background"]
    row = actions.start(
        person,
        picture,
        Choice(model=model, values={}),
        catalogue=load_catalogue(None),
        wake=lambda: None,
    )
    image = row.inputs.get()
    assert image.picture == picture
    assert image.bytes <= 3_000


def test_it_stores_the_same_picture_once() -> None:
    person, catalogue = make_person(), load_catalogue(None)
    picture = make_picture(make_generation(person), size=(80, 64))
    choice = Choice(model=catalogue.models["stability-remove-background"], values={})
    for _ in range(2):
        actions.start(person, picture, choice, catalogue=catalogue, wake=lambda: None)
    assert InputImage.objects.count() == 1
