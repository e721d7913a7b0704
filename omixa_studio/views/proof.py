"""Acts of admins that cost money or give power: they require a recently entered password."""

from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ReauthenticateForm
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.debug import sensitive_post_parameters

from omixa_studio.places import place_above
from omixa_studio.visitors import proved_lately

from .access import View, admin_only, approver_only
from .requests import PersonRequest
from .respond import asked_in_place, came_from, see_other

# The name contains "password", so that no page about a busy database repeats it.
FIELD = "own_password"
# What no page may contain has to be typed again.
NOT_SENT_ON = {FIELD, "csrfmiddlewaretoken", "secret"}


def admin_act(view: View) -> View:
    """Let admins post here who entered their password recently; see `_proved`."""
    return admin_only(_proved(view))


def approver_act(view: View) -> View:
    """Let those who answer requests for money post here, like `admin_act`."""
    return approver_only(_proved(view))


def own_act(view: View) -> View:
    """Let everybody post here something that gives power over their own account."""
    return _proved(view)


def _proved(view: View) -> View:
    """Let only those through who entered their password recently; else ask, then do the act.

    The page that asks contains the submitted form, so nothing has to be typed again and the server
    stores no other person's password. Decorate under `require_POST`; files are not sent again.
    """

    @sensitive_post_parameters()
    @wraps(view)
    def guarded(request: PersonRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if proved_lately(request):
            return view(request, *args, **kwargs)
        form = _form_of(request)
        return view(request, *args, **kwargs) if form.is_valid() else _ask(request, form)

    return guarded


def ask_first(request: PersonRequest, then: str) -> HttpResponse:
    """Redirect to the page that asks for the password, and from there to a page of the studio."""
    methods = get_adapter().get_reauthentication_methods(request.user)
    if not methods:
        return _ask(request, _form_of(request))
    return see_other(f"{methods[0]['url']}?{urlencode({REDIRECT_FIELD_NAME: then})}")


def _form_of(request: PersonRequest) -> ReauthenticateForm:
    given = {"password": request.POST[FIELD]} if FIELD in request.POST else None
    return ReauthenticateForm(given, user=request.user)


def _ask(request: PersonRequest, form: ReauthenticateForm) -> HttpResponse:
    sent = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in NOT_SENT_ON
        for value in values
    ]
    place = place_above(came_from(request) or request.path)
    return asked_in_place(
        request,
        page="account/again.html",
        fragment="account/_again.html",
        context={
            "field": FIELD,
            "faults": form.errors.get("password", []),
            "sent": sent,
            "has_password": request.user.has_usable_password(),
            "place": place,
            "instead": came_from(request) or reverse(place.name),
        },
    )
