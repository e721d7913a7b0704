"""One's second steps of the login: an app, passkeys, recovery codes; shown, added, removed."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.utils import decrypt, encrypt
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from omixa_studio.forms.clicks import new_click
from omixa_studio.forms.factors import CodeForm, NewPasskeyForm, PasskeyNameForm
from omixa_studio.presenters.factors import app_secret, codes_file, factor_sheet
from omixa_studio.sentences import say
from omixa_studio.services import factors
from omixa_studio.services.factors import FactorRefused
from omixa_studio.services.sealing import NotReadable

from . import passkeys, respond
from .once import came_before
from .proof import own_act
from .requests import PersonRequest, actor_of

# Where a session keeps the secret of an app until its first code, encrypted, and the one-time value
# of the form that asked for it.
NEW_APP, NEW_APP_FOR = "new_app", "new_app_for"
LONGEST_CLICK = 64


@require_safe
def page(request: PersonRequest) -> HttpResponse:
    """Show one's second steps."""
    shown = {"sheet": factor_sheet(request.user), "click": new_click()}
    return render(request, "account/two_step.html", shown)


@require_POST
@never_cache
@own_act
def new_app(request: PersonRequest) -> HttpResponse:
    """Show a new secret, for an app to scan; it counts once the app has shown a code.

    A reload of the page shows the same one, which may have been scanned already.
    """
    click = request.POST.get("click", "")[:LONGEST_CLICK]
    if not click or click != request.session.get(NEW_APP_FOR) or not _secret_of(request):
        request.session[NEW_APP] = encrypt(generate_totp_secret())
        request.session[NEW_APP_FOR] = click
    return _app(request, CodeForm(is_right=bool))


@require_POST
@never_cache
@sensitive_post_parameters()
@own_act
def add_app(request: PersonRequest) -> HttpResponse:
    """Add the app that shows the code."""
    secret = _secret_of(request)
    if not secret:
        return respond.refuse(request, _("Begin anew: scan a new code."), reverse("two_step"))
    steps: list[int | None] = []

    def is_right(code: str) -> bool:
        steps.append(factors.step_of(secret, code))
        return steps[-1] is not None

    form = CodeForm(request.POST, is_right=is_right)
    if not form.is_valid():
        return _app(request, form, status=422)
    del request.session[NEW_APP]
    codes = factors.add_app(request.user, secret, steps[-1] or 0, by=actor_of(request))
    return _added(request, _("The authenticator app is added."), codes)


@require_POST
@never_cache
@own_act
def new_codes(request: PersonRequest) -> HttpResponse:
    """Make new recovery codes and show them, once: no redirect, no message, no cache."""
    if came_before(request):
        return redirect("two_step")
    try:
        codes = factors.make_codes(request.user, by=actor_of(request))
    except FactorRefused as refusal:
        return respond.refuse(request, say(refusal.faults[0]), reverse("two_step"))
    return _codes(request, codes)


@require_POST
@never_cache
@own_act
def new_passkey(request: PersonRequest) -> HttpResponse:
    """Show the button by which the browser makes a passkey."""
    return _passkey(request)


@require_POST
@never_cache
@own_act
def add_passkey(request: PersonRequest) -> HttpResponse:
    """Add the passkey that the browser has made."""
    form = NewPasskeyForm(request.POST)
    if not form.is_valid():
        return _passkey(request, form.sentence)
    given = form.cleaned_data
    try:
        passkeys.check_new(given["credential"])
        codes = factors.add_passkey(
            request.user, given["name"], given["credential"], by=actor_of(request)
        )
    except ValidationError as error:
        return _passkey(request, " ".join(error.messages))
    except FactorRefused as refusal:
        return _passkey(request, say(refusal.faults[0]))
    return _added(request, _("The passkey is added."), codes)


@require_POST
@own_act
def rename(request: PersonRequest, pk: int) -> HttpResponse:
    """Rename a passkey of one's own."""
    passkey = get_object_or_404(_own(request), pk=pk, type=Authenticator.Type.WEBAUTHN)
    form = PasskeyNameForm(request.POST)
    if not form.is_valid():
        return respond.refuse(request, form.sentence, reverse("two_step"))
    factors.rename_passkey(passkey, form.cleaned_data["name"], by=actor_of(request))
    messages.success(request, _("Saved."))
    return respond.see_other(reverse("two_step"))


@require_POST
@own_act
def remove(request: PersonRequest, pk: int) -> HttpResponse:
    """Remove an app or a passkey of one's own."""
    factor = get_object_or_404(_own(request), pk=pk)
    try:
        factors.remove_factor(factor, by=actor_of(request))
    except FactorRefused as refusal:
        return respond.refuse(request, say(refusal.faults[0]), reverse("two_step"))
    messages.success(request, _("Removed. You stay logged in where you are."))
    return respond.see_other(reverse("two_step"))


def _own(request: PersonRequest) -> Any:
    steps = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return Authenticator.objects.select_related("user").filter(user=request.user, type__in=steps)


def _secret_of(request: PersonRequest) -> str:
    try:
        return str(decrypt(request.session.get(NEW_APP, "")))
    except NotReadable:
        return ""


def _app(request: PersonRequest, form: CodeForm, *, status: int = 200) -> HttpResponse:
    shown = {"secret": app_secret(request.user, _secret_of(request)), "form": form}
    return render(request, "account/two_step_app.html", shown, status=status)


def _passkey(request: PersonRequest, fault: str = "") -> HttpResponse:
    shown = {"options": passkeys.options_of_new(request.user), "fault": fault}
    given = request.POST.get("name", "")
    return render(
        request,
        "account/two_step_passkey.html",
        {**shown, "name": given},
        status=422 if fault else 200,
    )


def _added(request: PersonRequest, sentence: str, codes: list[str]) -> HttpResponse:
    messages.success(request, sentence)
    return _codes(request, codes) if codes else respond.see_other(reverse("two_step"))


def _codes(request: PersonRequest, codes: list[str]) -> HttpResponse:
    # Whoever was led here before anything else wants to go on.
    then = reverse("studio" if request.user.must_add_factor else "two_step")
    shown = {"codes": codes, "file": codes_file(request.user, codes), "then": then}
    return render(request, "account/recovery_codes.html", shown)
