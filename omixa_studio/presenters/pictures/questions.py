"""The dialogue before an action on pictures: which model, its options, the price."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omixa_studio.catalogue import Catalogue, Fault, parse_choice
from omixa_studio.catalogue.records import N_
from omixa_studio.forms.actions import ActionAsked
from omixa_studio.forms.clicks import new_click
from omixa_studio.forms.controls import Control
from omixa_studio.models import Person, Picture
from omixa_studio.presenters.projects import ProjectField, project_field
from omixa_studio.presenters.runs.totals import RunTotal, total_of
from omixa_studio.presenters.shell import Shell, shell_of
from omixa_studio.presenters.studio.beginnings import Beginning
from omixa_studio.presenters.studio.composer import Composer, compose
from omixa_studio.presenters.studio.model_options import ModelOption
from omixa_studio.sentences import say
from omixa_studio.services import actions, pricing
from omixa_studio.services.asking import project_of_action
from omixa_studio.services.inputs import UNDRAWN
from omixa_studio.services.submission import Choice

SHOWN_PICTURES = 8


@dataclass(frozen=True)
class Action:
    """Something to do with a picture: its operation, its texts, its icon."""

    name: str
    operation: str
    label: str
    icon: str
    started: str


@dataclass(frozen=True)
class PricedModel:
    """A model that supports the action, and the hold for one picture, in dollars."""

    option: ModelOption
    held: Decimal


@dataclass(frozen=True, kw_only=True)
class Question:
    """The dialogue before anything is sent; without a `form` no model supports the action."""

    action: Action
    path: str
    pictures: Sequence[Picture]
    bulk: bool
    shell: Shell
    form: Composer | None = None
    offers: Sequence[PricedModel] = ()
    total: RunTotal | None = None
    without_prompt: int = 0
    cut: bool = False
    confirmed: Decimal | bool = False
    faults: Sequence[str] = ()
    project: ProjectField | None = None
    click: str = ""
    next: str = ""

    @property
    def shown(self) -> Sequence[Picture]:
        return self.pictures[:SHOWN_PICTURES]

    @property
    def said_count(self) -> int | None:
        """Return how many pictures the heading names: of one alone none."""
        return len(self.pictures) if self.bulk else None

    @property
    def more(self) -> int:
        return max(len(self.pictures) - SHOWN_PICTURES, 0)

    @property
    def asks_prompt(self) -> bool:
        """Return whether a prompt is written here: for one picture, or for those without one."""
        takes = self.form is not None and self.form.model.takes_prompt
        return takes and (not self.bulk or self.without_prompt > 0)

    @property
    def options_set(self) -> str:
        return " · ".join(one.said for one in self._controls if one.said)

    @property
    def options_open(self) -> bool:
        return any(one.error for one in self._controls)

    @property
    def _controls(self) -> Sequence[Control]:
        return self.form.controls if self.form else ()

    @property
    def short(self) -> bool:
        left = self.shell.left
        return left is not None and self.total is not None and self.total.held > left


UPSCALE = Action("upscale", "upscale", N_("Upscale"), "enlarge", N_("Upscaling has started."))
CUTOUT = Action(
    "cutout",
    "remove_background",
    N_("Remove background"),
    "cutout",
    N_("The background is being removed."),
)


def ask(
    person: Person,
    catalogue: Catalogue,
    asked: ActionAsked,
    action: Action,
    pictures: Sequence[Picture],
    *,
    faults: Sequence[Fault] = (),
    bulk: bool = False,
    following: str = "",
) -> Question:
    """Build the dialogue about pictures: the models, the chosen one's options, the total cost.

    `following` is the address to go to afterwards.
    """
    terms = pricing.terms_now(catalogue, catalogue.models.values())
    form = compose(terms, Beginning(model=asked.model, texts=asked.texts, faults=faults))
    shell = shell_of(person)
    known = {name: text for name, text in asked.texts.items() if asked.model.field(name)}
    choice = Choice(model=asked.model, values=parse_choice(asked.model, known)[0], to_come=1)
    return Question(
        action=action,
        path=reverse("bulk" if bulk else f"picture_{action.name}", args=_key(pictures, bulk)),
        pictures=pictures,
        bulk=bulk,
        shell=shell,
        form=form,
        offers=_offers(terms, form, action),
        total=total_of(terms, [choice] * len(pictures), shell.left),
        confirmed=asked.confirmed,
        faults=[say(fault) for fault in faults],
        project=project_field(person, project_of_action(person, pictures, asked), faults),
        click=new_click(),
        next=following,
    )


def unable(
    person: Person,
    catalogue: Catalogue,
    action: Action,
    pictures: Sequence[Picture],
    *,
    refusal: str = "",
) -> Question | None:
    """Return a page that says why the action is not possible; None if it is.

    A `refusal` is another reason against it.
    """
    if not actions.models_for(catalogue, action.operation):
        refusal = _("No model that does this is switched on; an admin can do that under Models.")
    reason = refusal or _undrawn(pictures)
    if not reason:
        return None
    return Question(
        action=action,
        path="",
        pictures=pictures,
        bulk=len(pictures) != 1,
        shell=shell_of(person),
        faults=[reason],
    )


def _undrawn(pictures: Sequence[Picture]) -> str:
    """Return which pictures cannot be drawn, and so not be sent; "" if all can."""
    undrawn = sum(not picture.drawable for picture in pictures)
    if not undrawn:
        return ""
    if len(pictures) == 1:
        return _(UNDRAWN)
    return ngettext(
        "%(n)d of these pictures cannot be displayed here, so it cannot be sent. Deselect it.",
        "%(n)d of these pictures cannot be displayed here, so they cannot be sent. Deselect them.",
        undrawn,
    ) % {"n": undrawn}


def _key(pictures: Sequence[Picture], bulk: bool) -> list[int]:
    return [] if bulk else [pictures[0].pk]


def _offers(terms: pricing.Terms, form: Composer, action: Action) -> list[PricedModel]:
    """Return the models for the action; their holds for one picture do not depend on the form."""
    able = {model.slug: model for model in actions.models_for(terms.catalogue, action.operation)}
    return [
        PricedModel(one, pricing.price(terms, able[one.slug], {}, inputs=1).hold)
        for one in form.models
        if one.slug in able
    ]
