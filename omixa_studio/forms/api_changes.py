"""What programs change, from JSON to clean values. Saves nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.models.pictures import LONGEST_NOTE
from omixa_studio.models.tags import LONGEST_TAG

from .api_images import FieldRefused, wrong
from .collections import read_note
from .marks import MOST_NAMES, read_tags

MOST_IDS = 500
MARKS = ("starred", "rejected", "shared", "trashed")
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class PictureChange:
    """What is to become of a picture; None leaves it as it is."""

    starred: bool | None = None
    rejected: bool | None = None
    shared: bool | None = None
    trashed: bool | None = None
    note: str | None = None
    tag: Sequence[str] = ()
    untag: Sequence[str] = ()


@dataclass(frozen=True)
class PicturesChange:
    """What is to become of several pictures, each once."""

    ids: Sequence[int]
    change: PictureChange


@dataclass(frozen=True, kw_only=True)
class CollectionChange:
    """Pictures to add to a collection, and to remove from it.

    `share` is whether private ones that join a shared collection are shared, None if unsaid.
    """

    add: Sequence[int] = ()
    remove: Sequence[int] = ()
    share: bool | None = None


def read_picture_change(data: Mapping[str, Any]) -> PictureChange:
    """Read the body of a change of a picture. Raises FieldRefused."""
    refuse_others(data, (*MARKS, "note", "tag", "untag"))
    asked = PictureChange(
        **{name: _yes_no(data, name) for name in MARKS},
        note=_note(data),
        tag=_tags(data, "tag"),
        untag=_tags(data, "untag"),
    )
    if asked.starred and asked.rejected:
        raise wrong("rejected", "true")
    return asked


def read_pictures_change(data: Mapping[str, Any]) -> PicturesChange:
    """Read the body of a change of several pictures, which have no note in common.

    Raises FieldRefused.
    """
    refuse_others(data, ("ids", *MARKS, "tag", "untag"))
    ids = _ids(data, "ids")
    if not ids:
        raise wrong("ids", data.get("ids"))
    return PicturesChange(
        ids, read_picture_change({name: data[name] for name in data if name != "ids"})
    )


def read_collection_change(data: Mapping[str, Any]) -> CollectionChange:
    """Read the body of a change of a collection's pictures. Raises FieldRefused."""
    refuse_others(data, ("add", "remove", "share"))
    return CollectionChange(
        add=_ids(data, "add"), remove=_ids(data, "remove"), share=_yes_no(data, "share")
    )


def refuse_others(data: Mapping[str, Any], known: Sequence[str]) -> None:
    """Raise FieldRefused for a field that is none of those known."""
    for name in data:
        if name not in known:
            unknown = N_("This address knows no %(name)s.")
            raise FieldRefused(Fault(name[:40], unknown, {"name": name[:40]}), "unknown_parameter")


def _yes_no(data: Mapping[str, Any], name: str) -> bool | None:
    value = data.get(name)
    if value is not None and not isinstance(value, bool):
        raise wrong(name, value)
    return value


def _note(data: Mapping[str, Any]) -> str | None:
    value = data.get("note")
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > LONGEST_NOTE:
        raise wrong("note", value)
    return read_note(value)


def _tags(data: Mapping[str, Any], name: str) -> list[str]:
    """Return names of tags as the form of tags reads them, commas between several."""
    value = data.get(name)
    listed = [] if value is None else value
    if not isinstance(listed, list) or len(listed) > MOST_NAMES:
        raise wrong(name, value)
    for one in listed:
        if not isinstance(one, str) or not 0 < len(one) <= LONGEST_TAG:
            raise wrong(name, one)
    sent = QueryDict(mutable=True)
    sent.setlist("tag", listed)
    return read_tags(sent)


def _ids(data: Mapping[str, Any], name: str) -> list[int]:
    value = data.get(name)
    listed = [] if value is None else value
    if not isinstance(listed, list) or len(listed) > MOST_IDS:
        raise wrong(name, value)
    for one in listed:
        if isinstance(one, bool) or not isinstance(one, int) or not 0 < one <= LARGEST_ID:
            raise wrong(name, one)
    return list(dict.fromkeys(listed))
