"""The addresses whose answers are measured, by what they show."""

import json
import struct
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from .studio import Studio

WINDOW = 96
DEEP = 0.7
FACETS = {
    "model": {"model": "imagen-4.0-generate-001"},
    "operation": {"operation": "edit"},
    "shape": {"shape": "portrait"},
    "size": {"size": "large"},
    "days": {"since": "2026-01-01", "until": "2026-01-31"},
    "cost": {"cost_min": "0.05", "cost_max": "0.10"},
    "star": {"star": "1"},
    "rejected": {"verdict": "rejected"},
    "references": {"references": "yes"},
    "shared": {"shared": "no"},
    "project": {"project": "1"},
    "tag": {"tag": "campaign"},
    "no such cost": {"cost_min": "900"},
    "search and shape": {"q": "light", "shape": "square"},
}
SEARCHES = {
    "common": "light",
    "rare": "zanquovel",
    "two words": "lighthouse poster",
    "phrase": '"morning light"',
    "without": "sea -linocut",
    "no hit": "zebra crossing nowhere",
    "two letters": "3d",
    "two Cyrillic letters": "чб",
    "two CJK letters": "山水",
}

Addresses = Mapping[str, str]


def pages_of_walls(_found: Studio) -> Addresses:
    """The gallery and the team's gallery."""
    return {"gallery": "/gallery/", "team": "/team/"}


def geometries(_found: Studio) -> Addresses:
    """The geometry of both."""
    return {"gallery": "/gallery/geometry", "team": "/team/geometry"}


def windows(found: Studio) -> Addresses:
    """The first tiles of both, and some far down."""
    asked = {}
    for name, path in pages_of_walls(found).items():
        keys = _keys(found, f"{path}geometry")
        for place, key in (("first", keys[0]), ("deep", keys[int(len(keys) * DEEP)])):
            query = urlencode({"key": key, "skip": 100 if place == "deep" else 0, "count": WINDOW})
            asked[f"{name}, {place}"] = f"{path}window?{query}"
    return asked


def facets(_found: Studio) -> Addresses:
    """Each facet, alone, on both walls."""
    mine = {f"{name}, mine": f"/gallery/?{urlencode(own)}" for name, own in FACETS.items()}
    return mine | {f"{name}, team": f"/team/?{urlencode(own)}" for name, own in FACETS.items()}


def searches(_found: Studio) -> Addresses:
    """Searches that are hard in different ways, on both walls."""
    mine = {f"{name}, mine": f"/gallery/?{urlencode({'q': q})}" for name, q in SEARCHES.items()}
    return mine | {f"{name}, team": f"/team/?{urlencode({'q': q})}" for name, q in SEARCHES.items()}


def other_pages(found: Studio) -> Addresses:
    """The pages that people open most besides the walls."""
    return {
        "studio": "/",
        "picture": f"/pictures/{_keys(found, '/gallery/geometry')[0]}/",
        "prompts": "/prompts/",
        "account": "/account/",
        "models": "/models/",
        "people": "/people/",
        "costs": "/costs/",
        "costs by person": "/costs/?by=person",
    }


GROUPS: Mapping[str, Callable[[Studio], Addresses]] = {
    "page": pages_of_walls,
    "geometry": geometries,
    "window": windows,
    "facets": facets,
    "searches": searches,
    "pages": other_pages,
}


def _keys(found: Studio, path: str) -> list[int]:
    """The ids of every 256th picture of a wall."""
    data = found.session.get(found.address + path, timeout=60).content
    (length,) = struct.unpack("<I", data[:4])
    keys: list[int] = json.loads(data[4 : 4 + length])["keys"]
    return keys
