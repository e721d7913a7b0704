"""Actions on several pictures at once: upscale, cut out, share, hide, trash; all or none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy
from django.views.decorators.http import require_POST

from omixa_studio import jobs
from omixa_studio.catalogue import Fault, load_catalogue
from omixa_studio.forms.actions import read_action
from omixa_studio.forms.generation import read_id
from omixa_studio.models import Person, Picture
from omixa_studio.presenters.costs.refusals import faults_of
from omixa_studio.presenters.pictures.questions import CUTOUT, UPSCALE, Action, ask, unable
from omixa_studio.queries.pictures import visible_to
from omixa_studio.services import actions, asking, curating
from omixa_studio.services.refusals import Refused
from omixa_studio.services.runs import MOST_ROWS

from . import respond
from .requests import PersonRequest, click_of

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

PAID = {action.name: action for action in (UPSCALE, CUTOUT)}


@dataclass(frozen=True)
class Step:
    """A free step: its function, the step that undoes it, its message, and the pictures it takes.

    `withheld` counts the pictures that it skips for now.
    """

    take: Callable[[Person, Sequence[int]], list[int]]
    undo: str
    said: "StrPromise"
    in_trash: bool = False
    withheld: Callable[[Sequence[int]], int] | None = None


JUDGED = ngettext_lazy(
    "Not shared: the team judges %(n)d picture blind until its test is closed.",
    "Not shared: the team judges %(n)d pictures blind until their tests are closed.",
    "n",
)
STEPS = {
    "share": Step(
        curating.share_several,
        "private",
        ngettext_lazy(
            "%(n)d picture shared with the team.", "%(n)d pictures shared with the team.", "n"
        ),
        withheld=curating.judged_among,
    ),
    "private": Step(
        curating.hide_several,
        "share",
        ngettext_lazy("Made private: %(n)d picture.", "Made private: %(n)d pictures.", "n"),
    ),
    "trash": Step(
        curating.trash_several,
        "restore",
        ngettext_lazy(
            "%(n)d picture moved to the trash.", "%(n)d pictures moved to the trash.", "n"
        ),
        in_trash=True,
    ),
    "restore": Step(
        curating.restore_several,
        "",
        ngettext_lazy("%(n)d picture restored.", "%(n)d pictures restored.", "n"),
        in_trash=True,
    ),
}


@require_POST
def bulk(request: PersonRequest) -> HttpResponse:
    """Do one thing with the pictures of `ids`; one that is not allowed makes all of it a 404.

    An undo names its step and pictures in the address, since a toast has only that.
    """
    data = request.POST if "ids" in request.POST else request.GET
    name = request.POST.get("action") or data.get("action", "")
    if name not in PAID and name not in STEPS:
        raise BadRequest("no such action")
    ids = _ids(data)
    if not ids:
        messages.error(request, _("Select at least one picture first."))
        return respond.back(request, reverse("gallery"), refused=True)
    if name in STEPS and len(ids) > MOST_ROWS:
        messages.error(request, _too_many())
        return respond.back(request, reverse("gallery"), refused=True)
    if name in STEPS:
        return _take(request, STEPS[name], ids)
    return _ask_or_start(request, PAID[name], ids)


def _too_many() -> str:
    return _("Select at most %(most)s pictures at a time.") % {"most": MOST_ROWS}


def _ids(data: QueryDict) -> list[int]:
    ids = [read_id(text) for text in data.getlist("ids")]
    if None in ids:
        raise Http404
    return list(dict.fromkeys(pk for pk in ids if pk is not None))


def _take(request: PersonRequest, step: Step, ids: Sequence[int]) -> HttpResponse:
    """Apply a free step to pictures that are all one's own."""
    rows = Picture.objects.filter(person=request.user, pk__in=ids)
    if not step.in_trash:
        rows = rows.filter(trashed_at=None)
    if rows.count() < len(ids):
        raise Http404
    changed = step.take(request.user, ids)
    if changed:
        named: dict[str, str | list[int]] = {"action": step.undo, "ids": changed}
        query = urlencode(named, doseq=True)
        tags = f"undo:{reverse('bulk')}?{query}" if step.undo else ""
        messages.success(request, step.said % {"n": len(changed)}, extra_tags=tags)
    if step.withheld and (judged := step.withheld(ids)):
        messages.error(request, JUDGED % {"n": judged})
    return respond.back(request, reverse("gallery"))


def _ask_or_start(request: PersonRequest, action: Action, ids: Sequence[int]) -> HttpResponse:
    """Show the count and the total price; with `step=start` queue everything as one run."""
    person, pictures = request.user, _visible(request.user, ids)
    catalogue = load_catalogue(settings.MODELS_TOML)
    too_many = _too_many() if len(ids) > MOST_ROWS else ""
    if question := unable(person, catalogue, action, pictures, refusal=too_many):
        return respond.question(request, question, refused=True)
    asked = read_action(request.POST, actions.models_for(catalogue, action.operation))
    prompts = actions.prompts_for(asked.model, pictures, person)
    faults: Sequence[Fault] = ()
    if request.POST.get("step") == "start":
        try:
            click = click_of(request)
            run = asking.start_action_on_many(
                person, pictures, asked, prompts, catalogue=catalogue, wake=jobs.wake, click=click
            )
            return respond.see_other(reverse("run", args=[run.pk]))
        except Refused as refusal:
            faults = faults_of(refusal)
    following = request.POST.get("next", "")
    question = ask(
        person, catalogue, asked, action, pictures, faults=faults, bulk=True, following=following
    )
    without = replace(question, without_prompt=sum(not prompt for prompt in prompts))
    return respond.question(request, without, refused=bool(faults))


def _visible(person: Person, ids: Sequence[int]) -> list[Picture]:
    """Return the pictures in the order of their ids; 404 unless all of them are visible."""
    rows = visible_to(person).select_related("generation").in_bulk(list(ids))
    if len(rows) < len(ids):
        raise Http404
    return [rows[pk] for pk in ids]
