"""The question whether an app may act for a person: asked, answered, and the way back to it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from oauthlib.oauth2.rfc6749.errors import FatalClientError, OAuth2Error

from omixa_studio.forms.tokens import AppForm
from omixa_studio.presenters.tokens import scope_choices, token_projects
from omixa_studio.sentences import say
from omixa_studio.services import tokens
from omixa_studio.services.tokens import TokenRefused

from .oauth_server import AppQuestion, code_for, needs_oauth, read_asked, way_back
from .proof import own_act
from .requests import PersonRequest, actor_of


@require_safe
@never_cache
def connect(request: PersonRequest) -> HttpResponse:
    """Ask the person whether an app may act for them, how far, and for how long."""
    needs_oauth()
    asked = _asked(request, request.META.get("QUERY_STRING", ""))
    return asked if isinstance(asked, HttpResponse) else _page(request, asked, None)


@require_POST
@never_cache
@own_act
def allow(request: PersonRequest) -> HttpResponse:
    """Let the app in, and lead the person back to it with a code."""
    needs_oauth()
    asked = _asked(request, request.POST.get("query", ""))
    if isinstance(asked, HttpResponse):
        return asked
    form = AppForm(request.POST, scopes=asked.scopes, projects=token_projects(request.user))
    if not form.is_valid():
        return _page(request, asked, form)
    given, limit = form.cleaned_data, form.limit_micros
    try:
        token = tokens.connect_app(
            request.user,
            asked.client.pk,
            asked.client.name,
            asked.place[:100],
            given["scopes"],
            form.expires_at,
            by=actor_of(request),
            limit=None if limit is None else (limit, form.limit_period),
            project_id=given["project"],
            ask_above_micros=form.ask_above_micros,
        )
    except TokenRefused as refusal:
        form.add_error(None, " ".join(say(fault) for fault in refusal.faults))
        return _page(request, asked, form)
    onward = way_back(request, asked.redirect_uri, code=code_for(asked, token), state=asked.state)
    return _lead(request, onward, asked)


@require_POST
@never_cache
def cancel(request: PersonRequest) -> HttpResponse:
    """Lead the person back to the app, which is told that it may not."""
    needs_oauth()
    asked = _asked(request, request.POST.get("query", ""))
    if isinstance(asked, HttpResponse):
        return asked
    onward = way_back(request, asked.redirect_uri, error="access_denied", state=asked.state)
    return _lead(request, onward, asked, is_refused=True)


def _asked(request: PersonRequest, query: str) -> AppQuestion | HttpResponse:
    """Return what is asked for, or the answer where it cannot be asked.

    Nobody is led to an address that its app has not registered.
    """
    try:
        return read_asked(request, query)
    except (FatalClientError, ValueError) as error:
        fault = getattr(error, "description", "") or getattr(error, "error", "")
        return render(request, "account/app_unknown.html", {"fault": fault}, status=400)
    except OAuth2Error as error:
        onward = way_back(request, error.redirect_uri, **dict(error.twotuples))
        return _lead(request, onward, None, is_refused=True)


def _page(request: PersonRequest, asked: AppQuestion, form: AppForm | None) -> HttpResponse:
    shown = form or AppForm(scopes=asked.scopes, projects=token_projects(request.user))
    context = {
        "asked": asked,
        "form": shown,
        "scopes": scope_choices(request.user, asked.scopes),
        "chosen": shown["scopes"].value() or [],
    }
    return render(request, "account/app_connect.html", context, status=422 if form else 200)


def _lead(
    request: PersonRequest, onward: str, asked: AppQuestion | None, *, is_refused: bool = False
) -> HttpResponse:
    """Answer with a page that leads on: a form may not lead to another host, a page may."""
    context = {"address": onward, "asked": asked, "is_refused": is_refused}
    return render(request, "account/app_leaving.html", context)
