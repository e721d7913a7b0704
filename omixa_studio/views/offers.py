"""The gateway's models compared with the studio's; a click applies each difference; for admins."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from omixa_studio import tasks
from omixa_studio.catalogue import load_catalogue
from omixa_studio.forms.offers import ADD, DEFAULT, OFF, ON, PRICE_OF, ChangeForm
from omixa_studio.gateway.errors import GatewayError
from omixa_studio.presenters.admin.offers import compared
from omixa_studio.sentences import say
from omixa_studio.services import deciding
from omixa_studio.services.offers import NotChanged

from . import respond
from .access import admin_only
from .proof import admin_act
from .requests import PersonRequest, actor_of


@require_POST
@admin_only
def ask(request: PersonRequest) -> HttpResponse:
    """Compare with the gateway's current list: a part for script, else a page of its own."""
    try:
        offered = tasks.ask_for_models()
    except GatewayError as error:
        shown: dict[str, object] = {"trouble": error}
    else:
        shown = compared(load_catalogue(settings.MODELS_TOML), offered)
    if respond.wants_part(request):
        return respond.part(request, "models/_offers.html", shown)
    return render(request, "models/asked.html", shown)


@require_POST
@admin_act
def apply(request: PersonRequest) -> HttpResponse:
    """Write one change into models.toml; the page shows what was wrong with it."""
    form = ChangeForm(request.POST)
    sentence, done = form.sentence, False
    if form.is_valid():
        try:
            deciding.apply_offer(
                settings.MODELS_TOML,
                form.cleaned_data["slug"],
                form.cleaned_data["change"],
                form.values,
                by=actor_of(request),
            )
        except NotChanged as reason:
            sentence = _("Nothing was changed. %(reason)s") % {"reason": say(reason.said)}
        else:
            sentence, done = _said(form), True
    if respond.wants_part(request):
        slug = request.POST.get("slug", "")[:100]
        answer = {"slug": slug, "sentence": sentence, "done": done}
        return respond.part(request, "models/_applied.html", answer)
    (messages.success if done else messages.error)(request, sentence)
    return respond.see_other("models")


def _said(form: ChangeForm) -> str:
    given = form.cleaned_data
    model = load_catalogue(settings.MODELS_TOML).find(given["slug"])
    said = {"name": model.name if model else given["slug"], "price": given["price"]}
    sentences = {
        ADD: _("%(name)s was added."),
        PRICE_OF: _("%(name)s now costs $%(price)s per picture."),
        ON: _("%(name)s is switched on."),
        OFF: _("%(name)s is switched off."),
        DEFAULT: _("Default model for everyone: %(name)s."),
    }
    return sentences[given["change"]] % said
