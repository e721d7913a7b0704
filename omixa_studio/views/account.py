"""One's own account: password, language, theme, and what is left of the month."""

from functools import partial

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from omixa_studio.forms.account import LANGUAGES, LanguageForm, OwnPasswordForm, ThemeForm
from omixa_studio.presenters.budgets import limit_lines
from omixa_studio.presenters.person_sessions import sessions_shown
from omixa_studio.queries import budget
from omixa_studio.queries.factors import has_step
from omixa_studio.queries.people import person_month
from omixa_studio.queries.retention import rule_of
from omixa_studio.queries.single_sign_on import connection_of
from omixa_studio.queries.storage_used import quota_of, use_of
from omixa_studio.queries.tokens import tokens_of_person
from omixa_studio.services import people
from omixa_studio.services.person_sessions import end_sessions
from omixa_studio.services.single_sign_on import may_disconnect
from omixa_studio.visitors import is_path_here

from . import respond
from .requests import PersonRequest, actor_of, note_session_of


@require_safe
def mine(request: PersonRequest) -> HttpResponse:
    """Show the account page."""
    return _page(request, OwnPasswordForm(person=request.user))


@require_POST
@sensitive_post_parameters()
def change_password(request: PersonRequest) -> HttpResponse:
    """Change the password; every other session of the person ends."""
    is_own = partial(get_adapter().reauthenticate, request.user)
    form = OwnPasswordForm(request.POST, person=request.user, is_own=is_own)
    if not form.is_valid():
        return _page(request, form, status=422)
    had_to = request.user.must_change_password
    people.set_password(
        request.user,
        form.cleaned_data["password"],
        by=actor_of(request),
        ends_tokens=request.POST.get("ends_tokens") == "yes",
    )
    update_session_auth_hash(request, request.user)
    note_session_of(request, request.user)
    end_sessions(request.user, but=request.session.session_key)
    messages.success(request, _("Your password is changed. Other devices have to log in again."))
    return redirect("studio" if had_to else "account")


@require_POST
def choose_language(request: PersonRequest) -> HttpResponse:
    """Save the person's language."""
    form = LanguageForm(request.POST)
    if not form.is_valid():
        return _page(request, OwnPasswordForm(person=request.user), fault=form, status=422)
    people.choose(request.user, language=form.cleaned_data["language"])
    with override(form.cleaned_data["language"] or settings.LANGUAGE_CODE):
        messages.success(request, _("The language is saved."))
    answer = redirect("account")
    answer.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
    return answer


@require_POST
@login_not_required
def speak(request: HttpRequest) -> HttpResponse:
    """Keep a language for this browser, for whoever has chosen none, and go back to the page."""
    back = request.POST.get("next", "")
    answer = redirect(back if is_path_here(back) else "account_login")
    form = LanguageForm(request.POST)
    if form.is_valid() and form.cleaned_data["language"]:
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            form.cleaned_data["language"],
            max_age=settings.LANGUAGE_COOKIE_AGE,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return answer


@require_POST
def choose_theme(request: PersonRequest) -> HttpResponse:
    """Save the person's theme, and go back to the page where it was chosen."""
    form = ThemeForm(request.POST)
    if not form.is_valid():
        return _page(request, OwnPasswordForm(person=request.user), fault=form, status=422)
    people.choose(request.user, theme=form.cleaned_data["theme"])
    if respond.wants_part(request):
        return respond.nothing_new()
    back = request.POST.get("next", "")
    return redirect(back if is_path_here(back) else "account")


def _page(
    request: PersonRequest,
    password: OwnPasswordForm,
    *,
    fault: LanguageForm | ThemeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    month = budget.current_month()
    keys = budget.keys_now(settings.GATEWAY_TARGET, request.user)
    shown = {
        "password": password,
        "sessions": sessions_shown(request.user, request.session.session_key),
        "has_studio_webhooks": request.user.is_admin,
        "tokens": tokens_of_person(request.user).count(),
        "storage": use_of(request.user),
        "quota": quota_of(request.user),
        "has_second_step": has_step(request.user),
        "sso_connection": connection_of(request.user) if settings.SSO.url else None,
        "may_disconnect": may_disconnect(request.user),
        "retention": rule_of(request.user),
        "fault": fault,
        "own": person_month(settings.GATEWAY_TARGET, month, request.user),
        "limits": limit_lines(budget.rooms(keys)),
        "languages": LANGUAGES,
        "sends_mail": bool(settings.MAIL.host) and bool(request.user.email),
    }
    return render(request, "account/account.html", shown, status=status)
