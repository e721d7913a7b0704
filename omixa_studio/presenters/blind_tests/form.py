"""The form of a new blind test, and what it will cost."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import comb

from omixa_studio.catalogue import Catalogue, Fault, Field, ImageModel
from omixa_studio.forms.blind_tests import (
    FEWEST_PAIRS,
    MOST_PAIRS,
    MOST_PICTURES,
    SHAPE,
    VARIED,
    BlindTestAsked,
    may_enter,
)
from omixa_studio.forms.clicks import new_click
from omixa_studio.forms.controls import Option, control_for
from omixa_studio.models import Person
from omixa_studio.presenters.projects import ProjectField, project_field
from omixa_studio.presenters.runs.totals import RunTotal, total_of
from omixa_studio.presenters.shell import Shell, shell_of
from omixa_studio.sentences import say
from omixa_studio.services import blind_tests
from omixa_studio.services.pricing import terms_now


@dataclass(frozen=True)
class Tick:
    """A checkbox: its value, its label, whether it is ticked."""

    value: str
    label: str
    ticked: bool


@dataclass(frozen=True)
class Variants:
    """The values of one option; each checked one enters the test as a contestant."""

    name: str
    label: str
    values: Sequence[Tick]


@dataclass(frozen=True)
class ModelEntry:
    """A model that may enter, with the options that may vary."""

    slug: str
    name: str
    summary: str
    ticked: bool
    variants: Sequence[Variants]

    @property
    def is_open(self) -> bool:
        return self.ticked and bool(self.variants)


@dataclass(frozen=True, kw_only=True)
class BlindTestForm:
    """The form as filled in, with its total once complete; `pairs` counts all possible pairs."""

    asked: BlindTestAsked
    old: Sequence[Tick]
    models: Sequence[ModelEntry]
    shapes: Sequence[Option]
    shape: str
    people: Sequence[Tick]
    total: RunTotal | None
    contestants: int
    pairs: int
    sentences: Sequence[str]
    project: ProjectField
    shell: Shell
    click: str
    most_pictures: int = MOST_PICTURES
    fewest_pairs: int = FEWEST_PAIRS
    most_pairs: int = MOST_PAIRS


def form_of(
    person: Person,
    catalogue: Catalogue,
    asked: BlindTestAsked,
    *,
    old: Mapping[int, str],
    people: Collection[Person],
    faults: Sequence[Fault] = (),
    project: int | None = None,
) -> BlindTestForm:
    """Draw the form; `old` are the person's own prompts, `people` those who may be invited.

    `project` is the id of the one it begins with, 0 for none, None for the one chosen last.
    """
    shell = shell_of(person)
    entering = [model for model in catalogue.enabled if may_enter(model)]
    contestants = len(asked.contestants)
    choices = [choice for _at, _by, choice in blind_tests.calls(asked)] if contestants > 1 else []
    return BlindTestForm(
        asked=asked,
        old=[Tick(str(pk), prompt, pk in asked.old) for pk, prompt in old.items()],
        models=[_entry(model, asked) for model in entering],
        shapes=_shapes(entering),
        shape=asked.shape,
        people=[Tick(str(one.pk), one.name, one.pk in asked.people) for one in people],
        total=total_of(terms_now(catalogue, entering), choices, shell.left) if choices else None,
        contestants=contestants,
        pairs=comb(contestants, 2) * len(asked.prompts) * asked.pictures_each,
        sentences=[say(fault) for fault in faults],
        project=project_field(person, project, faults),
        shell=shell,
        click=new_click(),
    )


def _entry(model: ImageModel, asked: BlindTestAsked) -> ModelEntry:
    chosen = asked.chosen.get(model.slug, {})
    fields = [field for name in VARIED if (field := model.field(name)) and field.accepted]
    return ModelEntry(
        slug=model.slug,
        name=model.name,
        summary=model.summary,
        ticked=model.slug in asked.chosen,
        variants=[_variants(model, field, chosen.get(field.name, ())) for field in fields],
    )


def _variants(model: ImageModel, field: Field, chosen: Sequence[str]) -> Variants:
    options = [option for option in control_for(field, "").options if option.value]
    ticks = [Tick(one.value, one.label, one.value in chosen) for one in options]
    return Variants(f"{field.name}:{model.slug}", field.label, ticks)


def _shapes(models: Sequence[ImageModel]) -> list[Option]:
    """Return every shape that any of the models supports, once each."""
    fields = [field for model in models if (field := model.field(SHAPE))]
    options = {one.value: one for field in fields for one in control_for(field, "").options}
    return [option for option in options.values() if option.value]
