"""The image models that the studio knows, and the history of their calls; for admins."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from omixa_studio.catalogue import load_catalogue
from omixa_studio.forms.offers import SlugForm
from omixa_studio.presenters.admin.models import shown_model
from omixa_studio.presenters.costs.prices import risen_prices
from omixa_studio.queries.model_history import model_histories
from omixa_studio.queries.prices import bills_of
from omixa_studio.queries.refusals import refused_lately
from omixa_studio.services import deciding

from .access import admin_only
from .proof import admin_act
from .requests import PersonRequest, actor_of
from .respond import see_other


@require_safe
@admin_only
def page(request: PersonRequest) -> HttpResponse:
    """Show every model of the catalogue, including those switched off."""
    catalogue = load_catalogue(settings.MODELS_TOML)
    histories = model_histories(settings.GATEWAY_TARGET, catalogue.models)
    bills = bills_of(settings.GATEWAY_TARGET)
    shown = {
        "catalogue": catalogue,
        "models": [
            shown_model(model, histories[slug], bills.get(slug, {}))
            for slug, model in catalogue.models.items()
        ],
        "strangers": {
            slug: history for slug, history in histories.items() if slug not in catalogue.models
        },
        "refused": refused_lately(settings.GATEWAY_TARGET, catalogue.models),
        "risen": risen_prices(),
        "models_toml": settings.MODELS_TOML.name,
    }
    return render(request, "models/models.html", shown)


@require_POST
@admin_act
def forget_prices(request: PersonRequest) -> HttpResponse:
    """Clear the billed prices of a model, for example after one mistaken bill."""
    form = SlugForm(request.POST)
    if not form.is_valid():
        raise BadRequest("name a model")
    slug = form.cleaned_data["slug"]
    if deciding.forget_prices(settings.GATEWAY_TARGET, slug, by=actor_of(request)):
        said = _("Billed prices of %(model)s cleared. The list price applies until the next bill.")
        messages.success(request, said % {"model": slug})
    return see_other("models")
