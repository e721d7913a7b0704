"""Forms that would count twice if a double click, or a reload, sent them twice."""

from contextlib import suppress

from django.contrib import messages
from django.core.cache import cache
from django.utils.translation import gettext as _

from omixa_studio.forms.clicks import ClickUnusable, read_click

from .requests import PersonRequest

SECONDS_REMEMBERED = 86_400


def came_before(request: PersonRequest) -> bool:
    """Return whether the same form with the same one-time value came before, and say so then.

    Call it when all is valid, right before writing. A form without a click always counts.
    """
    click = None
    with suppress(ClickUnusable):
        click = read_click(request.POST, request.FILES, request.path)
    key = f"sent-{request.user.pk}-{click}"
    if click is None or cache.add(key, True, SECONDS_REMEMBERED):
        return False
    messages.info(request, _("This form has been sent already."))
    return True
