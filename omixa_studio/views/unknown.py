"""Calls with an unknown cost, which admins decide."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from omixa_studio import tasks
from omixa_studio.forms.unknown import UnknownForm
from omixa_studio.gateway.errors import GatewayError
from omixa_studio.models import micros
from omixa_studio.presenters.admin.unknown import compared, page_of, unknown_rows, with_fault
from omixa_studio.queries.unknown import booked
from omixa_studio.services import deciding, lost_calls, usage
from omixa_studio.templatetags.studio import money

from . import respond
from .access import admin_only
from .proof import admin_act
from .requests import PersonRequest, actor_of


@require_safe
@admin_only
def page(request: PersonRequest) -> HttpResponse:
    """Show every unknown call."""
    return render(request, "unknown/unknown.html", page_of(unknown_rows()))


@require_safe
@admin_only
def ask(request: PersonRequest) -> HttpResponse:
    """Show the matching entries of the gateway's log: a part for script, else the whole page."""
    rows, told = unknown_rows(), {"asked": True}
    try:
        entries = tasks.ask_for_usage()
    except GatewayError as error:
        shown = page_of(rows) | told | {"trouble": error}
    else:
        shown = page_of(compared(rows, entries)) | told | {"reaches": usage.oldest(entries)}
    if respond.wants_part(request):
        return respond.part(request, "unknown/_answer.html", shown)
    return render(request, "unknown/unknown.html", shown)


@require_POST
@admin_act
def decide(request: PersonRequest, pk: int) -> HttpResponse:
    """Record the cost that an admin decides, once; 422 for an invalid amount."""
    generation = get_object_or_404(booked(settings.GATEWAY_TARGET), pk=pk)
    form = UnknownForm(request.POST)
    if not form.is_valid():
        return _refused(request, pk, form)
    billed = micros(form.billed)
    if not deciding.decide_cost(generation, billed_micros=billed, by=actor_of(request)):
        messages.warning(request, _("This was already reviewed. Nothing was recorded twice."))
    elif form.billed:
        said = {"id": pk, "amount": money(form.billed)}
        messages.success(request, _("G-%(id)s: %(amount)s recorded.") % said)
    else:
        messages.success(request, _("G-%(id)s: the reserved amount is released.") % {"id": pk})
    return respond.see_other("unknown")


@require_POST
@admin_act
def close_lost(request: PersonRequest) -> HttpResponse:
    """Remove the lost calls that were shown (up to the key `last`) from the list."""
    last = request.POST.get("last", "")
    if last.isdecimal() and len(last) < 19:
        lost_calls.close(last=int(last), by=actor_of(request))
    return respond.see_other("unknown")


def _refused(request: PersonRequest, pk: int, form: UnknownForm) -> HttpResponse:
    typed = request.POST.get("amount", "")[:20]
    rows = with_fault(unknown_rows(), pk, typed=typed, sentence=form.sentence)
    return render(request, "unknown/unknown.html", page_of(rows), status=422)
