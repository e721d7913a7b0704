"""What apps ask by machine: where everything is, to be registered, for tokens, to be forgotten."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core.internal import ratelimit
from allauth.idp.oidc.forms import ClientRegistrationForm
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from omixa_studio.app_access import place_of
from omixa_studio.hosts import neighbourhood
from omixa_studio.services.oauth_clients import APP_SCOPES, TooManyApps, register
from omixa_studio.visitors import address_of, origin_of

from .api_access import json_of
from .api_errors import ApiError
from .oauth_server import answered, needs_oauth, resource_of, revoked

MOST_REDIRECTS = 10
View = Callable[..., HttpResponse]


def _for_apps(view: View) -> View:
    """Open a view to apps, which show no session and no form's token, where there are such."""

    @csrf_exempt
    @login_not_required
    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        needs_oauth()
        return view(request, *args, **kwargs)

    return opened


@_for_apps
@require_safe
def resource(request: HttpRequest) -> HttpResponse:
    """Tell who hands out tokens for the tools, and of which scopes (RFC 9728)."""
    told = {
        "resource": resource_of(request),
        "authorization_servers": [origin_of(request)],
        "scopes_supported": list(APP_SCOPES),
        "bearer_methods_supported": ["header"],
        "resource_name": "Omixa Studio",
        "resource_documentation": f"{origin_of(request)}{reverse('api_docs')}",
    }
    return JsonResponse(told)


@_for_apps
@require_safe
def server(request: HttpRequest) -> HttpResponse:
    """Tell what the authorization server can do, and where (RFC 8414)."""
    issuer = origin_of(request)
    told = {
        "issuer": issuer,
        "authorization_endpoint": issuer + reverse("app_connect"),
        "token_endpoint": issuer + reverse("oauth_token"),
        "registration_endpoint": issuer + reverse("oauth_register"),
        "revocation_endpoint": issuer + reverse("oauth_revoke"),
        "scopes_supported": list(APP_SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }
    return JsonResponse(told)


@_for_apps
@require_POST
def registration(request: HttpRequest) -> HttpResponse:
    """Register an app (RFC 7591), for which nobody vouches; few of one address."""
    whose = neighbourhood(address_of(request))
    if not ratelimit.consume(
        request, app="allauth.account", action="app_registration", key=whose, limit_get=True
    ):
        return _refused("temporarily_unavailable", "Too many requests. Wait a little.", 429)
    try:
        form = ClientRegistrationForm(json_of(request))
    except ApiError as error:
        return _refused("invalid_client_metadata", str(error))
    if not form.is_valid() or len(form.cleaned_data["redirect_uris"]) > MOST_REDIRECTS:
        is_about = "redirect_uri" if "redirect_uris" in form.errors else "client_metadata"
        return _refused(f"invalid_{is_about}", str(dict(form.errors.items()) or "Too many."))
    uris = form.cleaned_data["redirect_uris"]
    places = [place_of(uri, settings.OAUTH.hosts) for uri in uris]
    if not all(places):
        wrong = uris[places.index("")][:100]
        said = f"People may not be led to {wrong}: an admin lists hosts in STUDIO_OAUTH_HOSTS."
        return _refused("invalid_redirect_uri", said)
    try:
        client = register(form.cleaned_data["client_name"] or places[0], uris)
    except TooManyApps as refusal:
        return _refused("temporarily_unavailable", str(refusal), 503)
    told = {
        "client_id": client.pk,
        "client_id_issued_at": int(client.created_at.timestamp()),
        "client_name": client.name,
        "redirect_uris": uris,
        "grant_types": client.get_grant_types(),
        "response_types": client.get_response_types(),
        "token_endpoint_auth_method": "none",
        "scope": " ".join(APP_SCOPES),
    }
    return JsonResponse(told, status=201)


@_for_apps
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """Hand out tokens for a code, or for a refresh token."""
    return answered(request)


@_for_apps
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """Disconnect an app by a token of its own (RFC 7009)."""
    return revoked(request)


def _refused(error: str, said: str, status: int = 400) -> HttpResponse:
    return JsonResponse({"error": error, "error_description": said}, status=status)
