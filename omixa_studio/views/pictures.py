"""One picture, large, and what can be done with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from omixa_studio.catalogue import ImageModel, load_catalogue
from omixa_studio.forms.gallery import Sought, read_sought
from omixa_studio.models import Generation, InputImage, Person, Picture, dollars
from omixa_studio.presenters.pictures.tiles import tiles_for, title_of
from omixa_studio.queries import pictures
from omixa_studio.services import curating

from . import respond
from .requests import PersonRequest

FORMATS = {"png": "PNG", "jpeg": "JPEG", "webp": "WebP"}


@dataclass(frozen=True)
class Money:
    """What the request held, cost and gave back, and this picture's share, in dollars."""

    held: Decimal | None
    billed: Decimal | None
    released: Decimal | None
    share: Decimal | None
    kept: int
    over_hold: bool
    came_late: bool
    practice: bool


@require_safe
def page(request: PersonRequest, pk: int) -> HttpResponse:
    """A picture that is mine or shared; `in` and the filter say on which wall it hangs."""
    person = request.user
    rows = pictures.visible_to(person).select_related("generation", "person")
    picture = get_object_or_404(rows, pk=pk)
    team = request.GET.get("in") == "team" or picture.person_id != person.pk
    sought = read_sought(request.GET, team=team)
    wall = pictures.wall(person, team=team, sought=sought.values)
    newer, older = pictures.neighbours(wall, person, pk)
    trail = urlencode({"in": "team", **sought.texts}) if team else sought.query
    generation = picture.generation
    siblings = list(pictures.siblings(picture, person))
    sent = _sent(generation, person)
    shown = {
        "picture": picture,
        "generation": generation,
        "title": title_of(picture),
        "mine": picture.person_id == person.pk,
        "format": FORMATS.get(picture.format, picture.format),
        "options": options_of(generation, _model(generation)),
        "model_name": _model_name(generation),
        "money": money_of(picture, generation),
        "siblings": siblings if len(siblings) > 1 else [],
        "maker": _maker(picture, person),
        "shown_file": reverse("picture_preview" if picture.preview else "picture_file", args=[pk]),
        "sent": _named([item for item in sent if item["seen"]]),
        "before": before_of(sent),
        "used_in": tiles_for(pictures.used_in(picture, person), person),
        "trail": f"?{trail}" if trail else "",
        "newer": newer,
        "older": older,
        "team": team,
        "place": reverse("team" if team else "gallery"),
        "back": back_to_wall(sought, pk, team=team),
        "after_trash": after_trash(older or newer, trail),
    }
    return render(request, "pictures/picture.html", shown)


@require_POST
def share(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a picture of mine to the team."""
    if not curating.share(request.user, pk):
        raise Http404
    _say(request, _("Shared with the team."), undo=reverse("picture_private", args=[pk]))
    return respond.back(request, reverse("picture", args=[pk]))


@require_POST
def make_private(request: PersonRequest, pk: int) -> HttpResponse:
    """Hide a picture of mine from the team."""
    if not curating.make_private(request.user, pk):
        raise Http404
    _say(request, _("Only you see it now."), undo=reverse("picture_share", args=[pk]))
    return respond.back(request, reverse("picture", args=[pk]))


@require_POST
def trash(request: PersonRequest, pk: int) -> HttpResponse:
    """Throw a picture of mine away, for thirty days within reach."""
    get_object_or_404(Picture, pk=pk, person=request.user)
    if curating.trash(request.user, pk):
        _say(request, _("Moved to the trash."), undo=reverse("picture_restore", args=[pk]))
    return respond.back(request, reverse("gallery"))


@require_POST
def restore(request: PersonRequest, pk: int) -> HttpResponse:
    """Take a picture of mine out of the trash."""
    picture = get_object_or_404(Picture, pk=pk, person=request.user)
    if curating.restore(request.user, pk):
        messages.success(request, _("It is back where it was."))
    elif picture.trashed_at:
        messages.error(request, _("It was in the trash for too long and is being deleted."))
    return respond.back(request, reverse("picture", args=[pk]))


def options_of(generation: Generation, model: ImageModel | None) -> list[tuple[str, str]]:
    """Every option that was sent, as label and value for people, in the model's order."""
    options: Mapping[str, Any] = generation.options
    if model is None:
        return [(name, str(value)) for name, value in options.items()]
    known = [field for field in model.fields if field.name in options]
    named = {field.name for field in known}
    return [
        (_(field.label or field.name), _shown(options[field.name], field.names)) for field in known
    ] + [(name, str(value)) for name, value in options.items() if name not in named]


def money_of(picture: Picture, generation: Generation) -> Money:
    """Read a picture's money out of its rows."""
    return Money(
        held=dollars(generation.held_micros),
        billed=dollars(generation.billed_micros),
        released=dollars(generation.released_micros),
        share=dollars(picture.cost_micros),
        kept=generation.pictures.count(),
        over_hold=generation.over_hold,
        came_late=generation.came_late,
        practice=generation.target != settings.GATEWAY_TARGET,
    )


def back_to_wall(sought: Sought, pk: int, *, team: bool) -> str:
    """The address of the wall, filtered as it was, beginning at a picture."""
    path = reverse("team" if team else "gallery")
    return f"{path}?{urlencode({**sought.texts, 'at': str(pk)})}"


def after_trash(neighbour: int | None, trail: str) -> str:
    """Where to go when a picture leaves: to its neighbour, else to the gallery."""
    if neighbour is None:
        return reverse("gallery")
    path = reverse("picture", args=[neighbour])
    return f"{path}?{trail}" if trail else path


def before_of(sent: list[dict[str, Any]]) -> InputImage | None:
    """The image that a picture was made from, where there was exactly one, masks aside."""
    images = [item for item in sent if not item["is_mask"]]
    return images[0]["image"] if len(images) == 1 and images[0]["seen"] else None


def _shown(value: Any, names: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return _(names[str(value)]) if str(value) in names else str(value)


def _model(generation: Generation) -> ImageModel | None:
    return load_catalogue(settings.MODELS_TOML).find(generation.model)


def _model_name(generation: Generation) -> str:
    model = _model(generation)
    return model.name if model else generation.model


def _sent(generation: Generation, person: Person) -> list[dict[str, Any]]:
    """The images that were sent along; each leads to its picture where that may be seen."""
    sent = list(pictures.inputs_of(generation))
    origins = [item.image.picture_id for item in sent if item.image.picture_id]
    prompts: dict[int, str] = {}
    if origins:
        seen = pictures.visible_to(person).filter(pk__in=origins)
        prompts = dict(seen.values_list("id", "generation__prompt"))
    return [
        {
            "image": item.image,
            "is_mask": item.is_mask,
            "picture": item.image.picture_id if item.image.picture_id in prompts else None,
            "prompt": prompts.get(item.image.picture_id or 0, ""),
            "seen": item.image.person_id == person.pk or item.image.picture_id in prompts,
        }
        for item in sent
    ]


def _named(sent: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same images, each with the words that stand for it where it cannot be seen."""
    return [{**item, "alt": _alt(item, number)} for number, item in enumerate(sent, 1)]


def _alt(item: Mapping[str, Any], number: int) -> str:
    if item["is_mask"]:
        return _("Mask")
    return item["prompt"] or _("Input image %(n)s") % {"n": number}


def _maker(picture: Picture, person: Person) -> str:
    if picture.person_id == person.pk:
        return _("You")
    return picture.person.name if picture.person else _("A former member")


def _say(request: PersonRequest, sentence: str, *, undo: str) -> None:
    messages.success(request, sentence, extra_tags=f"undo:{undo}")
