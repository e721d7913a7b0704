"""One's access tokens: listed, made, limited, revoked; an admin revokes anybody's."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from omixa_studio.forms.clicks import new_click
from omixa_studio.forms.tokens import TokenForm, TokenLimitForm
from omixa_studio.models import Period, Token
from omixa_studio.presenters.tokens import scope_choices, token_cards, token_projects
from omixa_studio.sentences import say
from omixa_studio.services import tokens
from omixa_studio.services.tokens import TokenRefused

from . import respond
from .access import admin_only
from .once import came_before
from .proof import own_act
from .requests import PersonRequest, actor_of


@require_safe
def page(request: PersonRequest) -> HttpResponse:
    """Show one's tokens, and the form of a new one."""
    return _page(request, TokenForm(projects=token_projects(request.user)))


@require_POST
@never_cache
@own_act
def new(request: PersonRequest) -> HttpResponse:
    """Make a token and show its text, once: no redirect, no message, no cache."""
    form = TokenForm(request.POST, projects=token_projects(request.user))
    if not form.is_valid():
        return _page(request, form, status=422)
    if came_before(request):
        return redirect("tokens")
    given, limit = form.cleaned_data, form.limit_micros
    try:
        token, text = tokens.make_token(
            request.user,
            given["name"],
            given["scopes"],
            form.expires_at,
            by=actor_of(request),
            limit=None if limit is None else (limit, form.limit_period),
            project_id=given["project"],
            ask_above_micros=form.ask_above_micros,
        )
    except TokenRefused as refusal:
        form.add_error(None, " ".join(say(fault) for fault in refusal.faults))
        return _page(request, form, status=422)
    return render(request, "account/token.html", {"token": token, "text": text})


@require_POST
def limit(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Change what one's token may spend, and unasked; nothing typed is no limit of its own.

    To give it more takes the password, as a new token does; to give it less does not.
    """
    token = get_object_or_404(Token, pk=pk, person=request.user, revoked_at=None)
    form = TokenLimitForm(request.POST)
    if not form.is_valid():
        return respond.refuse(request, form.sentence, reverse("tokens"))
    says_when = "ask_above" in request.POST
    ask_above = form.ask_above_micros if says_when else token.ask_above_micros
    gives_more = tokens.gives_more(token, form.limit_micros, form.limit_period, ask_above)
    save = own_act(_save_limit) if gives_more else _save_limit
    return save(request, token, form, ask_above)


def _save_limit(
    request: PersonRequest, token: Token, form: TokenLimitForm, ask_above: int | None
) -> HttpResponse:
    tokens.limit_token(token, form.limit_micros, form.limit_period, by=actor_of(request))
    if ask_above != token.ask_above_micros:
        tokens.set_ask_above(token, ask_above)
    messages.success(request, _("Saved."))
    return respond.see_other(f"{reverse('tokens')}#token-{token.pk}")


@require_POST
def revoke(request: PersonRequest, pk: int) -> HttpResponse:
    """Revoke a token of one's own at once."""
    return _revoke(request, get_object_or_404(Token, pk=pk, person=request.user), reverse("tokens"))


@require_POST
@admin_only
def revoke_of_person(request: PersonRequest, pk: int) -> HttpResponse:
    """Revoke anybody's token at once; this gives nobody anything, so it asks for no password."""
    token = get_object_or_404(Token.objects.select_related("person"), pk=pk)
    return _revoke(request, token, reverse("person", args=[token.person_id]))


def _revoke(request: PersonRequest, token: Token, then: str) -> HttpResponse:
    cancelled = tokens.revoke_token(token, actor_of(request))
    if cancelled is not None:
        words = _("Token revoked: programs that use it are refused from now on.")
        count = len(cancelled)
        ended = ngettext("%(n)s request was cancelled.", "%(n)s requests were cancelled.", count)
        messages.success(request, f"{words} {ended % {'n': count}}" if count else words)
    return respond.back(request, then)


def _page(request: PersonRequest, form: TokenForm, *, status: int = 200) -> HttpResponse:
    shown = {
        "form": form,
        "click": new_click(),
        "cards": token_cards(request.user),
        "scopes": scope_choices(request.user),
        "chosen": form["scopes"].value() or [],
        "periods": Period.choices,
    }
    return render(request, "account/tokens.html", shown, status=status)
