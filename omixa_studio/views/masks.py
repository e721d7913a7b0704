"""Whether masks work with this gateway: an admin judges a result."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from omixa_studio.catalogue import load_catalogue
from omixa_studio.models import Generation
from omixa_studio.presenters.studio.mask_trial import MaskTrial, trial_of
from omixa_studio.sentences import say
from omixa_studio.services import deciding
from omixa_studio.services.offers import NotChanged

from . import respond
from .access import admin_only
from .requests import PersonRequest, actor_of


@require_POST
@admin_only
def confirm_mask(request: PersonRequest, pk: int) -> HttpResponse:
    """Confirm for everyone that masks work with a generation's model, in the encoding it used."""
    trial = _judged(request, pk)
    sentence = _("Masks work with %(model)s. Everyone can see that now.")
    return _change(request, trial, {"mask_confirmed": True, "mask_encoding": trial.sent}, sentence)


@require_POST
@admin_only
def switch_mask_encoding(request: PersonRequest, pk: int) -> HttpResponse:
    """Send masks to a generation's model in the other encoding from now on."""
    trial = _judged(request, pk)
    sentence = _("Masks for %(model)s are now sent in the other format. Try one more.")
    return _change(request, trial, {"mask_encoding": trial.other}, sentence)


def _judged(request: PersonRequest, pk: int) -> MaskTrial:
    """Return the trial of a masked generation of one's own; 404 if there is none."""
    row = get_object_or_404(Generation, pk=pk, person=request.user, sent_inputs__is_mask=True)
    trial = trial_of(row, load_catalogue(settings.MODELS_TOML).find(row.model))
    if trial is None:
        raise Http404
    return trial


def _change(
    request: PersonRequest, trial: MaskTrial, values: dict[str, object], sentence: str
) -> HttpResponse:
    said, changed = sentence % {"model": trial.name}, True
    try:
        deciding.change_model(settings.MODELS_TOML, trial.slug, values, by=actor_of(request))
    except NotChanged as reason:
        said, changed = (
            _("models.toml was not changed: %(reason)s") % {"reason": say(reason.said)},
            False,
        )
    if respond.wants_part(request):
        return respond.part(request, "studio/_mask_judged.html", {"said": said, "bad": not changed})
    (messages.success if changed else messages.error)(request, said)
    return respond.see_other(reverse("studio"))
