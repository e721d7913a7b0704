"""Single sign-on: to the identity provider and back, connected to one's account or not."""

from http import HTTPStatus

from allauth.core import ratelimit
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from omixa_studio.gateway.asking import NoAnswer
from omixa_studio.identity_provider import ProviderAtHand, failed
from omixa_studio.sentences import say
from omixa_studio.services import single_sign_on
from omixa_studio.services.single_sign_on import SignOnRefused
from omixa_studio.visitors import is_path_here

from . import respond
from .access import person_of
from .proof import own_act
from .requests import PersonRequest, actor_of


@require_POST
@never_cache
@login_not_required
def start(request: HttpRequest) -> HttpResponse:
    """Lead somebody who is not logged in to the identity provider."""
    _there_is_one()
    if person_of(request).is_authenticated:
        return redirect("studio")
    if not ratelimit.consume(request, action="sso"):
        too_many: HttpResponse = ratelimit.respond_429(request)
        return too_many
    back = request.POST.get("next", "")
    return _leave(request, AuthProcess.LOGIN, back if is_path_here(back) else "")


@require_GET
@never_cache
@login_not_required
def callback(request: HttpRequest) -> HttpResponse:
    """Take what the identity provider says of somebody, and log in or connect."""
    if not settings.SSO.url:
        return redirect("account_login")
    if not ratelimit.consume(request, action="sso"):
        too_many: HttpResponse = ratelimit.respond_429(request)
        return too_many
    view = OAuth2CallbackView.adapter_view(ProviderAtHand(request, settings.SSO.key))
    try:
        answer: HttpResponse = view(request)
    except (NoAnswer, OAuth2Error, ValueError) as error:
        return failed(request, error)
    return answer


@require_POST
@never_cache
@own_act
def connect(request: PersonRequest) -> HttpResponse:
    """Lead to the identity provider, to connect one's account to who one is there."""
    _there_is_one()
    return _leave(request, AuthProcess.CONNECT, "")


@require_POST
@own_act
def disconnect(request: PersonRequest) -> HttpResponse:
    """Disconnect one's account from the identity provider."""
    _there_is_one()
    try:
        was = single_sign_on.disconnect(request.user, by=actor_of(request))
    except SignOnRefused as refusal:
        return respond.refuse(request, say(refusal.faults[0]), reverse("account"))
    if was:
        messages.success(request, _("Disconnected: from now on your password logs you in."))
    return respond.see_other(reverse("account"))


def _there_is_one() -> None:
    if not settings.SSO.url:
        raise Http404


def _leave(request: HttpRequest, process: str, back: str) -> HttpResponse:
    """Answer with a page that leads on: a form may not lead to another host, a page may."""
    provider = get_adapter().get_provider(request, settings.SSO.key)
    try:
        onward = provider.redirect(request, process, next_url=back or None)
    except (NoAnswer, OAuth2Error, ValueError) as error:
        answer = failed(request, error)
        answer.status_code = HTTPStatus.BAD_GATEWAY
        return answer
    shown = {"address": onward["Location"], "name": settings.SSO.name}
    return render(request, "account/sso_leaving.html", shown)
