"""How a picture came to be, as a small tree, and what it cost with every attempt on its way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from omixa_studio.models import GenerationInput, InputImage, Person, Picture, dollars
from omixa_studio.presenters.targets import is_practice
from omixa_studio.queries import lineage
from omixa_studio.templatetags.studio import money

from .tiles import title_of


@dataclass(frozen=True, kw_only=True)
class Ancestor:
    """A picture or upload on the way. Without a `thumb` it is a stub, and `said` says why."""

    href: str = ""
    thumb: str = ""
    alt: str = ""
    said: str = ""
    cost: str = ""


@dataclass(frozen=True, kw_only=True)
class Lineage:
    """The steps back to the first pictures, those first; the full cost, None if not to be told."""

    steps: Sequence[Sequence[Ancestor]]
    attempts: lineage.Attempts | None
    practice: bool

    @property
    def has_way(self) -> bool:
        """Return whether there is more to show than the pictures that were sent."""
        return len(self.steps) > 1 or any(not one.thumb for step in self.steps for one in step)

    @property
    def is_worth_telling(self) -> bool:
        """Return whether the picture's own page does not say all of it already."""
        return self.has_way or (self.attempts is not None and self.attempts.count > 1)

    @property
    def explained(self) -> str:
        """Return what counts as the full cost."""
        return _(
            "What this picture cost with every attempt on its way: its own request and those of "
            "all pictures that it was made from; and, until it was asked for, requests of the same "
            "people in the same runs, with the same prompts, tried again, or editing the same "
            "pictures. Each request counts once and whole; what nobody knows the cost of is told."
        )

    @property
    def cost(self) -> Decimal | None:
        return dollars(self.attempts.billed_micros) if self.attempts else None


def lineage_of(picture: Picture, person: Person) -> Lineage:
    """Draw how a picture that the person may see came to be.

    What it cost is told to whoever made it, and to those who see the costs of all.
    """
    way = lineage.way_to(picture.generation_id)
    sent = lineage.sent_on(list(way))
    told = picture.person_id == person.pk or person.sees_costs
    return Lineage(
        steps=_steps(way, sent, person),
        attempts=lineage.attempts_on(list(way), sent, picture.generation_id) if told else None,
        practice=is_practice(picture.generation),
    )


def _steps(
    way: Mapping[int, int], sent: Sequence[GenerationInput], person: Person
) -> list[list[Ancestor]]:
    """Return what was sent by steps back, the first ones first; each image once, farthest back."""
    back = lineage.steps_back(way, sent)
    images = {one.image_id: one.image for one in sent}
    drawn = {pk: _ancestor(image, person) for pk, image in images.items()}
    return [
        [drawn[pk] for pk in images if back[pk] == step]
        for step in sorted(set(back.values()), reverse=True)
    ]


def _ancestor(image: InputImage, person: Person) -> Ancestor:
    picture, origin = image.picture, image.origin
    if origin is None:
        own = image.person_id == person.pk
        thumb = reverse("input_thumb", args=[image.pk]) if own else ""
        return Ancestor(thumb=thumb, alt=_("Uploaded picture"), said=_("Uploaded"))
    if picture is None:
        told = origin.person_id == person.pk or person.sees_costs
        cost = _cost(origin.billed_micros, origin.target) if told else ""
        return Ancestor(said=_("Deleted"), cost=cost)
    if lineage.seen_among([picture], person.pk):
        return Ancestor(
            href=reverse("picture", args=[picture.pk]),
            thumb=reverse("picture_thumb", args=[picture.pk]),
            alt=title_of(picture),
            cost=_cost(picture.cost_micros, origin.target),
        )
    if picture.person_id == person.pk:
        return Ancestor(said=_("In the trash"), cost=_cost(picture.cost_micros, origin.target))
    return Ancestor(said=_("Private"))


def _cost(micros: int | None, target: str) -> str:
    if target == "sandbox":
        return ""
    return _("cost unknown") if micros is None else money(dollars(micros))
