"""Pausing, resuming and cancelling waiting requests: of everyone, a person, a run; for admins."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from omixa_studio import jobs
from omixa_studio.catalogue.records import N_
from omixa_studio.directions import isolated
from omixa_studio.forms.brakes import BrakeForm, CancelForm
from omixa_studio.models import Generation, Person, Run, dollars
from omixa_studio.services import brakes
from omixa_studio.templatetags.studio import money

from .access import admin_only
from .proof import admin_act
from .requests import PersonRequest, actor_of
from .respond import back

NAMED = {"person": Person, "run": Run, "generation": Generation}
# The messages for a press that changed something, and for one that came second: about one person,
# and about everyone or a run.
PAUSED = {
    "person": (
        N_("%(name)s is paused. Running requests finish and their cost is recorded."),
        N_("%(name)s was paused already."),
    ),
    "all": (
        N_("Paused. Running requests finish and their cost is recorded."),
        N_("It was paused already."),
    ),
}
RESUMED = {
    "person": (N_("Requests of %(name)s continue."), N_("%(name)s was not paused.")),
    "all": (N_("The queue continues."), N_("It was not paused.")),
}


@require_POST
@admin_only
def pause(request: PersonRequest) -> HttpResponse:
    """Send nothing more; running requests finish and are recorded."""
    given = _given(BrakeForm(request.POST))
    return _acted(request, partial(brakes.stop, why=given["why"]), given, PAUSED)


@require_POST
@admin_act
def resume(request: PersonRequest) -> HttpResponse:
    """Resume what was paused."""
    given = _given(BrakeForm(request.POST))
    return _acted(request, partial(brakes.let_go, wake=jobs.wake), given, RESUMED)


@require_POST
@admin_act
def cancel(request: PersonRequest) -> HttpResponse:
    """Cancel waiting requests, or those over a limit; show how much money that releases."""
    given = _given(CancelForm(request.POST))
    one, by, person = given["generation"], actor_of(request), given["person"]
    target = given["target"] or (one.target if one else settings.GATEWAY_TARGET)
    if given["past"]:
        ended = brakes.cancel_past(target, by=by, person=person)
    else:
        ended = brakes.cancel(target, by=by, person=person, run=given["run"], one=one)
    messages.info(request, _freed(ended, person))
    return back(request, "people")


def _freed(ended: Sequence[Generation], person: Person | None) -> str:
    """Return how many were cancelled, for which person if one is given, and what that releases."""
    told = _("Cancelled free of charge: %(count)s. Released: %(held)s.")
    if person:
        told = _("Cancelled for %(name)s free of charge: %(count)s. Released: %(held)s.")
    held = money(dollars(sum(row.held_micros for row in ended)))
    return told % {"name": person and isolated(person.name), "count": len(ended), "held": held}


def _acted(
    request: PersonRequest,
    act: Callable[..., bool],
    given: dict[str, Any],
    sentences: Mapping[str, tuple[str, str]],
) -> HttpResponse:
    """Apply an act to the subject that the form names, and show whether it changed anything."""
    target, by, person = settings.GATEWAY_TARGET, actor_of(request), given["person"]
    done, was_so = sentences["person" if person else "all"]
    name = {"name": isolated(person.name)} if person else {}
    if act(target, by=by, person=person, run=given["run"]):
        messages.success(request, _(done) % name)
    else:
        messages.info(request, _(was_so) % name)
    return back(request, "people")


def _given(form: BrakeForm) -> dict[str, Any]:
    """Return what a form names, as rows; 400 unless it is one thing, 404 if it does not exist."""
    if not form.is_valid():
        raise BadRequest("name everybody, a person, a run or a generation")
    given = form.cleaned_data
    for name in NAMED.keys() & {name for name, value in given.items() if value}:
        given[name] = get_object_or_404(NAMED[name], pk=given[name])
    return given
