"""Who asks as a program: tokens, and the views they open."""

import json
from collections.abc import Callable, Collection, Mapping
from functools import wraps
from typing import Any

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import UnreadablePostError
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from omixa_studio.hosts import neighbourhood
from omixa_studio.models import Person, Token
from omixa_studio.queries.tokens import find_app_token, find_token
from omixa_studio.services.oauth_clients import USUAL_SCOPES
from omixa_studio.services.tokens import note_use
from omixa_studio.visitors import address_of, origin_of

from .access import View, caller_of
from .api_errors import ApiError, api_error
from .requests import PersonRequest

JSON = "application/json"
READ = ("GET", "HEAD")
CHANGE = ("POST", "PATCH", "DELETE")


class TokenRequest(PersonRequest):
    """A request of a person by a token, which is None of a session where a view opens to them."""

    token: Token


def api(
    scope: str = "",
    *,
    methods: Collection[str] = ("GET",),
    posting: str | None = None,
    session: bool = False,
) -> Callable[[View], View]:
    """Let a view answer programs that show a token with a scope, or several; "" takes any token.

    HEAD goes with GET. The view gets `request.user` and `request.token`, and may raise ApiError.
    `posting` is the scope that a change needs where it is another one. With `session` people who
    are logged in may read it, too; a session never posts here.
    """
    scopes = dict.fromkeys(CHANGE, scope if posting is None else posting)
    allowed = sorted({*methods, *(("HEAD",) if "GET" in methods else ())})

    def decorate(view: View) -> View:
        @csrf_exempt
        @login_not_required
        @wraps(view)
        def guarded(request: TokenRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            needed = scopes.get(request.method or "", scope)
            refusal = _refusal(request, needed, allowed)
            if refusal:
                return refusal
            try:
                return view(request, *args, **kwargs)
            except ApiError as error:
                return error.response

        guarded.opens_to_sessions = session  # type: ignore[attr-defined]
        guarded.scopes = {one: scopes.get(one, scope) for one in allowed}  # type: ignore[attr-defined]
        return guarded

    return decorate


def identify(request: HttpRequest) -> None:
    """Set who asks at an address for programs, before anything reads a session.

    A session counts only where the view opens to it, for reading, and no token was sent.
    """
    sent = request.headers.get("authorization", "")
    token = find_token(_text_in(sent))
    if token is None and _opens_to_apps(request):
        token = find_app_token(_text_in(sent))
    request.token = token  # type: ignore[attr-defined]
    if not sent and request.method in READ and _opens_to_sessions(request):
        return
    request.COOKIES.clear()
    # Django's own functions look here before they read a session.
    request._cached_user = token.person if token else AnonymousUser()  # type: ignore[attr-defined]
    if token:
        note_use(token)


def json_of(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object of a body; raises ApiError (400, 413, 415)."""
    if request.content_type != JSON:
        raise ApiError(415, code="unsupported_media_type")
    try:
        found = json.loads(request.body)
        # Half a surrogate pair is JSON, and no text that anything stores.
        json.dumps(found, ensure_ascii=False).encode()
    except RequestDataTooBig:
        raise ApiError(413, code="request_too_large") from None
    except UnreadablePostError:
        raise ApiError(400, _("The body broke off.")) from None
    except (ValueError, RecursionError):
        raise ApiError(400, _("The body is not JSON."), code="invalid_json") from None
    if not isinstance(found, dict):
        raise ApiError(400, _("The body has to be a JSON object."), code="invalid_json")
    return found


def unknown_token(request: HttpRequest) -> HttpResponse:
    """Answer 401 to a request without a valid token; many guesses of one address get 429."""
    if not request.headers.get("authorization"):
        return _challenge(api_error(401, code="missing_token"), _for_apps(request))
    if not count_guess(request):
        return api_error(429, code="too_many_guesses")
    said = _("This access token is not valid: it is wrong, revoked or expired.")
    how = {"error": "invalid_token", **_for_apps(request)}
    return _challenge(api_error(401, said, code="invalid_token"), how)


def count_guess(request: HttpRequest, *, is_wrong: bool = True) -> bool:
    """Count a wrong guess at a token; return whether its address may go on guessing.

    If not `is_wrong` it is only asked.
    """
    whose = neighbourhood(address_of(request))
    usage = ratelimit.consume(
        request,
        app="allauth.account",
        action="token_guess",
        key=whose,
        limit_get=True,
        dry_run=not is_wrong,
    )
    return usage is not None


def insufficient(scope: str, request: TokenRequest | None = None) -> ApiError:
    """Return the error of a token that lacks a scope, which its answer names.

    A connected app, of which `request` is, reads where it may ask its person for that scope and
    those that it has.
    """
    said = _("This access token has no scope “%(scope)s”.") % {"scope": scope}
    error = ApiError(403, said, code="insufficient_scope")
    how = {"error": "insufficient_scope", "scope": scope}
    if request and request.token.app:
        wanted = " ".join(dict.fromkeys([*request.token.scopes, scope]))
        how |= {**_for_apps(request), "scope": wanted}
    _challenge(error.response, how)
    return error


def _refusal(request: TokenRequest, scope: str, allowed: Collection[str]) -> HttpResponse | None:
    """Return why a request may not come in; None if it may."""
    if not isinstance(request.user, Person):
        return unknown_token(request)
    if request.user.must_change_password:
        said = _("Log in to the studio and choose your own password first.")
        return api_error(403, said, code="password_change_required")
    if request.method not in allowed:
        response = api_error(405, code="method_not_allowed")
        response["Allow"] = ", ".join(allowed)
        return response
    missing = [one for one in scope.split() if not caller_of(request).has(one)]
    return insufficient(missing[0]).response if missing else None


def _challenge(response: HttpResponse, how: Mapping[str, str]) -> HttpResponse:
    told = ", ".join(f'{name}="{value}"' for name, value in how.items())
    response["WWW-Authenticate"] = f"Bearer {told}".strip()
    return response


def _for_apps(request: HttpRequest) -> dict[str, str]:
    """Return where apps learn how to be let in, if they may be."""
    if not _opens_to_apps(request):
        return {}
    where = f"{origin_of(request)}{reverse('oauth_resource_mcp')}"
    return {"resource_metadata": where, "scope": " ".join(USUAL_SCOPES)}


def _opens_to_apps(request: HttpRequest) -> bool:
    """Return whether this is an address for which apps get tokens."""
    return bool(settings.OAUTH.on) and request.path_info == reverse("mcp")


def _text_in(authorization: str) -> str:
    scheme, _space, text = authorization.partition(" ")
    return text.strip() if scheme.lower() == "bearer" else ""


def _opens_to_sessions(request: HttpRequest) -> bool:
    try:
        return getattr(resolve(request.path_info).func, "opens_to_sessions", False)
    except Resolver404:
        return False
