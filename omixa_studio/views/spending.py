"""One's own costs: the same review as managers have, of oneself alone."""

from dataclasses import replace

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from omixa_studio.forms.costs import ListForm, SpanForm
from omixa_studio.models.spans import Span
from omixa_studio.presenters.costs.keepers import own_keepers
from omixa_studio.presenters.costs.limits import limits_left
from omixa_studio.presenters.costs.listing import build_listing
from omixa_studio.presenters.costs.sheet import build_sheet

from .requests import PersonRequest


@require_safe
def page(request: PersonRequest) -> HttpResponse:
    """Show what one spent and what is left of each limit; whose costs is not for the address."""
    form = SpanForm(request.GET)
    if not form.is_valid():
        return _refused(request, form)
    asked = form.asked
    if asked.by == "person":
        asked = replace(asked, by=asked.then or "model", then="")
    asked = replace(asked, span=_own(request, form), then=asked.then.replace("person", ""))
    kept_total, kept_models = own_keepers(form.span, request.user)
    shown = {
        "kept_total": kept_total,
        "kept_models": kept_models,
        "form": form,
        "sheet": build_sheet(asked, request.user, is_own=True),
        "limits": limits_left(request.user),
    }
    return render(request, "costs/spending.html", shown)


@require_safe
def generations(request: PersonRequest) -> HttpResponse:
    """List one's own requests behind a figure."""
    form = ListForm(request.GET)
    if not form.is_valid():
        return _refused(request, form)
    given, span = form.cleaned_data, _own(request, form)
    listing = build_listing(
        span, request.user, state=given["state"], before=given["before"], is_own=True
    )
    return render(request, "costs/generations.html", {"listing": listing})


def _own(request: PersonRequest, form: SpanForm) -> Span:
    return replace(form.span, person_id=request.user.pk)


def _refused(request: PersonRequest, form: SpanForm) -> HttpResponse:
    return render(request, "costs/spending.html", {"form": form}, status=422)
