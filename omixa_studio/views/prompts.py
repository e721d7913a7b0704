"""The prompt history: search one's prompts and use them again."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from omixa_studio.filters import LONGEST_SEARCH
from omixa_studio.forms.generation import read_id
from omixa_studio.presenters.prompts import entries_of
from omixa_studio.queries import prompts

from .requests import PersonRequest


@require_safe
def page(request: PersonRequest) -> HttpResponse:
    """Show one's prompts from `before` on, last used first, filtered by the words of `q`."""
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
