"""The page of one picture: its prompt, its cost, its inputs and the pictures made from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from omixa_studio.catalogue import ImageModel, load_catalogue
from omixa_studio.gateway.address import SANDBOX
from omixa_studio.models import Generation, InputImage, Person, Picture, dollars
from omixa_studio.presenters.ratios import ratio_text
from omixa_studio.presenters.targets import is_practice
from omixa_studio.queries import pictures
from omixa_studio.queries.projects import project_named
from omixa_studio.templatetags.studio import billed, places_for

from .kinds import SHOWN, name_of, undrawn, why_undrawn
from .tiles import Tile, tiles_for, title_of
from .trail import Trail


@dataclass(frozen=True)
class Money:
    """What the request held, cost and released, and this picture's share, in dollars."""

    held: Decimal | None
    billed: Decimal | None
    released: Decimal | None
    share: Decimal | None
    kept: int
    over_hold: bool
    came_late: bool
    practice: bool
    word: str

    @property
    def places(self) -> int:
        """Return the number of decimals that shows each amount exactly, at least three."""
        return places_for((self.held, self.billed, self.released, self.share))


@dataclass(frozen=True)
class Sharing:
    """The button that shares a picture or makes it private: its address, icon and label."""

    path: str
    icon: str
    words: str


@dataclass(frozen=True)
class Pressed:
    """The button of a star or a verdict: its address, icon, label, and `aria-pressed`."""

    path: str
    icon: str
    words: str
    pressed: str


@dataclass(frozen=True)
class PictureProject:
    """The project of a picture; its `path` is "" for a maker who has left it."""

    name: str
    path: str


@dataclass(frozen=True, kw_only=True)
class PicturePage:
    """A picture in its gallery, with its neighbours' ids and the addresses of its links."""

    picture: Picture
    generation: Generation
    title: str
    mine: bool
    sharing: Sharing
    starring: Pressed
    rejecting: Pressed
    format: str
    undrawn: str
    why_undrawn: str
    options: Sequence[tuple[str, str]]
    model_name: str
    money: Money
    siblings: Sequence[Picture]
    maker: str
    project: PictureProject | None
    ratio: str
    shown_file: str
    zoomed_file: str
    sent: Sequence[Mapping[str, Any]]
    before: InputImage | None
    used_in: Sequence[Tile]
    trail: Trail
    place: str
    after_trash: str


def page_of(picture: Picture, person: Person, trail: Trail) -> PicturePage:
    """Draw a picture that the person may see, on the trail by which they came to it."""
    generation = picture.generation
    siblings = pictures.siblings(picture, person)
    model = load_catalogue(settings.MODELS_TOML).find(generation.model)
    drawn_small = picture.preview or not picture.drawable
    shown_file = "picture_preview" if drawn_small else "picture_file"
    sent = _sent(generation, person)
    return PicturePage(
        picture=picture,
        generation=generation,
        title=title_of(picture),
        mine=picture.person_id == person.pk,
        sharing=_sharing_of(picture),
        starring=_starring_of(picture),
        rejecting=_rejecting_of(picture),
        format=name_of(picture.format),
        undrawn="" if picture.drawable else undrawn(picture),
        why_undrawn="" if picture.drawable else why_undrawn(picture),
        options=_options_of(generation, model),
        model_name=model.name if model else generation.model,
        money=_money_of(picture, generation),
        siblings=siblings if len(siblings) > 1 else [],
        maker=_maker(picture, person),
        project=_project_of(picture, person),
        ratio=ratio_text(picture.shown_width, picture.shown_height),
        shown_file=reverse(shown_file, args=[picture.pk]),
        # Zooming shows the original if a browser can display it.
        zoomed_file=reverse(
            "picture_file" if picture.format in SHOWN else shown_file, args=[picture.pk]
        ),
        sent=_named([item for item in sent if item["seen"]]),
        before=_before_of(sent),
        used_in=tiles_for(pictures.used_in(picture, person), person),
        trail=trail,
        place=trail.place,
        after_trash=_after_trash(trail),
    )


def _sharing_of(picture: Picture) -> Sharing:
    if picture.shared:
        return Sharing(reverse("picture_private", args=[picture.pk]), "lock", _("Make private"))
    return Sharing(reverse("picture_share", args=[picture.pk]), "share", _("Share with the team"))


def _starring_of(picture: Picture) -> Pressed:
    if picture.winner:
        path = reverse("picture_unstar", args=[picture.pk])
        return Pressed(path, "starred", _("Take the star away"), "true")
    return Pressed(reverse("picture_star", args=[picture.pk]), "star", _("Star"), "false")


def _rejecting_of(picture: Picture) -> Pressed:
    if picture.verdict:
        path = reverse("picture_unreject", args=[picture.pk])
        return Pressed(path, "reject", _("No longer reject"), "true")
    return Pressed(reverse("picture_reject", args=[picture.pk]), "reject", _("Reject"), "false")


def _options_of(generation: Generation, model: ImageModel | None) -> list[tuple[str, str]]:
    """Return every option that was sent, as label and value, in the model's order."""
    options: Mapping[str, Any] = generation.options
    if model is None:
        return [(name, str(value)) for name, value in options.items()]
    known = [field for field in model.fields if field.name in options]
    named = {field.name for field in known}
    return [
        (_(field.label or field.name), _shown(options[field.name], field.names)) for field in known
    ] + [(name, str(value)) for name, value in options.items() if name not in named]


def _money_of(picture: Picture, generation: Generation) -> Money:
    """Return a picture's amounts from its rows."""
    return Money(
        held=dollars(generation.held_micros),
        billed=dollars(generation.billed_micros),
        released=dollars(generation.released_micros),
        share=dollars(picture.cost_micros),
        kept=generation.pictures.count(),
        over_hold=generation.over_hold,
        came_late=generation.came_late,
        practice=is_practice(generation),
        word=billed(generation.target == SANDBOX),
    )


def _after_trash(trail: Trail) -> str:
    """Return where to go after moving a picture to the trash: its neighbour, else its gallery."""
    neighbour = trail.following or trail.previous
    if neighbour is None:
        return trail.place
    return f"{reverse('picture', args=[neighbour])}{trail.query}"


def _before_of(sent: list[dict[str, Any]]) -> InputImage | None:
    """Return the one image that a picture was made from, masks aside; None if not exactly one."""
    images = [item for item in sent if not item["is_mask"]]
    return images[0]["image"] if len(images) == 1 and images[0]["seen"] else None


def _shown(value: Any, names: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return _(names[str(value)]) if str(value) in names else str(value)


def _sent(generation: Generation, person: Person) -> list[dict[str, Any]]:
    """Return the images that were sent; each links to its picture if the person may see that."""
    sent = pictures.inputs_of(generation)
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
    """Return the same images, each with its alternative text."""
    return [{**item, "alt": _alt(item, number)} for number, item in enumerate(sent, 1)]


def _alt(item: Mapping[str, Any], number: int) -> str:
    if item["is_mask"]:
        return _("Mask")
    return item["prompt"] or _("Input image %(n)s") % {"n": number}


def _project_of(picture: Picture, person: Person) -> PictureProject | None:
    """Return the project of a picture, if the person made the picture or may see the project."""
    if picture.project_id is None:
        return None
    if seen := project_named(person, picture.project_id):
        path = reverse("project", args=[picture.project_id])
        return PictureProject(seen[picture.project_id], path)
    is_own = picture.person_id == person.pk
    return PictureProject(picture.project.name, "") if is_own and picture.project else None


def _maker(picture: Picture, person: Person) -> str:
    if picture.person_id == person.pk:
        return _("You")
    return picture.person.name if picture.person else _("A former member")
