"""Actions on several pictures at once: upscale, cut out, share, star, trash …"""

from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from omixa_studio import jobs
from omixa_studio.catalogue import Fault, load_catalogue
from omixa_studio.catalogue.records import N_
from omixa_studio.filters.selection import Selection
from omixa_studio.forms.actions import read_action
from omixa_studio.forms.budget_requests import asks_for_more
from omixa_studio.forms.generation import read_id
from omixa_studio.forms.marks import read_tags
from omixa_studio.forms.selections import SelectionUnusable, read_selection
from omixa_studio.models import BackgroundJob, Person, Picture
from omixa_studio.presenters.pictures.questions import CUTOUT, UPSCALE, Action, ask, unable
from omixa_studio.presenters.pictures.steps import question_of, taken
from omixa_studio.queries import selections
from omixa_studio.queries.pictures import visible_to
from omixa_studio.queries.selections import Stretch
from omixa_studio.queries.tags import tag_called
from omixa_studio.sentences import say
from omixa_studio.services import actions, asking, tagging
from omixa_studio.services.background import TooManyJobs
from omixa_studio.services.refusals import ChoiceRefused, Refused
from omixa_studio.services.runs import MOST_ROWS
from omixa_studio.services.selections import MOST_AT_ONCE, STEPS, take_later, take_now

from . import respond
from .refusals import RefusalShown, refusal_of, refused_in_json, wants_json
from .requests import PersonRequest, click_of

PAID = {action.name: action for action in (UPSCALE, CUTOUT)}
# The same click again does no harm.
IN_TRASH = ("trash", "restore")
SENT_AGAIN = ("action", "tag", "ids", "gallery", "ranges", "all", "without", "as_of", "next")


@require_POST
def bulk(request: PersonRequest) -> HttpResponse:
    """Do one thing with the pictures of `ids`; one that is not allowed makes all of it a 404.

    With `gallery` it is a selection in that gallery: what may not be changed is left out, and said.
    """
    name = request.POST.get("action", "")
    if name not in PAID and name not in STEPS:
        raise BadRequest("no such action")
    if request.POST.get("gallery"):
        return _of_selection(request, name)
    ids = _ids(request.POST)
    if not ids:
        return _refused(request, _("Select at least one picture first."))
    if name in PAID:
        return _ask_or_start(request, PAID[name], _visible(request.user, ids))
    if len(ids) > MOST_AT_ONCE:
        return _refused(request, _too_many(MOST_AT_ONCE))
    rows = Picture.objects.filter(person=request.user, pk__in=ids)
    if (rows if name in IN_TRASH else rows.filter(trashed_at=None)).count() < len(ids):
        raise Http404
    if missing := _missing(request, name):
        return _question(request, name, count=len(ids), left_out=0, of=missing)
    return _take_now(request, name, ids)


def _missing(request: PersonRequest, name: str) -> str:
    """Return the name of the value that a step needs and the form does not have, else ""."""
    of = STEPS[name].of
    return "" if not of or read_tags(request.POST) else of


def _values(request: PersonRequest, name: str) -> dict[str, int]:
    """Return what a step needs to know; to put a new tag makes it. Raises ChoiceRefused."""
    if not STEPS[name].of:
        return {}
    tag, *more = read_tags(request.POST)
    if more:
        raise ChoiceRefused(Fault("tag", N_("Choose one tag at a time."), {}))
    found = tagging.tag_named(request.user, tag) if name == "tag" else tag_called(tag)
    if found is None:
        raise ChoiceRefused(Fault("tag", N_("There is no such tag."), {}))
    return {"tag": found.pk}


def _question(
    request: PersonRequest, name: str, *, count: int, left_out: int, of: str
) -> HttpResponse:
    sent = [(key, text) for key in SENT_AGAIN for text in request.POST.getlist(key) if key != of]
    asked = question_of(name, count=count, left_out=left_out, sent=sent, of=of)
    return respond.confirm(request, asked)


def _take_now(request: PersonRequest, name: str, ids: Sequence[int]) -> HttpResponse:
    try:
        values = _values(request, name)
    except ChoiceRefused as refusal:
        return _refused(request, " ".join(say(fault) for fault in refusal.faults))
    return _took(request, take_now(request.user, name, ids, values=values))


def _too_many(most: int) -> str:
    return _("Select at most %(most)s pictures at a time.") % {"most": most}


def _refused(request: PersonRequest, sentence: str) -> HttpResponse:
    return respond.refuse(request, sentence, reverse("gallery"))


def _ids(data: QueryDict) -> list[int]:
    ids = [read_id(text) for text in data.getlist("ids")]
    if None in ids:
        raise Http404
    return list(dict.fromkeys(pk for pk in ids if pk is not None))


def _took(request: PersonRequest, job: BackgroundJob) -> HttpResponse:
    """Say what a step has changed, with an undo if that was something."""
    undoable = STEPS[job.parameters["step"]].undo and job.result["changed"]
    tags = f"undo:{reverse('job_undo', args=[job.pk])}" if undoable else ""
    messages.success(request, taken(job), extra_tags=tags)
    return respond.back(request, reverse("gallery"))


def _of_selection(request: PersonRequest, name: str) -> HttpResponse:
    person = request.user
    try:
        selection = read_selection(request.POST)
    except SelectionUnusable:
        return _refused(request, _("The selection cannot be read. Reload the page, select again."))
    stretches = _stretches(person, selection)
    if stretches is None:
        return _refused(
            request, _("A picture at the end of the selection is gone. Select the range again.")
        )
    if name in STEPS:
        return _step(request, name, selection, stretches)
    found = selections.first_ids(person, selection, stretches, own=False, most=MOST_ROWS + 1)
    if not found:
        return _refused(request, _gone())
    return _ask_or_start(request, PAID[name], _visible(person, found))


def _stretches(person: Person, selection: Selection) -> list[Stretch] | None:
    """Return the ranges of a selection as positions; None if they are not known any more."""
    where = selection.gallery
    gallery = selections.gallery_at(person, where) if where else None
    return None if gallery is None else selections.stretches_of(person, gallery, selection.ranges)


def _step(
    request: PersonRequest, name: str, selection: Selection, stretches: Sequence[Stretch]
) -> HttpResponse:
    """Take a free step; of many pictures, or if some are left out, ask first."""
    person, own = request.user, STEPS[name].own
    found = selections.found_by(person, selection, stretches)
    count = found.own if own else found.count
    if not count:
        return _refused(request, _not_yours() if found.count else _gone())
    many, left_out = count > MOST_AT_ONCE, found.count - count
    missing = _missing(request, name)
    if missing or ((many or left_out) and request.POST.get("confirmed") != "yes"):
        return _question(request, name, count=count, left_out=left_out, of=missing)
    if not many:
        pks = selections.first_ids(person, selection, stretches, own=own, most=count)
        return _take_now(request, name, pks)
    return _start(request, name, selection, stretches, total=count)


def _start(
    request: PersonRequest,
    name: str,
    selection: Selection,
    stretches: Sequence[Stretch],
    *,
    total: int,
) -> HttpResponse:
    try:
        values = _values(request, name)
        take_later(
            request.user, name, selection, stretches, total=total, values=values, wake=jobs.wake
        )
    except ChoiceRefused as refusal:
        return _refused(request, " ".join(say(fault) for fault in refusal.faults))
    except TooManyJobs:
        return _refused(
            request, _("Too much of yours is under way. Wait until some of it is done.")
        )
    messages.success(request, _("It runs in the background. You can go on working."))
    return respond.back(request, reverse("gallery"))


def _gone() -> str:
    return _("None of the selected pictures is there any more.")


def _not_yours() -> str:
    return _("None of the selected pictures is yours, so none was changed.")


def _ask_or_start(
    request: PersonRequest, action: Action, pictures: Sequence[Picture]
) -> HttpResponse:
    """Show the count and the total price; with `step=start` queue everything as one run."""
    person = request.user
    catalogue = load_catalogue(settings.MODELS_TOML)
    too_many = _too_many(MOST_ROWS) if len(pictures) > MOST_ROWS else ""
    if question := unable(person, catalogue, action, pictures, refusal=too_many):
        return respond.question(request, question, refused=True)
    asked = read_action(request.POST, actions.models_for(catalogue, action.operation))
    prompts = actions.prompts_for(asked.model, pictures, person)
    shown = RefusalShown()
    if request.POST.get("step") == "start" or asks_for_more(request.POST):
        try:
            click = click_of(request)
            run = asking.start_action_on_many(
                person, pictures, asked, prompts, catalogue=catalogue, wake=jobs.wake, click=click
            )
            return respond.see_other(reverse("run", args=[run.pk]))
        except Refused as refusal:
            if wants_json(request):
                return refused_in_json(refusal)
            shown = refusal_of(request, refusal)
            if shown.made:
                return respond.see_other(reverse("studio"))
    following = request.POST.get("next", "")
    question = ask(
        person,
        catalogue,
        asked,
        action,
        pictures,
        faults=shown.faults,
        bulk=True,
        following=following,
    )
    without = replace(question, without_prompt=sum(not prompt for prompt in prompts))
    return respond.question(request, without, refused=bool(shown.faults), offer=shown.offer)


def _visible(person: Person, ids: Sequence[int]) -> list[Picture]:
    """Return the pictures in the order of their ids; 404 unless all of them are visible."""
    rows = visible_to(person).select_related("generation").in_bulk(list(ids))
    if len(rows) < len(ids):
        raise Http404
    return [rows[pk] for pk in ids]
