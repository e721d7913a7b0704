"""The second step of a login, after the password; and the login by a passkey without one."""

from functools import partial
from http import HTTPStatus

from allauth.account.internal.decorators import login_stage_required
from allauth.account.models import Login
from allauth.core import ratelimit
from allauth.mfa.base.internal.flows import check_rate_limit, post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from omixa_studio.forms.factors import CodeForm, PasskeyAnswerForm
from omixa_studio.models import Person
from omixa_studio.presenters.factors import factor_sheet
from omixa_studio.services import factors
from omixa_studio.services.audit import Actor
from omixa_studio.visitors import address_of, is_path_here

from . import passkeys
from .access import person_of

READ_OR_SENT = ("GET", "HEAD", "POST")


@login_stage_required(  # type: ignore[untyped-decorator]  # allauth is not typed
    stage=AuthenticateStage.key, redirect_urlname="account_login"
)
@require_http_methods(READ_OR_SENT)
@sensitive_post_parameters()
def second_step(request: HttpRequest) -> HttpResponse:
    """Ask for a code or a passkey after the password, and log in."""
    stage: AuthenticateStage = request._login_stage  # type: ignore[attr-defined]  # allauth's
    person: Person = stage.login.user
    # Whoever was deactivated, or lost their steps, meanwhile begins anew.
    if not person.is_active or not factor_sheet(person).count:
        aborted: HttpResponse = stage.abort()
        return aborted
    by_passkey = "credential" in request.POST
    code = CodeForm(
        request.POST if request.method == "POST" and not by_passkey else None,
        is_right=partial(_is_right, request, person),
    )
    fault = _fault_of_passkey(request, person) if by_passkey else ""
    if code.is_valid() or (by_passkey and not fault):
        logged_in: HttpResponse = stage.exit()
        return logged_in
    return _ask(request, person, code, fault)


@never_cache
@login_not_required
def by_passkey(request: HttpRequest) -> HttpResponse:
    """Tell script what to ask the browser for, and log in by its answer."""
    if person_of(request).is_authenticated:
        return redirect("studio")
    return _log_in_by_passkey(request)


@require_http_methods(READ_OR_SENT)
@sensitive_post_parameters()
def _log_in_by_passkey(request: HttpRequest) -> HttpResponse:
    if not ratelimit.consume(request, action="passkey"):
        too_many: HttpResponse = ratelimit.respond_429(request)
        return too_many
    if request.method != "POST":
        return HttpResponse(passkeys.options_of_login(None), content_type="application/json")
    form = PasskeyAnswerForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError(form.sentence)
        passkey = passkeys.passkey_of(None, form.cleaned_data["credential"])
    except ValidationError as error:
        shown = {"fault": " ".join(error.messages)}
        return render(
            request, "account/passkey_failed.html", shown, status=HTTPStatus.UNPROCESSABLE_ENTITY
        )
    back = request.POST.get("next", "")
    login = Login(user=passkey.user, redirect_url=back if is_path_here(back) else None)
    logged_in: HttpResponse = perform_passwordless_login(request, passkey, login)
    return logged_in


def _is_right(request: HttpRequest, person: Person, text: str) -> bool:
    """Use up a code. Raises ValidationError after too many guesses."""
    forget_guess = check_rate_limit(person)
    factor = factors.use_code(person, text, by=_stranger(request))
    if factor is None:
        return False
    forget_guess()
    _note(request, person, factor)
    return True


def _fault_of_passkey(request: HttpRequest, person: Person) -> str:
    """Accept a passkey as the second step, or return why it is none."""
    form = PasskeyAnswerForm(request.POST)
    try:
        forget_guess = check_rate_limit(person)
    except ValidationError as too_many:
        return " ".join(too_many.messages)
    try:
        if not form.is_valid():
            raise ValidationError(form.sentence)
        passkey = passkeys.passkey_of(person, form.cleaned_data["credential"])
    except ValidationError as error:
        factors.note_failure(person, by=_stranger(request))
        return " ".join(error.messages)
    forget_guess()
    _note(request, person, passkey)
    return ""


def _note(request: HttpRequest, person: Person, factor: Authenticator) -> None:
    factor.user = person
    post_authentication(request, factor)


def _ask(request: HttpRequest, person: Person, form: CodeForm, fault: str) -> HttpResponse:
    sheet = factor_sheet(person)
    refused = form.is_bound or bool(fault)
    shown = {
        "form": form,
        "fault": fault,
        "has_app": sheet.app is not None,
        "has_codes": bool(sheet.codes_left),
        "options": passkeys.options_of_login(person) if sheet.passkeys else None,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    return render(request, "account/second_step.html", shown, status=status)


def _stranger(request: HttpRequest) -> Actor:
    return Actor(address=address_of(request))
