"""The gateway's keys: set, given another secret, changed, paused, ended; the key of a project.

No answer contains a secret, also not the form that comes back with a fault.
"""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from omixa_studio import jobs
from omixa_studio.forms.fields import StudioForm
from omixa_studio.forms.gateway_keys import KeyNameForm, NewKeyForm, SecretForm, read_key
from omixa_studio.models import GatewayKey, Project
from omixa_studio.presenters.gateway_keys import key_page
from omixa_studio.sentences import say
from omixa_studio.services import gateway_keys
from omixa_studio.services.gateway_keys import KeyRefused
from omixa_studio.visitors import proved_lately

from . import respond
from .access import admin_only
from .proof import admin_act
from .requests import PersonRequest, actor_of


@require_safe
@never_cache
@admin_only
def page(request: PersonRequest) -> HttpResponse:
    """Show the keys, and the form of a new one."""
    return _page(request, NewKeyForm(initial={"on_own_bill": True}))


@require_POST
@never_cache
@admin_act
def new(request: PersonRequest) -> HttpResponse:
    """Set a new key for the gateway in use."""
    form = NewKeyForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            gateway_keys.make(settings.GATEWAY_TARGET, **given, by=actor_of(request))
        except KeyRefused as refusal:
            _say_why(form, refusal)
    if not form.is_valid():
        return _page(request, form, status=422)
    messages.success(request, _("The key is set. Choose it on the page of a project."))
    return _back()


@require_POST
@never_cache
@admin_act
def rotate(request: PersonRequest, pk: int) -> HttpResponse:
    """Give a key another secret, used from the next call on."""
    key, form = _found(pk), SecretForm(request.POST)
    if form.is_valid():
        secret = form.cleaned_data["secret"]
        try:
            gateway_keys.rotate(key, secret, wake=jobs.wake, by=actor_of(request))
        except KeyRefused as refusal:
            _say_why(form, refusal)
    if not form.is_valid():
        return _page(request, rotated=(key, form), status=422)
    messages.success(request, _("The next call is sent with the new secret."))
    return _back()


@require_POST
@admin_act
def change(request: PersonRequest, pk: int) -> HttpResponse:
    """Give a key another name, or say whose bill its calls are on."""
    key, form = _found(pk), KeyNameForm(request.POST)
    if form.is_valid():
        try:
            gateway_keys.change(key, **form.cleaned_data, by=actor_of(request))
        except KeyRefused as refusal:
            _say_why(form, refusal)
    if not form.is_valid():
        return _page(request, changed=(key, form), status=422)
    messages.success(request, _("Saved."))
    return _back()


@require_POST
@admin_act
def switch(request: PersonRequest, pk: int) -> HttpResponse:
    """Let the requests of a key wait, or send them again."""
    key = _found(pk)
    if key.paused_at:
        gateway_keys.resume(key, wake=jobs.wake, by=actor_of(request))
        messages.success(request, _("Its requests are sent again."))
    else:
        gateway_keys.pause(key, by=actor_of(request))
        messages.success(request, _("Its requests wait. What is under way ends as usual."))
    return _back()


@require_POST
@admin_act
def end(request: PersonRequest, pk: int) -> HttpResponse:
    """End a key that nothing uses, and erase its secrets."""
    key = _found(pk)
    try:
        gateway_keys.end(key, by=actor_of(request))
    except KeyRefused as refusal:
        messages.error(request, say(refusal.faults[0]))
        return _back()
    messages.success(request, _("The key is ended, and its secret erased."))
    return _back()


@require_POST
@admin_act
def of_project(request: PersonRequest, pk: int) -> HttpResponse:
    """Send a project's new requests with the `key` of an id, 0 for the environment's."""
    project = get_object_or_404(Project, pk=pk)
    chosen = read_key(request.POST)
    if chosen is None:
        messages.error(request, _("Choose a key."))
        return respond.see_other(reverse("project", args=[pk]))
    key = _found(chosen) if chosen else None
    try:
        if gateway_keys.give(project, key, by=actor_of(request)):
            said = _("New requests are sent with this key. What waits keeps the key it had.")
            messages.success(request, said)
    except KeyRefused as refusal:
        messages.error(request, say(refusal.faults[0]))
    return respond.see_other(reverse("project", args=[pk]))


def _found(pk: int) -> GatewayKey:
    return get_object_or_404(GatewayKey, pk=pk, ended_at=None)


def _say_why(form: StudioForm, refusal: KeyRefused) -> None:
    for fault in refusal.faults:
        form.add_error(fault.field if fault.field in form.fields else None, say(fault))


def _page(
    request: PersonRequest,
    form: NewKeyForm | None = None,
    *,
    rotated: tuple[GatewayKey, SecretForm] | None = None,
    changed: tuple[GatewayKey, KeyNameForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    drawn = key_page()
    lines = []
    for card in drawn.cards:
        key = card.key
        first = {"name": key.name, "on_own_bill": key.on_own_bill}
        at = f"{key.pk}_%s"
        lines.append(
            {
                "card": card,
                "secret": rotated[1] if rotated and rotated[0] == key else SecretForm(auto_id=at),
                "names": changed[1]
                if changed and changed[0] == key
                else KeyNameForm(initial=first, auto_id=at),
            }
        )
    shown = {
        "shown": drawn,
        "lines": lines,
        "form": form or NewKeyForm(initial={"on_own_bill": True}),
        "asks": not proved_lately(request),
        "has_password": request.user.has_usable_password(),
    }
    return render(request, "gateway_keys/gateway_keys.html", shown, status=status)


def _back() -> HttpResponse:
    return respond.see_other(reverse("gateway_keys"))
