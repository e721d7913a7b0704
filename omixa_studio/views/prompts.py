"""The history of prompts: every one that a person used, found, and used again."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from omixa_studio.forms.generation import read_id
from omixa_studio.presenters.prompts import entries_of
from omixa_studio.queries import prompts

from .requests import PersonRequest

LONGEST_SEARCH = 500


@require_safe
def page(request: PersonRequest) -> HttpResponse:
    """My prompts, last used first, narrowed to the words of `q`; `before` one of them."""
    sought = request.GET.get("q", "")[:LONGEST_SEARCH].strip()
    before = read_id(request.GET.get("before", ""))
    found = prompts.page_of(request.user, sought, before=before)
    shown = {
        "sought": sought,
        "entries": entries_of(found.prompts),
        "found": found,
        "goes_on": before is not None,
    }
    return render(request, "prompts/prompts.html", shown)
