"""Webhooks, one's own and the studio's: listed, made, changed, tested, and the log of each."""

from typing import Any

from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from omixa_studio.forms.clicks import new_click
from omixa_studio.forms.generation import read_id
from omixa_studio.forms.webhooks import WebhookForm
from omixa_studio.models import OffReason, Person, Webhook, WebhookDelivery
from omixa_studio.presenters.webhooks import delivery_page, webhook_card, webhook_cards
from omixa_studio.queries.pauses import is_older_copy
from omixa_studio.queries.webhooks import webhooks_in_reach
from omixa_studio.sentences import say
from omixa_studio.services import webhooks
from omixa_studio.services.webhooks import Hook, WebhookRefused, events_for

from . import respond
from .access import admin_only
from .once import came_before
from .proof import admin_act, own_act
from .requests import PersonRequest, actor_of


@require_safe
def page(request: PersonRequest) -> HttpResponse:
    """Show one's webhooks, and the form of a new one."""
    return _list(request, request.user, _form(request.user))


@require_POST
@never_cache
@own_act
def new(request: PersonRequest) -> HttpResponse:
    """Make a webhook of one's own and show its secret, once."""
    return _make(request, request.user)


@require_safe
@admin_only
def of_studio(request: PersonRequest) -> HttpResponse:
    """Show the studio's webhooks, and the form of a new one."""
    return _list(request, None, _form(None))


@require_POST
@never_cache
@admin_act
def new_of_studio(request: PersonRequest) -> HttpResponse:
    """Make a webhook of the studio and show its secret, once."""
    return _make(request, None)


@require_safe
def one(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a webhook, the form that changes it, and its log, which script asks for alone."""
    webhook = _found(request, pk)
    if respond.wants_part(request):
        return _news(request, webhook)
    first = {"url": webhook.url, "events": webhook.told_of, "with_prompt": webhook.with_prompt}
    form = WebhookForm(initial=first, events=events_for(webhook.person_id))
    return _one(request, webhook, form)


@require_POST
@own_act
def change(request: PersonRequest, pk: int) -> HttpResponse:
    """Change where a webhook leads and what it is told of."""
    webhook = _found(request, pk)
    form = WebhookForm(request.POST, events=events_for(webhook.person_id))
    if form.is_valid():
        try:
            webhooks.change_webhook(webhook, _hook(form), by=actor_of(request))
        except WebhookRefused as refusal:
            _say_why(form, refusal)
    if not form.is_valid():
        return _one(request, webhook, form, status=422)
    messages.success(request, _("Saved."))
    return _back(webhook)


@require_POST
@never_cache
@own_act
def rotate(request: PersonRequest, pk: int) -> HttpResponse:
    """Make a new secret for a webhook and show it, once."""
    webhook = _found(request, pk)
    if came_before(request):
        return redirect("webhook", pk)
    secret = webhooks.rotate_secret(webhook, by=actor_of(request))
    shown = {"webhook": webhook, "secret": secret, "is_new": False}
    return render(request, "webhooks/secret.html", shown)


@require_POST
def switch(request: PersonRequest, pk: int) -> HttpResponse:
    """Switch a webhook off, or on again."""
    webhook = _found(request, pk)
    if webhook.off_at:
        webhooks.switch_on(webhook, by=actor_of(request))
    else:
        webhooks.switch_off(webhook, OffReason.PERSON, by=actor_of(request))
    return _back(webhook)


@require_POST
def delete(request: PersonRequest, pk: int) -> HttpResponse:
    """Delete a webhook with its log."""
    webhook = _found(request, pk)
    webhooks.delete_webhook(webhook, by=actor_of(request))
    messages.success(request, _("The webhook is deleted."))
    return respond.see_other(_list_of(webhook))


@require_POST
def test(request: PersonRequest, pk: int) -> HttpResponse:
    """Send a webhook a test."""
    webhook = _found(request, pk)
    if not ratelimit.consume(request, action="webhook_test"):
        return _too_many(request, webhook)
    if webhooks.send_test(webhook) is None:
        return _off(request, webhook)
    if is_older_copy(settings.GATEWAY_TARGET):
        messages.info(request, _("It is sent when an admin has resumed the queue."))
    else:
        messages.success(request, _("The test is on its way. What came of it stands in the log."))
    return _back(webhook)


@require_POST
def again(request: PersonRequest, pk: int) -> HttpResponse:
    """Send a message of a webhook again, under the same id."""
    delivery = get_object_or_404(WebhookDelivery, pk=pk)
    webhook = _found(request, delivery.webhook_id)
    if webhook.off_at:
        return _off(request, webhook)
    if not ratelimit.consume(request, action="webhook_test"):
        return _too_many(request, webhook)
    if webhooks.send_again(delivery):
        messages.success(request, _("It is sent again."))
    else:
        messages.info(request, _("It is being sent at this moment."))
    return _back(webhook)


def _make(request: PersonRequest, owner: Person | None) -> HttpResponse:
    form = _form(owner, request)
    if form.is_valid():
        if came_before(request):
            return redirect("webhooks" if owner else "studio_webhooks")
        try:
            made, secret = webhooks.make_webhook(owner, _hook(form), by=actor_of(request))
        except WebhookRefused as refusal:
            _say_why(form, refusal)
        else:
            shown = {"webhook": made, "secret": secret, "is_new": True}
            return render(request, "webhooks/secret.html", shown)
    return _list(request, owner, form, status=422)


def _found(request: PersonRequest, pk: int) -> Webhook:
    return get_object_or_404(webhooks_in_reach(request.user), pk=pk)


def _form(owner: Person | None, request: PersonRequest | None = None) -> WebhookForm:
    events = events_for(owner.pk if owner else None)
    first = {"events": [event.value for event in events]}
    return WebhookForm(request.POST if request else None, events=events, initial=first)


def _hook(form: WebhookForm) -> Hook:
    given = form.cleaned_data
    return Hook(url=given["url"], events=given["events"], with_prompt=given["with_prompt"])


def _say_why(form: WebhookForm, refusal: WebhookRefused) -> None:
    for fault in refusal.faults:
        form.add_error(fault.field or None, say(fault))


def _off(request: PersonRequest, webhook: Webhook) -> HttpResponse:
    sentence = _("The webhook is switched off. Switch it on first.")
    return respond.refuse(request, sentence, reverse("webhook", args=[webhook.pk]))


def _too_many(request: PersonRequest, webhook: Webhook) -> HttpResponse:
    sentence = _("You sent many tests in the last hour. Wait a little.")
    return respond.refuse(request, sentence, reverse("webhook", args=[webhook.pk]))


def _back(webhook: Webhook) -> HttpResponse:
    return respond.see_other(reverse("webhook", args=[webhook.pk]))


def _list_of(webhook: Webhook) -> str:
    return reverse("webhooks" if webhook.person_id else "studio_webhooks")


def _list(
    request: PersonRequest, owner: Person | None, form: WebhookForm, *, status: int = 200
) -> HttpResponse:
    shown = {
        "form": form,
        "click": new_click(),
        "cards": webhook_cards(owner),
        "is_held": is_older_copy(settings.GATEWAY_TARGET),
        "of_studio": owner is None,
        "action": reverse("webhook_new" if owner else "studio_webhook_new"),
        "chosen": form["events"].value() or [],
    }
    return render(request, "webhooks/webhooks.html", shown, status=status)


def _told(request: PersonRequest, webhook: Webhook) -> dict[str, Any]:
    """Return what a webhook's card and log show."""
    before = read_id(request.GET.get("before", ""))
    log = delivery_page(webhook, before=before)
    card = webhook_card(webhook)
    return {"webhook": webhook, "card": card, "log": log, "below": before, "click": new_click()}


def _news(request: PersonRequest, webhook: Webhook) -> HttpResponse:
    shown = _told(request, webhook)
    if request.GET.get("seen") == shown["log"].stamp:
        return respond.nothing_new()
    return respond.part(request, "webhooks/_told.html", shown)


def _one(
    request: PersonRequest, webhook: Webhook, form: WebhookForm, *, status: int = 200
) -> HttpResponse:
    shown = {
        **_told(request, webhook),
        "form": form,
        "is_held": is_older_copy(settings.GATEWAY_TARGET),
        "of_studio": webhook.person_id is None,
        "action": reverse("webhook_change", args=[webhook.pk]),
        "above": _list_of(webhook),
        "chosen": form["events"].value() or [],
    }
    return render(request, "webhooks/webhook.html", shown, status=status)
