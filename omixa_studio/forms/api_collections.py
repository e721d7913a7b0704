"""What programs say of a collection, from JSON to clean values. Saves nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.models import Access, Collection, CollectionOrder
from omixa_studio.models.collections import (
    LONGEST_COLLECTION_NAME,
    LONGEST_COLLECTION_NOTE,
    LONGEST_QUERY,
)

from .api_changes import refuse_others
from .api_gallery import read_gallery
from .api_images import FieldRefused, wrong
from .collections import CollectionText, read_collection, read_saved_search
from .gallery import PARTS

TEXTS = {"name": LONGEST_COLLECTION_NAME, "note": LONGEST_COLLECTION_NOTE}
CHOICES = {"access": Access.values, "order": CollectionOrder.values}
CHANGEABLE = (*TEXTS, *CHOICES)
WHOSE = ("mine", "team")


@dataclass(frozen=True)
class NewCollection:
    """A collection to be made; with a `query`, the filters of an address, a live one."""

    text: CollectionText
    query: str


def read_new_collection(data: Mapping[str, Any]) -> NewCollection:
    """Read the body that makes a collection. Raises FieldRefused."""
    refuse_others(data, (*CHANGEABLE, "query"))
    query = _query(data.get("query"))
    if query and data.get("order") is not None:
        raise FieldRefused(Fault("order", N_("A saved search is sorted by time."), {}))
    return NewCollection(_text(data, {}), query)


def read_collection_text(data: Mapping[str, Any], now: Collection) -> CollectionText:
    """Read what is to be said of a collection; what is not sent stays. Raises FieldRefused."""
    refuse_others(data, CHANGEABLE)
    return _text(data, {name: getattr(now, name) for name in CHANGEABLE})


def _text(data: Mapping[str, Any], now: Mapping[str, str]) -> CollectionText:
    sent = {name: value for name, value in data.items() if value is not None and name != "query"}
    for name, value in sent.items():
        most = TEXTS.get(name)
        if not isinstance(value, str) or (most and len(value) > most):
            raise wrong(name, value)
        if name in CHOICES and value not in CHOICES[name]:
            raise wrong(name, value)
    form = QueryDict(mutable=True)
    form.update({**now, **sent})
    text = read_collection(form)
    if not text.name:
        raise FieldRefused(Fault("name", N_("A collection needs a name."), {}))
    return text


def _query(value: Any) -> str:
    """Return the filters of a live collection as they are stored, "" for none."""
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST_QUERY:
        raise wrong("query", value)
    sent = QueryDict(value)
    whose = sent.get("in", "mine")
    if whose not in WHOSE or any(name not in (*PARTS, "in") for name in sent):
        raise wrong("query", value)
    read_gallery(sent, team=whose == "team")
    form = QueryDict(mutable=True)
    form["query"] = value
    stored = read_saved_search(form)
    if not stored:
        said = N_("This search is too long to be saved, or searches for nothing.")
        raise FieldRefused(Fault("query", said, {}))
    return stored
