"""The lines under the bar, polled by every open page."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from omixa_studio.presenters.lines import lines_of

from .requests import PersonRequest
from .respond import nothing_new, part


@require_safe
def lines(request: PersonRequest) -> HttpResponse:
    """Return the lines unless the page shows the same ones."""
    now = lines_of(request.user)
    if request.GET.get("seen") == now.stamp:
        return nothing_new()
    return part(request, "_lines.html", {"lines": now, "polled": True})
