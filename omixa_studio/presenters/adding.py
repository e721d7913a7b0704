"""The dialogue in which pictures are added to a collection."""

from collections.abc import Sequence
from dataclasses import dataclass

from omixa_studio.models import Collection, Person, Picture
from omixa_studio.queries import collections as read

from .collections import CollectionCard, Offered, cards_of_collections, new_choices

SHOWN_PICTURES = 8
MOST_OFFERED = 60


@dataclass(frozen=True, kw_only=True)
class Adding:
    """The pictures to add, and the collections to choose from.

    `count` are all to be added, of which some are in `pictures`. With `into` the question is
    whether the `private` pictures are shared with the team first.
    """

    pictures: Sequence[Picture]
    cards: Sequence[CollectionCard]
    accesses: Sequence[Offered]
    count: int
    private: int
    into: Collection | None
    faults: Sequence[str]

    @property
    def shown(self) -> Sequence[Picture]:
        return self.pictures[:SHOWN_PICTURES]

    @property
    def more(self) -> int:
        return max(self.count - len(self.shown), 0)


def adding_of(
    person: Person,
    pictures: Sequence[Picture],
    *,
    into: Collection | None = None,
    faults: Sequence[str] = (),
    count: int | None = None,
    private: int | None = None,
) -> Adding:
    """Return the dialogue about pictures that the person may see.

    Of many, `pictures` are the first ones, and `count` and `private` are known.
    """
    own = sum(one.person_id == person.pk and not one.shared for one in pictures)
    offered = [] if into else list(read.fillable_by(person).order_by("-id")[:MOST_OFFERED])
    holding = read.holding(person, pictures[0]) if len(pictures) == 1 else []
    return Adding(
        pictures=pictures,
        cards=cards_of_collections(offered, person, holding=[one.pk for one in holding]),
        accesses=new_choices(),
        count=len(pictures) if count is None else count,
        private=own if private is None else private,
        into=into,
        faults=faults,
    )
