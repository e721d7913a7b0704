"""Fill and empty a collection as steps on many pictures: a batch of a selection at a time."""

from collections.abc import Sequence

from omixa_studio.gateway.errors import Told, told
from omixa_studio.models import Collection, Person
from omixa_studio.queries.collections import fillable_by

from . import collecting, curating
from .background import JobFailed
from .refusals import ChoiceRefused


def collect(person: Person, pks: Sequence[int], *, into: int) -> list[int]:
    """Add pictures to a collection; return the ids of those added. Raises JobFailed."""
    try:
        return collecting.add_pictures(_fillable(person, into), person, pks)
    except ChoiceRefused:
        raise JobFailed(_full()) from None


def share_and_collect(person: Person, pks: Sequence[int], *, into: int) -> list[int]:
    """Share a person's own ones among some pictures, then add all. Raises JobFailed."""
    curating.share_several(person, pks)
    return collect(person, pks, into=into)


def uncollect(person: Person, pks: Sequence[int], *, into: int) -> list[tuple[int, int]]:
    """Remove pictures from a collection; return their ids with positions. Raises JobFailed."""
    return list(collecting.remove_pictures(_fillable(person, into), pks).items())


def put_back(person: Person, places: Sequence[tuple[int, int]], *, into: int) -> list[int]:
    """Put removed pictures back where they were; return their ids. Raises JobFailed."""
    try:
        return collecting.put_pictures(_fillable(person, into), person, dict(places))
    except ChoiceRefused:
        raise JobFailed(_full()) from None


def _full() -> Told:
    return told("collection_full", most=collecting.MOST_ITEMS)


def _fillable(person: Person, into: int) -> Collection:
    collection = fillable_by(person).filter(pk=into).first()
    if collection is None:
        raise JobFailed(told("collection_gone"))
    return collection
