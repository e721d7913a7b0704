"""Ending a pause of the queue."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from omixa_studio.services import deciding

from .proof import admin_act
from .requests import PersonRequest, actor_of
from .respond import back


@require_POST
@admin_act
def resume(request: PersonRequest) -> HttpResponse:
    """Resume the queue; the sweep finds the queued requests within seconds.

    The next refusal of the gateway pauses it again.
    """
    if deciding.resume(settings.GATEWAY_TARGET, by=actor_of(request)):
        messages.success(request, _("The queue continues."))
    return back(request, "studio")
