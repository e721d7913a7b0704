"""The authorization server for connected apps: allauth's, with what it leaves open closed.

PKCE by S256 always, public clients alone, addresses as they were registered; codes and refresh
tokens count once, also for two requests at once, and a second use disconnects the app.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from allauth.idp.oidc.internal.oauthlib.request_validator import OAuthLibRequestValidator
from allauth.idp.oidc.internal.resources import InvalidTargetError
from allauth.idp.oidc.models import Client
from allauth.idp.oidc.models import Token as OAuthToken
from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from oauthlib.common import Request
from oauthlib.oauth2 import WebApplicationServer
from oauthlib.oauth2.rfc6749.errors import (
    InvalidGrantError,
    InvalidRequestError,
    InvalidScopeError,
    OAuth2Error,
)

from omixa_studio.app_access import is_registered, place_of
from omixa_studio.models import Token
from omixa_studio.queries.tokens import APP_PREFIX, token_of_app
from omixa_studio.services import oauth_tokens, tokens
from omixa_studio.services.audit import Actor
from omixa_studio.services.oauth_clients import APP_SCOPES, USUAL_SCOPES
from omixa_studio.services.oauth_tokens import ACCESS_LASTS
from omixa_studio.visitors import origin_of

S256 = "S256"
FORM = "application/x-www-form-urlencoded"
# What S256 makes of a verifier.
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
KINDS = OAuthToken.Type


@dataclass(frozen=True, kw_only=True)
class AppQuestion:
    """What an app asks a person for; `place` is where they are led back, `query` all as it came."""

    client: Client
    redirect_uri: str
    place: str
    scopes: tuple[str, ...]
    challenge: str
    state: str
    query: str


class AppValidator(OAuthLibRequestValidator):  # type: ignore[misc]  # allauth is not typed
    """Says what is valid in one request; keeps the code or refresh token that it was shown."""

    held: OAuthToken | None = None
    token: Token | None = None

    def _lookup_client(self, request: Request, client_id: str | None) -> Client | None:
        """Look for a client; PostgreSQL cannot be asked for a text that holds a NUL."""
        asked = (client_id or "").replace("\x00", " ")
        known: Client | None = super()._lookup_client(request, asked)
        return known

    def validate_redirect_uri(
        self, client_id: str, redirect_uri: str, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        known = is_registered(redirect_uri, request.client.get_redirect_uris())
        return known and bool(place_of(redirect_uri, settings.OAUTH.hosts))

    def validate_response_type(
        self, client_id: str, response_type: str, *args: Any, **kwargs: Any
    ) -> bool:
        return response_type == "code"

    def validate_scopes(
        self, client_id: str, scopes: Sequence[str], *args: Any, **kwargs: Any
    ) -> bool:
        """Let unknown scopes be: what is granted is told with the tokens."""
        return bool({*scopes} & {*APP_SCOPES})

    def get_default_scopes(self, *args: Any, **kwargs: Any) -> list[str]:
        return list(USUAL_SCOPES)

    def is_pkce_required(self, client_id: str, request: Request) -> bool:
        return True

    def client_authentication_required(self, request: Request, *args: Any, **kwargs: Any) -> bool:
        """No client has a secret; comparing one would cost a password's time."""
        return False

    def validate_grant_type(
        self, client_id: str, grant_type: str, *args: Any, **kwargs: Any
    ) -> bool:
        return grant_type in ("authorization_code", "refresh_token")

    def validate_code(
        self, client_id: str, code: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        return self._take(KINDS.AUTHORIZATION_CODE, code, client, request)

    def get_code_challenge(self, code: str, request: Request) -> str | None:
        return self.held.data["challenge"] if self.held else None

    def get_code_challenge_method(self, code: str, request: Request) -> str | None:
        return S256

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, *args: Any, **kwargs: Any
    ) -> bool:
        return bool(self.held and self.held.data["redirect_uri"] == redirect_uri)

    def invalidate_authorization_code(self, *args: Any, **kwargs: Any) -> None:
        """It was used up when the tokens were kept."""

    def validate_refresh_token(
        self, refresh_token: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        return self._take(KINDS.REFRESH_TOKEN, refresh_token, client, request)

    def get_original_scopes(self, *args: Any, **kwargs: Any) -> list[str]:
        return self._all_scopes()

    def rotate_refresh_token(self, request: Request) -> bool:
        return True

    def save_bearer_token(
        self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any
    ) -> None:
        """Use up what was shown, and keep what is handed out for it."""
        if self.held is None or self.token is None:
            raise InvalidGrantError(request=request)
        oauth_tokens.spend(self.held)
        pair = token["access_token"], token["refresh_token"]
        oauth_tokens.keep_pair(
            self.token, *pair, scopes=request.scopes, all_scopes=self._all_scopes()
        )

    def revoke_token(
        self, token: str, token_type_hint: str, request: Request, *args: Any, **kwargs: Any
    ) -> None:
        """Disconnect the app whose token this is; one of another client is none."""
        for kind in (KINDS.REFRESH_TOKEN, KINDS.ACCESS_TOKEN):
            held = oauth_tokens.lock(kind, token, request.client.pk)
            mine = token_of_app(held) if held else None
            if mine:
                person = mine.person
                tokens.revoke_token(mine, Actor(person.pk, person.username, name=person.name))

    def _take(self, kind: Any, text: str, client: Client, request: Request) -> bool:
        """Hold what a text stands for, which nobody else holds at the same time."""
        held = oauth_tokens.lock(kind, text, client.pk)
        token = token_of_app(held) if held else None
        if held is None or token is None:
            return False
        if oauth_tokens.is_replayed(held):
            tokens.end_replayed(token)
            return False
        self.held, self.token = held, token
        request.user, request.scopes = token.person, self._all_scopes()
        return True

    def _all_scopes(self) -> list[str]:
        return list(self.held.get_scopes()) if self.held else []


def needs_oauth() -> None:
    """Raise Http404 unless people may let apps in here."""
    if not settings.OAUTH.on:
        raise Http404


def resource_of(request: HttpRequest) -> str:
    """Return the address for which tokens are handed out."""
    return f"{origin_of(request)}{reverse('mcp')}"


def check_resources(request: HttpRequest, named: Sequence[str], about: Request | None) -> None:
    """Raise InvalidTargetError where tokens are wanted for something else than what is here."""
    here = {resource_of(request), f"{resource_of(request)}/", origin_of(request)}
    if not {*named} <= here | {f"{origin_of(request)}/"}:
        raise InvalidTargetError(request=about)


def read_asked(request: HttpRequest, query: str) -> AppQuestion:
    """Read what an app asks for.

    Raises FatalClientError where it is not certain who asks or where to lead people back, and
    another OAuth2Error for what the app is told.
    """
    given = QueryDict(query)
    address = f"{request.path}?{given.urlencode()}"
    scopes, facts = _server().validate_authorization_request(address, "GET")
    known: Request = facts["request"]
    challenge = str(known.code_challenge)
    if known.code_challenge_method != S256 or not _CHALLENGE.fullmatch(challenge):
        said = "Send a code_challenge by code_challenge_method=S256."
        raise InvalidRequestError(description=said, request=known)
    check_resources(request, given.getlist("resource"), known)
    granted = tuple(one for one in APP_SCOPES if one in scopes)
    if not granted:
        raise InvalidScopeError(request=known)
    return AppQuestion(
        client=known.client,
        redirect_uri=known.redirect_uri,
        place=place_of(known.redirect_uri, settings.OAUTH.hosts),
        scopes=granted,
        challenge=challenge,
        state=known.state or "",
        query=query,
    )


def code_for(asked: AppQuestion, token: Token) -> str:
    """Return a new code by which an app gets its tokens."""
    code = secrets.token_urlsafe(32)
    oauth_tokens.keep_code(
        code,
        token,
        redirect_uri=asked.redirect_uri,
        challenge=asked.challenge,
        scopes=token.scopes,
    )
    return code


def way_back(request: HttpRequest, redirect_uri: str, **told: str) -> str:
    """Return the address that leads back to an app and tells it something, and who says so."""
    known = {name: value for name, value in told.items() if value}
    sign = "&" if "?" in redirect_uri else "?"
    return f"{redirect_uri}{sign}{urlencode({**known, 'iss': origin_of(request)})}"


def answered(request: HttpRequest) -> HttpResponse:
    """Hand out tokens for a code or a refresh token; what fails is said in the answer."""
    try:
        check_resources(request, request.POST.getlist("resource"), None)
    except OAuth2Error as error:
        return _respond({}, error.json, error.status_code)
    with transaction.atomic():
        return _respond(*_server().create_token_response(*_message(request)))


def revoked(request: HttpRequest) -> HttpResponse:
    """Revoke a token; one that is not valid is no error."""
    with transaction.atomic():
        return _respond(*_server().create_revocation_response(*_message(request)))


def _server() -> WebApplicationServer:
    return WebApplicationServer(
        AppValidator(),
        token_generator=_new_text,
        refresh_token_generator=_new_text,
        token_expires_in=int(ACCESS_LASTS.total_seconds()),
    )


def _new_text(request: Request) -> str:
    return APP_PREFIX + secrets.token_urlsafe(32)


def _message(request: HttpRequest) -> tuple[str, str, str, dict[str, str]]:
    return request.path, "POST", request.POST.urlencode(), {"Content-Type": FORM}


def _respond(headers: dict[str, str], body: str, status: int) -> HttpResponse:
    response = HttpResponse(body, status=status, content_type="application/json")
    for name, value in headers.items():
        response[name] = value
    response["Cache-Control"] = "no-store"
    return response
