"""One's sessions, which end one by one or all others at once."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from omixa_studio.models import Person, PersonSession
from omixa_studio.services import person_sessions

from . import respond
from .requests import PersonRequest, actor_of, note_session_of


@require_POST
def end(request: PersonRequest, pk: int) -> HttpResponse:
    """End one session of one's own."""
    row = get_object_or_404(PersonSession, pk=pk, person=request.user)
    person_sessions.end_session(row, by=actor_of(request))
    messages.success(request, _("That device is logged out."))
    return _back()


@require_POST
def end_others(request: PersonRequest) -> HttpResponse:
    """End all sessions of one's own but this one."""
    key = request.session.session_key or ""
    person_sessions.end_other_sessions(request.user, key, by=actor_of(request))
    messages.success(request, _("All other devices are logged out."))
    return _back()


@receiver(user_logged_in)
def _note_at_login(request: HttpRequest, user: Person, **_signal: Any) -> None:
    note_session_of(request, user)


def _back() -> HttpResponse:
    return respond.see_other(f"{reverse('account')}#sessions")
