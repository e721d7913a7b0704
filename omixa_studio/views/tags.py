"""The tags on one's pictures: rename, merge, delete."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from omixa_studio import jobs
from omixa_studio.forms.tags import read_tag_name, read_words
from omixa_studio.models import BackgroundJob
from omixa_studio.presenters.pictures.steps import taken
from omixa_studio.presenters.tags import rows_of_tags
from omixa_studio.queries.tags import page_of_tags, used_by
from omixa_studio.sentences import say
from omixa_studio.services import selections, tagging
from omixa_studio.services.background import TooManyJobs
from omixa_studio.services.refusals import ChoiceRefused

from . import respond
from .requests import PersonRequest
from .selected import busy


@require_safe
def page(request: PersonRequest) -> HttpResponse:
    """Show the tags on the person's pictures, by name: those with the words `q`, `after` a name."""
    words = read_words(request.GET)
    after = request.GET.get("after", "").replace("\x00", " ")
    found = page_of_tags(request.user, words=words, after=after)
    further = urlencode([("q", words), ("after", found.after)]) if found.after else ""
    shown = {
        "rows": rows_of_tags(found.tags),
        "words": words,
        "further": further,
        "place": reverse("gallery"),
    }
    return render(request, "tags/tags.html", shown)


@require_POST
def rename(request: PersonRequest, pk: int) -> HttpResponse:
    """Give a tag on the person's pictures another `name`; one that exists merges the two."""
    person = request.user
    tag = get_object_or_404(used_by(person), pk=pk)
    name = read_tag_name(request.POST if "name" in request.POST else request.GET)
    former = tag.name
    if not name:
        messages.error(request, _("A tag needs a name, without commas."))
        return respond.back(request, reverse("tags"), refused=True)
    try:
        other = tagging.rename_tag(person, tag, name)
    except ChoiceRefused as refusal:
        messages.error(request, " ".join(say(fault) for fault in refusal.faults))
        return respond.back(request, reverse("tags"), refused=True)
    if other.pk != pk:
        return _take(request, "replace_tag", [pk, other.pk])
    if former != name:
        path = f"{reverse('tag_rename', args=[pk])}?{urlencode({'name': former})}"
        undo = f"undo:{path}" if "name" in request.POST else ""
        messages.success(request, _("Tag renamed."), extra_tags=undo)
    return respond.back(request, reverse("tags"))


@require_POST
def delete(request: PersonRequest, pk: int) -> HttpResponse:
    """Take a tag off all of the person's pictures, with an undo."""
    tag = get_object_or_404(used_by(request.user), pk=pk)
    return _take(request, "tag_off", [tag.pk])


def _take(request: PersonRequest, step: str, tags: list[int]) -> HttpResponse:
    try:
        job = selections.take_on_tagged(request.user, step, tags, wake=jobs.wake)
    except TooManyJobs:
        messages.error(request, busy())
        return respond.back(request, reverse("tags"), refused=True)
    messages.success(request, _said(job), extra_tags=_undo(job))
    return respond.back(request, reverse("tags"))


def _said(job: BackgroundJob) -> str:
    return _("It runs in the background. You can go on working.") if job.is_open else taken(job)


def _undo(job: BackgroundJob) -> str:
    changed = not job.is_open and job.result.get("changed")
    return f"undo:{reverse('job_undo', args=[job.pk])}" if changed else ""
