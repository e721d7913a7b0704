"""The form of a run: a list of prompts, or a comparison."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from omixa_studio.catalogue import Catalogue, Fault, ImageModel
from omixa_studio.forms.clicks import new_click
from omixa_studio.forms.controls import AUTO, Control, control_for
from omixa_studio.forms.runs import RunAsked, axes_of
from omixa_studio.models import Person
from omixa_studio.presenters.projects import ProjectField, project_field
from omixa_studio.presenters.shell import Shell, shells_of
from omixa_studio.presenters.studio.beginnings import Beginning
from omixa_studio.presenters.studio.composer import Composer, compose
from omixa_studio.presenters.studio.references import Reference
from omixa_studio.sentences import say
from omixa_studio.services.pricing import terms_now
from omixa_studio.services.submission import Choice

from .totals import RunTotal, model_of, total_of

SHOWN_PROMPTS = 12


@dataclass(frozen=True)
class Axis:
    """Something that a comparison may vary, with its values."""

    name: str
    label: str
    control: Control | None
    chosen: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class RunForm:
    """The form as filled in, with its total once complete; it shows the first prompts.

    `chosen` is the frame with the money left for the model and the project that were chosen.
    """

    asked: RunAsked
    composer: Composer
    models: Sequence[ImageModel]
    axes: Sequence[Axis]
    total: RunTotal | None
    prompts: Sequence[str]
    more_prompts: int
    sentences: Sequence[str]
    project: ProjectField
    shell: Shell
    chosen: Shell
    click: str


def form_of(
    person: Person,
    catalogue: Catalogue,
    asked: RunAsked,
    *,
    choices: Sequence[Choice] = (),
    faults: Sequence[Fault] = (),
    texts: Mapping[str, str] | None = None,
    references: Sequence[Reference] = (),
    project: int | None = None,
) -> RunForm:
    """Draw the form; `texts` fill its fields instead of the submitted ones.

    `project` is the id of the one it begins with, 0 for none, None for the one chosen last.
    """
    field = project_field(person, project, faults)
    shell, chosen = shells_of(person, model_of(choices), field.chosen)
    terms = terms_now(catalogue, catalogue.models.values())
    beginning = Beginning(
        model=asked.model,
        texts=asked.texts if texts is None else texts,
        references=references,
        faults=faults,
    )
    return RunForm(
        asked=asked,
        composer=compose(terms, beginning),
        models=[model for model in catalogue.enabled if model.takes_prompt],
        axes=[_axis(asked, name) for name in axes_of(asked.model)],
        total=total_of(terms, choices, chosen.left) if choices else None,
        prompts=asked.prompts[:SHOWN_PROMPTS],
        more_prompts=max(len(asked.prompts) - SHOWN_PROMPTS, 0),
        sentences=[say(fault) for fault in faults],
        project=field,
        shell=shell,
        chosen=chosen,
        click=new_click(),
    )


def _axis(asked: RunAsked, name: str) -> Axis:
    field = asked.model.field(name)
    if field is None:
        return Axis(name, _("Model"), None, [model.slug for model in asked.models])
    chosen = [str(value) for value in asked.axis_values] if asked.axis == name else []
    # When comparing values, the provider's default is a value like any other.
    return Axis(name, field.label, control_for(field, AUTO), chosen)
