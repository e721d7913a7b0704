"""Pictures like another one, in groups with names of their own."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from omixa_studio.catalogue import ImageModel
from omixa_studio.dates import date_format
from omixa_studio.forms.generation import Asked
from omixa_studio.models import InputImage, Person, Picture
from omixa_studio.queries import inputs, similar
from omixa_studio.services.hashes import request_key
from omixa_studio.services.submission import Choice

from .tiles import Tile, cost_of, tiles_for, title_of

# Most similar first: the name of each likeness, what it means, and what reads it.
LIKENESSES: Mapping[
    str, tuple[Promise, Promise, Callable[[Picture, Person], Iterable[Picture]]]
] = {
    "request": (
        gettext_lazy("Same request"),
        gettext_lazy("Made with the same model, prompt, options and images."),
        similar.of_same_request,
    ),
    "bytes": (
        gettext_lazy("Same file"),
        gettext_lazy("The very same bytes."),
        lambda picture, person: similar.of_same_bytes(picture.sha256, person),
    ),
    "near": (
        gettext_lazy("Near copies"),
        gettext_lazy("Look the same and have the same shape, such as scaled or re-encoded copies."),
        similar.near_copies,
    ),
    "alike": (
        gettext_lazy("Alike"),
        gettext_lazy("Their prompts have the same telling words."),
        similar.alike,
    ),
}


@dataclass(frozen=True)
class Group:
    """Similar pictures under the name of their similarity, and what that name means."""

    key: str
    name: str
    meaning: str
    tiles: Sequence[Tile]


@dataclass(frozen=True)
class MadeBefore:
    """A picture that exists of the request in the form, as a sentence and a tile."""

    picture: Picture
    sentence: str
    title: str


def groups_of(picture: Picture, person: Person) -> list[Group]:
    """Return the groups of similar pictures that are not empty, the most similar first.

    A picture stands in the first group that it belongs to.
    """
    groups, shown = [], {picture.pk}
    for key, (name, meaning, read) in LIKENESSES.items():
        new = [row for row in read(picture, person) if row.pk not in shown]
        shown |= {row.pk for row in new}
        groups.append(Group(key, str(name), str(meaning), tiles_for(new, person)))
    return [group for group in groups if group.tiles]


def made_before(person: Person, asked: Asked) -> MadeBefore | None:
    """Return what the person can already see of the request in a form; None for an unfit form."""
    if asked.model is None or asked.faults or asked.images or asked.mask:
        return None
    picture = similar.made_before(person, _key_of(person, asked, asked.model))
    return _said(picture, person) if picture else None


def _key_of(person: Person, asked: Asked, model: ImageModel) -> int:
    choice = Choice(model=model, values=asked.values)
    images = [
        *inputs.uploads_of(person, asked.uploads),
        *(InputImage(picture_id=pk) for pk in asked.pictures),
    ]
    return request_key(model.slug, choice.prompt, choice.options, images)


def _said(picture: Picture, person: Person) -> MadeBefore:
    day = date_format(localtime(picture.created_at), _("j M Y"))
    if picture.person_id == person.pk:
        sentence = _("You made this on %(day)s · %(cost)s")
    else:
        sentence = _("%(name)s made this on %(day)s · %(cost)s")
    name = picture.person.name if picture.person else _("A former member")
    words = {"name": name, "day": day, "cost": cost_of(picture)}
    return MadeBefore(picture, sentence % words, title_of(picture))
