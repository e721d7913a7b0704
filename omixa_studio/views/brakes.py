"""Pausing, resuming and cancelling what waits: of everybody, a person, a run; for admins."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from omixa_studio import jobs
from omixa_studio.forms.brakes import BrakeForm, CancelForm
from omixa_studio.models import Generation, Person, Run, dollars
from omixa_studio.services import brakes
from omixa_studio.templatetags.studio import money

from .access import admin_only
from .requests import PersonRequest, actor_of
from .respond import see_other

NAMED = {"person": Person, "run": Run, "generation": Generation}


@require_POST
@admin_only
def pause(request: PersonRequest) -> HttpResponse:
    """Send nothing more; what is under way ends and is booked."""
    given = _given(BrakeForm(request.POST))
    if brakes.stop(
        settings.GATEWAY_TARGET,
        by=actor_of(request),
        person=given["person"],
        run=given["run"],
        why=given["why"],
    ):
        messages.success(request, _("Paused. What is running finishes and is kept."))
    return see_other("people")


@require_POST
@admin_only
def resume(request: PersonRequest) -> HttpResponse:
    """Let what was stopped go on."""
    given = _given(BrakeForm(request.POST))
    if brakes.let_go(
        settings.GATEWAY_TARGET,
        by=actor_of(request),
        wake=jobs.wake,
        person=given["person"],
        run=given["run"],
    ):
        messages.success(request, _("The queue goes on."))
    return see_other("people")


@require_POST
@admin_only
def cancel(request: PersonRequest) -> HttpResponse:
    """Cancel what waits, free of charge, and say how much money that frees."""
    given = _given(CancelForm(request.POST))
    ended = brakes.cancel(
        settings.GATEWAY_TARGET,
        by=actor_of(request),
        person=given["person"],
        run=given["run"],
        one=given["generation"],
    )
    told = _("Cancelled, free of charge: %(count)s. No longer held: %(held)s.")
    held = money(dollars(sum(row.held_micros for row in ended)))
    messages.info(request, told % {"count": len(ended), "held": held})
    return see_other("people")


def _given(form: BrakeForm) -> dict[str, Any]:
    """What a form names, as rows; 400 unless it is one thing, 404 where there is none."""
    if not form.is_valid():
        raise BadRequest("name everybody, a person, a run or a generation")
    given = form.cleaned_data
    for name in NAMED.keys() & {name for name, value in given.items() if value}:
        given[name] = get_object_or_404(NAMED[name], pk=given[name])
    return given
