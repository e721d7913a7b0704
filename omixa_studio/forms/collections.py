"""The forms of collections: their texts, their pictures, a live one's query. Saves nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from omixa_studio.models import Access, Collection, CollectionOrder
from omixa_studio.models.collections import (
    LONGEST_COLLECTION_NAME,
    LONGEST_COLLECTION_NOTE,
    LONGEST_QUERY,
)

from .gallery import read_sought
from .generation import read_id

# So many pictures are changed in one request.
MOST_IDS = 2000
# Below 2**62, in figures that every database reads.
POSITION = re.compile(r"-?[0-9]{1,18}")


@dataclass(frozen=True)
class CollectionText:
    """What a form says about a collection."""

    name: str
    note: str = ""
    access: str = Access.PRIVATE
    order: str = CollectionOrder.MANUAL

    @property
    def is_too_long(self) -> bool:
        return len(self.note) > LONGEST_COLLECTION_NOTE


@dataclass(frozen=True)
class LiveQuery:
    """What a live collection searches: clean values, in the team's pictures or its owner's."""

    values: Mapping[str, Any]
    team: bool


def read_collection(data: QueryDict) -> CollectionText:
    """Read the form of a collection; the name is "" if there is none."""
    access, order = data.get("access", ""), data.get("order", "")
    return CollectionText(
        name=" ".join(data.get("name", "").replace("\x00", " ").split())[:LONGEST_COLLECTION_NAME],
        note=read_note(data.get("note", "")),
        access=access if access in Access.values else Access.PRIVATE,
        order=order if order in CollectionOrder.values else CollectionOrder.MANUAL,
    )


def written(collection: Collection) -> str:
    """Return the query that `read_collection` reads as what a collection says now."""
    return urlencode(
        {name: getattr(collection, name) for name in ("name", "note", "access", "order")}
    )


def read_note(text: str) -> str:
    """Return a note as it is stored: with plain line ends and without NUL characters."""
    return text.replace("\x00", " ").replace("\r\n", "\n").replace("\r", "\n").strip()


def read_ids(data: QueryDict) -> list[int] | None:
    """Return the `ids` of pictures, repeated or with commas between them, each once.

    Returns None if there is none, one is odd, or there are too many.
    """
    texts = ",".join(data.getlist("ids")).split(",")[: MOST_IDS + 1]
    ids = [read_id(text) for text in texts]
    known = list(dict.fromkeys(pk for pk in ids if pk is not None))
    return known if known and None not in ids and len(known) <= MOST_IDS else None


def read_places(data: QueryDict) -> dict[int, int] | None:
    """Return positions by picture, from `ids` and as many `at`; None if something is odd."""
    ids, texts = read_ids(data), ",".join(data.getlist("at")).split(",")
    if ids is None or len(ids) != len(texts) or not all(map(POSITION.fullmatch, texts)):
        return None
    return dict(zip(ids, map(int, texts), strict=True))


def read_saved_search(data: QueryDict) -> str | None:
    """Return the query of a search to save, "" if none is sent, None if it narrows nothing."""
    if "query" not in data:
        return ""
    sent = QueryDict(data.get("query", "")[:LONGEST_QUERY])
    team = sent.get("in") == "team"
    sought = read_sought(sent, team=team)
    query = urlencode({"in": "team", **sought.texts}) if team else sought.query
    return query if sought.is_filtered and len(query) <= LONGEST_QUERY else None


def read_query(query: str) -> LiveQuery:
    """Read the query of a live collection; filters that no longer exist are left out."""
    data = QueryDict(query)
    team = data.get("in") == "team"
    return LiveQuery(read_sought(data, team=team).values, team)
