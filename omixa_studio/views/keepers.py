"""What kept pictures cost, and the pictures behind each figure, for managers and admins."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from omixa_studio.forms.costs import SpanForm
from omixa_studio.forms.keepers import KeepersListForm
from omixa_studio.presenters.costs.finals import dearest_finals
from omixa_studio.presenters.costs.keeper_lists import build_list
from omixa_studio.presenters.costs.keepers import build_keepers

from .access import sees_costs
from .requests import PersonRequest


@require_safe
@sees_costs
def page(request: PersonRequest) -> HttpResponse:
    """Show the cost per kept picture of a span of days, narrowed as the costs page is."""
    form = SpanForm(request.GET)
    if not form.is_valid():
        return render(request, "costs/keepers.html", {"form": form}, status=422)
    sheet = build_keepers(form.span, request.user)
    return render(request, "costs/keepers.html", {"form": form, "sheet": sheet})


@require_safe
@sees_costs
def finals(request: PersonRequest) -> HttpResponse:
    """Show the finals that cost most with every attempt on their way."""
    form = SpanForm(request.GET)
    if not form.is_valid():
        return render(request, "costs/keepers.html", {"form": form}, status=422)
    found = dearest_finals(form.span, request.user)
    return render(request, "costs/keepers_finals.html", {"finals": found})


@require_safe
@sees_costs
def listed(request: PersonRequest) -> HttpResponse:
    """Show the pictures or requests behind a figure, a page at a time."""
    form = KeepersListForm(request.GET)
    if not form.is_valid():
        return render(request, "costs/keepers_list.html", {"form": form}, status=422)
    given = form.cleaned_data
    shown = build_list(given["which"], form.span, request.user, under=given["under"])
    return render(request, "costs/keepers_list.html", {"form": form, "list": shown})
