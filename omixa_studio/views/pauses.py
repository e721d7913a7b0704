"""Ending a pause of the queue."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from omixa_studio.forms.generation import read_id
from omixa_studio.services import deciding

from .proof import admin_act
from .requests import PersonRequest, actor_of
from .respond import back


@require_POST
@admin_act
def resume(request: PersonRequest) -> HttpResponse:
    """End the `pause` of an id, or all of them; the sweep finds what waits within seconds.

    The next refusal of the gateway pauses it again.
    """
    pk = read_id(request.POST["pause"]) or -1 if "pause" in request.POST else None
    if deciding.resume(settings.GATEWAY_TARGET, by=actor_of(request), pk=pk):
        messages.success(request, _("The queue continues."))
    return back(request, "studio")
