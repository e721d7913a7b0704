"""Presets: listed, chosen in the form, saved from it or from a picture, renamed, deleted."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from omixa_studio.catalogue import load_catalogue
from omixa_studio.forms.generation import option_texts, read_id, read_named
from omixa_studio.forms.presets import OF_THE_PRESET, PresetAsked, read_preset
from omixa_studio.models import Picture
from omixa_studio.presenters.presets import PresetCard, cards_of
from omixa_studio.presenters.studio import beginnings
from omixa_studio.presenters.studio.beginnings import Beginning
from omixa_studio.queries.pictures import visible_to
from omixa_studio.queries.presets import changeable_by, listed_for
from omixa_studio.sentences import say
from omixa_studio.services import presets
from omixa_studio.services.pricing import terms_now
from omixa_studio.services.refusals import ChoiceRefused

from . import respond
from .requests import PersonRequest, actor_of


@require_safe
def page(request: PersonRequest) -> HttpResponse:
    """Show the person's presets and the team's."""
    return render(request, "presets/presets.html", {"cards": _cards(request)})


@require_safe
def menu(request: PersonRequest) -> HttpResponse:
    """Return the presets to choose from, for the studio's form."""
    return respond.part(request, "presets/_menu.html", {"cards": _cards(request)})


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: PersonRequest) -> HttpResponse:
    """Ask for a name for the settings of a form, or of a `picture`; with a name save them."""
    data = request.POST or request.GET
    asked, picture = read_preset(data), _picture(request, data.get("picture", ""))
    beginning = _beginning(request, picture)
    if request.method == "POST" and asked.name:
        try:
            return _save(request, asked, beginning, picture)
        except ChoiceRefused as refusal:
            messages.error(request, " ".join(say(fault) for fault in refusal.faults))
            return respond.back(request, reverse("presets"), refused=True)
    unnamed = request.method == "POST" and "preset_name" in data
    sent = [(name, text) for name in data for text in data.getlist(name)]
    shown = {
        "asked": asked,
        "beginning": beginning,
        "sent": [(name, text) for name, text in sent if name not in (*OF_THE_PRESET[:4], CSRF)],
        "unnamed": unnamed,
        "picture": picture,
    }
    return render(request, "presets/new.html", shown, status=422 if unnamed else 200)


@require_POST
def change(request: PersonRequest, pk: int) -> HttpResponse:
    """Rename a preset, and set whether the team may use it."""
    preset = get_object_or_404(changeable_by(request.user), pk=pk, deleted_at=None)
    asked = read_preset(request.POST)
    if asked.name:
        presets.change_preset(preset, name=asked.name, team=asked.team, by=actor_of(request))
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("A preset needs a name."))
    return respond.see_other(reverse("presets"))


@require_POST
def delete(request: PersonRequest, pk: int) -> HttpResponse:
    """Delete a preset, with an undo."""
    preset = get_object_or_404(changeable_by(request.user), pk=pk)
    if presets.delete_preset(preset, by=actor_of(request)):
        undo = reverse("preset_restore", args=[pk])
        messages.success(request, _("Preset deleted."), extra_tags=f"undo:{undo}")
    return respond.back(request, reverse("presets"))


@require_POST
def restore(request: PersonRequest, pk: int) -> HttpResponse:
    """Restore a deleted preset."""
    preset = get_object_or_404(changeable_by(request.user), pk=pk)
    if presets.restore_preset(preset, by=actor_of(request)):
        messages.success(request, _("Restored."))
    else:
        messages.error(request, _("Not restored: there are as many presets as are kept."))
    return respond.back(request, reverse("presets"))


CSRF = "csrfmiddlewaretoken"


def _cards(request: PersonRequest) -> list[PresetCard]:
    catalogue = load_catalogue(settings.MODELS_TOML)
    terms = terms_now(catalogue, catalogue.models.values())
    return cards_of(listed_for(request.user), request.user, terms)


def _picture(request: PersonRequest, text: str) -> Picture | None:
    pk = read_id(text)
    return None if pk is None else get_object_or_404(visible_to(request.user), pk=pk)


def _beginning(request: PersonRequest, picture: Picture | None) -> Beginning:
    catalogue = load_catalogue(settings.MODELS_TOML)
    if picture is not None:
        return beginnings.again(request.user, catalogue, picture.generation)
    data = request.POST or request.GET
    texts, named = option_texts(data), read_named(data)
    return beginnings.draft(request.user, catalogue, texts, slug=data.get("model", ""), named=named)


def _save(
    request: PersonRequest, asked: PresetAsked, beginning: Beginning, picture: Picture | None
) -> HttpResponse:
    references = beginning.references if asked.with_references else ()
    saved = presets.save_preset(
        request.user,
        asked.name,
        team=asked.team,
        model=beginning.model.slug,
        texts={name: text for name, text in beginning.texts.items() if name != "prompt"},
        prompt=beginning.texts.get("prompt", "") if asked.with_prompt else "",
        uploads=[one.pk for one in references if one.kind == "upload"],
        pictures=[one.pk for one in references if one.kind == "picture"],
        example=picture,
    )
    undo = reverse("preset_delete", args=[saved.pk])
    messages.success(request, _("Preset saved."), extra_tags=f"undo:{undo}")
    if respond.wants_part(request):
        return respond.part(
            request, "presets/_menu.html", {"cards": _cards(request), "saved": True}
        )
    return respond.see_other(reverse("presets"))
