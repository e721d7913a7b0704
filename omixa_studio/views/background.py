"""Background jobs: listed, shown on every page, cancelled, undone, put away."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from omixa_studio import jobs
from omixa_studio.models import BackgroundJob
from omixa_studio.presenters.background.cards import card_of, cards_of, ended_since, menu_of
from omixa_studio.presenters.pictures.steps import taken
from omixa_studio.queries.background import jobs_of, listed_jobs, undone_among
from omixa_studio.sentences import tell
from omixa_studio.services import background, selections

from . import respond
from .requests import PersonRequest


@require_safe
def page(request: PersonRequest) -> HttpResponse:
    """Show the person's latest jobs; to an admin also those of the studio."""
    return render(
        request, "background/background.html", {"cards": cards_of(listed_jobs(request.user))}
    )


@require_safe
def shown(request: PersonRequest) -> HttpResponse:
    """Return the jobs that every page shows, unless the page shows the same (`seen`).

    Of those that have ended since, a toast tells.
    """
    menu, seen = menu_of(request.user), request.GET.get("seen", "")
    if seen == menu.stamp:
        return respond.nothing_new()
    for card in ended_since(menu, seen):
        level = messages.error if card.failed else messages.success
        level(request, card.sentence, extra_tags=f"undo:{card.undo}" if card.undo else "")
    return respond.part(request, "background/_shown.html", {"menu": menu})


@require_safe
def job(request: PersonRequest, pk: int) -> HttpResponse:
    """Return one job: a part that polls itself while the job is open, else the page of all."""
    found = _own(request, pk)
    if not respond.wants_part(request):
        return respond.see_other(reverse("jobs"))
    card = card_of(found, undone=pk in undone_among([found]))
    return respond.part(request, "background/_job.html", {"card": card})


@require_POST
def cancel(request: PersonRequest, pk: int) -> HttpResponse:
    """Cancel a job; what it has done stays done, and can be undone."""
    if not background.cancel(_own(request, pk)):
        messages.error(request, _("It has already ended."))
    return _back(request)


@require_POST
def undo(request: PersonRequest, pk: int) -> HttpResponse:
    """Take back what a step on several pictures has changed; of many in the background."""
    done = get_object_or_404(jobs_of(request.user), pk=pk, kind=selections.STEP)
    if done.is_open or not selections.step_of(done).undo:
        raise Http404
    try:
        made = selections.undo(request.user, done, wake=jobs.wake)
    except background.AlreadyUndone:
        messages.error(request, _("It has been undone already."))
    except background.JobFailed as failure:
        messages.error(request, tell([failure.told]))
    except background.TooManyJobs:
        messages.error(request, _("Too much of yours is under way. Wait until some of it is done."))
    else:
        messages.success(request, _("Undoing it.") if made.is_open else taken(made))
    return _back(request)


@require_POST
def close(request: PersonRequest, pk: int) -> HttpResponse:
    """Show an ended job no longer on every page."""
    background.close(_own(request, pk))
    return _back(request)


def _own(request: PersonRequest, pk: int) -> BackgroundJob:
    return get_object_or_404(jobs_of(request.user), pk=pk)


def _back(request: PersonRequest) -> HttpResponse:
    """Return the jobs to script, which replaces them, else redirect to where the form stood."""
    if not respond.wants_part(request):
        return respond.back(request, reverse("jobs"))
    request.user.refresh_from_db(fields=["has_jobs"])
    return respond.part(request, "background/_shown.html", {"menu": menu_of(request.user)})
