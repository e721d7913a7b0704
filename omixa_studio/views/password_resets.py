"""For those who forgot their password: ask for a link by mail, and choose another at it."""

from http import HTTPStatus

from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from omixa_studio.forms.passwords_forgotten import ForgottenForm, ResetForm
from omixa_studio.queries.password_resets import open_reset
from omixa_studio.queries.people import known_as
from omixa_studio.queries.tokens import tokens_of_person
from omixa_studio.services.password_resets import ask_for_reset, choose_password
from omixa_studio.visitors import address_of


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link by mail; without mail, show who can help.

    The answer says nothing about who has an account.
    """
    if not settings.MAIL.host:
        return render(request, "account/forgotten.html")
    form = ForgottenForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
        return render(request, "account/ask_reset.html", {"form": form}, status=status)
    known = form.cleaned_data["login"]
    # Of one account so many an hour, whoever asks; past that it is answered as if it were sent.
    if not ratelimit.consume(request, action="reset_asked"):
        too_many: HttpResponse = ratelimit.respond_429(request)
        return too_many
    person = known_as(known)
    # One account has many spellings, as its logins do.
    counted = f"account:{person.pk}" if person else f"nobody:{known.casefold()}"
    if ratelimit.consume(request, action="reset_of_account", key=counted):
        ask_for_reset(known, address=address_of(request))
    return render(request, "account/reset_asked.html")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_not_required
@sensitive_post_parameters()
@sensitive_variables("secret")
def reset(request: HttpRequest, secret: str) -> HttpResponse:
    """Choose a new password at the link of a mail."""
    found = open_reset(secret)
    if found is None or found.person is None:
        return render(request, "account/reset_closed.html", status=HTTPStatus.NOT_FOUND)
    form = ResetForm(request.POST if request.method == "POST" else None, person=found.person)
    if not form.is_valid():
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
        shown = {"form": form, "tokens": tokens_of_person(found.person).exists()}
        return render(request, "account/reset.html", shown, status=status)
    password, ends_tokens = form.cleaned_data["password"], "ends_tokens" in request.POST
    address = address_of(request)
    if not choose_password(found, password, address=address, ends_tokens=ends_tokens):
        return render(request, "account/reset_closed.html", status=HTTPStatus.NOT_FOUND)
    messages.success(request, _("Your password is changed. Log in with it."))
    return redirect("account_login")
