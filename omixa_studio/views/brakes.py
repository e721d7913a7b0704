"""Pausing, resuming and cancelling what waits: of everybody, a person, a run; for admins."""

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
# What is said of a press that changed something, and of one that came second: of one person,
# of everybody and of runs.
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
    """Send nothing more; what is under way ends and is booked."""
    given = _given(BrakeForm(request.POST))
    return _acted(request, partial(brakes.stop, why=given["why"]), given, PAUSED)


@require_POST
@admin_act
def resume(request: PersonRequest) -> HttpResponse:
    """Let what was stopped go on."""
    given = _given(BrakeForm(request.POST))
    return _acted(request, partial(brakes.let_go, wake=jobs.wake), given, RESUMED)


@require_POST
@admin_act
def cancel(request: PersonRequest) -> HttpResponse:
    """Cancel what waits, or what waits past a limit; say how much money that frees."""
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
    """Say how many were cancelled, of whom where it is one person, and what that frees."""
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
    """Do it to whom the form names, and say so, or that it was so already."""
    target, by, person = settings.GATEWAY_TARGET, actor_of(request), given["person"]
    done, was_so = sentences["person" if person else "all"]
    name = {"name": isolated(person.name)} if person else {}
    if act(target, by=by, person=person, run=given["run"]):
        messages.success(request, _(done) % name)
    else:
        messages.info(request, _(was_so) % name)
    return back(request, "people")


def _given(form: BrakeForm) -> dict[str, Any]:
    """What a form names, as rows; 400 unless it is one thing, 404 where there is none."""
    if not form.is_valid():
        raise BadRequest("name everybody, a person, a run or a generation")
    given = form.cleaned_data
    for name in NAMED.keys() & {name for name, value in given.items() if value}:
        given[name] = get_object_or_404(NAMED[name], pk=given[name])
    return given
