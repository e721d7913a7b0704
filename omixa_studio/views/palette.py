"""The data of the command palette: image models once per page, prompts while typing."""

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from omixa_studio.catalogue import load_catalogue
from omixa_studio.filters import LONGEST_SEARCH
from omixa_studio.presenters.prompts import lines_of
from omixa_studio.presenters.studio.model_options import model_options
from omixa_studio.queries import prompts
from omixa_studio.services.beginning import first_model
from omixa_studio.services.pricing import terms_now

from . import respond
from .requests import PersonRequest

MOST_PROMPTS = 6


@require_safe
def models(request: PersonRequest) -> HttpResponse:
    """Return the available image models, each with its price."""
    catalogue = load_catalogue(settings.MODELS_TOML)
    terms = terms_now(catalogue, catalogue.models.values())
    options = model_options(terms, first_model(catalogue, request.user))
    return respond.part(request, "palette/_models.html", {"models": options})


@require_safe
def used_prompts(request: PersonRequest) -> HttpResponse:
    """Return the person's latest prompts that contain all words of `q`."""
    sought = request.GET.get("q", "")[:LONGEST_SEARCH]
    page = prompts.page_of(request.user, sought, most=MOST_PROMPTS)
    shown = {"entries": lines_of(page.prompts)}
    return respond.part(request, "palette/_prompts.html", shown)
