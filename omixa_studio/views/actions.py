"""Upscale and remove background: the question with its price, then the click that starts it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from omixa_studio import jobs
from omixa_studio.catalogue import (
    Catalogue,
    Fault,
    ImageModel,
    check_choice,
    load_catalogue,
    parse_choice,
)
from omixa_studio.catalogue.records import N_
from omixa_studio.forms.actions import ActionAsked, read_action
from omixa_studio.forms.clicks import new_click
from omixa_studio.forms.controls import Control
from omixa_studio.forms.generation import fault_sentence
from omixa_studio.models import Picture
from omixa_studio.presenters.costs.refusals import budget_fault
from omixa_studio.presenters.runs.totals import Total, total_of
from omixa_studio.presenters.shell import Shell, shell_of
from omixa_studio.presenters.studio.composer import Composer, Pick, compose, remembered
from omixa_studio.queries.pictures import visible_to
from omixa_studio.services import actions, submission
from omixa_studio.services.budget import BudgetRefused
from omixa_studio.services.submission import Choice, ChoiceRefused

from . import respond
from .requests import PersonRequest

SHOWN_PICTURES = 8


@dataclass(frozen=True)
class Action:
    """Something to do with a picture: its operation, its words, the icon in front."""

    name: str
    operation: str
    label: str
    icon: str
    started: str


@dataclass(frozen=True)
class Offer:
    """A model that can do it, and what is held for one picture, in dollars."""

    pick: Pick
    held: Decimal


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked before anything is sent; without a `form` no model can do it."""

    action: Action
    path: str
    pictures: Sequence[Picture]
    many: bool
    shell: Shell
    form: Composer | None = None
    offers: Sequence[Offer] = ()
    total: Total | None = None
    without_prompt: int = 0
    cut: bool = False
    confirmed: bool = False
    faults: Sequence[str] = ()
    click: str = ""
    next: str = ""

    @property
    def shown(self) -> Sequence[Picture]:
        return self.pictures[:SHOWN_PICTURES]

    @property
    def more(self) -> int:
        return max(len(self.pictures) - SHOWN_PICTURES, 0)

    @property
    def asks_prompt(self) -> bool:
        """Whether a prompt is written here: for one picture, or for those without."""
        takes = self.form is not None and self.form.model.takes_prompt
        return takes and (not self.many or self.without_prompt > 0)

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


@require_http_methods(["GET", "POST"])
def upscale(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask before a picture is enlarged, with its prompt and price; POST starts it."""
    return _one(request, pk, UPSCALE)


@require_http_methods(["GET", "POST"])
def cutout(request: PersonRequest, pk: int) -> HttpResponse:
    """Ask before a picture's background is removed, with the price; POST starts it."""
    return _one(request, pk, CUTOUT)


def _one(request: PersonRequest, pk: int, action: Action) -> HttpResponse:
    rows = visible_to(request.user).select_related("generation")
    picture = get_object_or_404(rows, pk=pk)
    catalogue = load_catalogue(settings.MODELS_TOML)
    models = actions.models_for(catalogue, action.operation)
    posted = request.method == "POST"
    if not models:
        return answer(request, unable(request, action, [picture]), refused=posted)
    asked = read_action(request.POST if posted else request.GET, models)
    asked, cut = _with_own_prompt(request, picture, asked)
    faults: Sequence[Fault] = ()
    if posted and asked.starts:
        try:
            return _start(request, catalogue, picture, action, asked)
        except ChoiceRefused as refusal:
            faults = refusal.faults
        except BudgetRefused as refusal:
            faults = (budget_fault(refusal),)
    texts = asked.texts if posted else {**remembered(request.user, asked.model), **asked.texts}
    question = ask(
        request, catalogue, replace(asked, texts=texts), action, [picture], faults=faults
    )
    return answer(request, replace(question, cut=cut), refused=bool(faults))


def _with_own_prompt(
    request: PersonRequest, picture: Picture, asked: ActionAsked
) -> tuple[ActionAsked, bool]:
    """Fill in the picture's own prompt where the form has none; say whether it was cut."""
    if not asked.model.takes_prompt or "prompt" in asked.texts:
        return asked, False
    own = actions.prompt_of(picture, request.user)
    prompt = actions.fitting_prompt(asked.model, own)
    if not prompt:
        return asked, False
    texts, values = {**asked.texts, "prompt": prompt}, {**asked.values, "prompt": prompt}
    return replace(asked, texts=texts, values=values), len(prompt) < len(own)


def _start(
    request: PersonRequest,
    catalogue: Catalogue,
    picture: Picture,
    action: Action,
    asked: ActionAsked,
) -> HttpResponse:
    """Queue it and lead to the board; script stays where it is, with a link to it."""
    if faults := asked.faults or check_choice(asked.model, asked.values, images=1):
        raise ChoiceRefused(tuple(faults))
    actions.start(
        request.user,
        picture,
        Choice(model=asked.model, values=asked.values),
        catalogue=catalogue,
        wake=jobs.wake,
        click=asked.click,
    )
    studio = reverse("studio")
    if not respond.wants_part(request):
        return respond.see_other(studio)
    said = format_html('{} <a href="{}">{}</a>', _(action.started), studio, _("To the studio"))
    messages.success(request, said)
    return respond.part(request, "actions/_started.html", {"oob": True}, event="money")


def ask(
    request: PersonRequest,
    catalogue: Catalogue,
    asked: ActionAsked,
    action: Action,
    pictures: Sequence[Picture],
    *,
    faults: Sequence[Fault] = (),
    many: bool = False,
) -> Question:
    """Ask about pictures: the models, the chosen one's options, what it all costs."""
    form = compose(catalogue, asked.model, asked.texts, faults=faults)
    shell = shell_of(request.user)
    known = {name: text for name, text in asked.texts.items() if asked.model.field(name)}
    choice = Choice(model=asked.model, values=parse_choice(asked.model, known)[0])
    return Question(
        action=action,
        path=reverse("bulk" if many else f"picture_{action.name}", args=_key(pictures, many)),
        pictures=pictures,
        many=many,
        shell=shell,
        form=form,
        offers=_offers(catalogue, form, action),
        total=total_of(catalogue, [choice] * len(pictures), shell.left),
        confirmed=asked.confirmed,
        faults=[fault_sentence(fault) for fault in faults],
        click=new_click(),
        next=request.POST.get("next", ""),
    )


def unable(
    request: PersonRequest, action: Action, pictures: Sequence[Picture], *, sentence: str = ""
) -> Question:
    """A question that cannot be asked, with the reason."""
    none = _("No model that does this is switched on; an admin can do that under Models.")
    return Question(
        action=action,
        path="",
        pictures=pictures,
        many=len(pictures) != 1,
        shell=shell_of(request.user),
        faults=[sentence or none],
    )


def answer(request: PersonRequest, question: Question, *, refused: bool = False) -> HttpResponse:
    """Show a question: as a page, or to script as what stands in a dialog."""
    part = respond.wants_part(request)
    template = "actions/_question.html" if part else "actions/question.html"
    context = {"question": question, "shell": question.shell, "in_dialog": part}
    return render(request, template, context, status=422 if refused else 200)


def _key(pictures: Sequence[Picture], many: bool) -> list[int]:
    return [] if many else [pictures[0].pk]


def _offers(catalogue: Catalogue, form: Composer, action: Action) -> list[Offer]:
    """The models that can do it; what is held for one depends on nothing else of the form."""
    able = {model.slug: model for model in actions.models_for(catalogue, action.operation)}
    return [
        Offer(pick, _held(catalogue, able[pick.slug])) for pick in form.picks if pick.slug in able
    ]


def _held(catalogue: Catalogue, model: ImageModel) -> Decimal:
    return submission.price(catalogue, model, {}).hold
