"""Invitations: admins list, make and revoke them; whoever has the link makes their account."""

from http import HTTPStatus

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from omixa_studio.devices import remember_device
from omixa_studio.forms.clicks import new_click
from omixa_studio.forms.invitations import InvitationForm, JoinForm
from omixa_studio.models import Invitation, Period, dollars
from omixa_studio.presenters.admin.invitations import gives, invitation_cards, project_choices
from omixa_studio.queries.invitations import open_invitation
from omixa_studio.queries.studio_settings import studio_settings
from omixa_studio.sentences import say
from omixa_studio.services import invitations
from omixa_studio.services.invitations import InvitationClosed, InvitationTerms
from omixa_studio.services.people import TakenError
from omixa_studio.templatetags.studio import plain_dollars
from omixa_studio.visitors import address_of

from . import respond
from .access import admin_only, person_of
from .once import came_before
from .proof import admin_act
from .requests import PersonRequest, actor_of


@require_safe
@admin_only
def page(request: PersonRequest) -> HttpResponse:
    """Show the invitations, and the form of a new one."""
    usual = studio_settings()
    amount = plain_dollars(dollars(usual.default_limit_micros))
    first = {"limit": amount, "period": usual.default_limit_period}
    return _page(request, InvitationForm(initial=first, projects=project_choices(request.user)))


@require_POST
@never_cache
@admin_act
def new(request: PersonRequest) -> HttpResponse:
    """Make an invitation and show its link, once: no redirect, no message, no cache."""
    form = InvitationForm(request.POST, projects=project_choices(request.user))
    if not form.is_valid():
        return _page(request, form, status=422)
    if came_before(request):
        return redirect("invitations")
    given = form.cleaned_data
    terms = InvitationTerms(
        role=given["role"],
        limit_micros=form.limit_micros,
        period=given["period"] or Period.MONTH,
        projects=given["projects"],
        most=given["most"],
        expires_at=form.expires_at,
    )
    made, secret = invitations.invite(given["name"], terms, by=actor_of(request))
    address = settings.STUDIO_URL + reverse("join", args=[secret])
    shown = {"invitation": made, "gives": gives(made), "address": address}
    return render(request, "invitations/made.html", shown)


@require_POST
@admin_only
def revoke(request: PersonRequest, pk: int) -> HttpResponse:
    """Revoke an invitation at once; this gives nobody anything, so it asks for no password."""
    invitation = get_object_or_404(Invitation, pk=pk)
    if invitations.revoke_invitation(invitation, by=actor_of(request)):
        messages.success(request, _("The invitation is revoked."))
    return respond.see_other(reverse("invitations"))


@require_http_methods(["GET", "HEAD", "POST"])
@login_not_required
@never_cache
@sensitive_post_parameters()
@sensitive_variables("secret")
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """Let somebody invited make their account, and log them in."""
    invitation = open_invitation(secret)
    if invitation is None:
        return _closed(request)
    refused = HTTPStatus.UNPROCESSABLE_ENTITY if request.method == "POST" else HTTPStatus.OK
    if person_of(request).is_authenticated:
        return render(request, "invitations/logged_in.html", status=refused)
    form = JoinForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _join(request, invitation, form)
    return _form(request, invitation, form)


def _join(request: HttpRequest, invitation: Invitation, form: JoinForm) -> HttpResponse:
    given = form.cleaned_data
    try:
        person = invitations.accept(
            invitation,
            given["username"],
            given["password"],
            name=given["name"],
            email=given["email"],
            address=address_of(request),
        )
    except InvitationClosed:
        return _closed(request)
    except TakenError as taken:
        for fault in taken.faults:
            form.add_error(fault.field, say(fault))
        return _form(request, invitation, form)
    get_adapter().login(request, person)
    response = redirect("studio")
    remember_device(request, response, person.pk)
    return response


def _form(request: HttpRequest, invitation: Invitation, form: JoinForm) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    shown = {"form": form, "invitation": invitation, "gives": gives(invitation)}
    return render(request, "invitations/join.html", shown, status=status)


def _closed(request: HttpRequest) -> HttpResponse:
    return render(request, "invitations/closed.html", status=HTTPStatus.NOT_FOUND)


def _page(request: PersonRequest, form: InvitationForm, *, status: int = 200) -> HttpResponse:
    chosen = [str(value) for value in form["projects"].value() or []]
    shown = {"form": form, "click": new_click(), "cards": invitation_cards(), "chosen": chosen}
    return render(request, "invitations/invitations.html", shown, status=status)
