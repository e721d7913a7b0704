"""A gallery of any size that no database holds: a test answers for the server what scripts ask."""

import json
import random
import re
import struct
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, Request, Route

from omixa_studio.models import aspect_of

EVERY = 256
SIDES = ((16, 9), (9, 16), (1, 1), (4, 3), (3, 4), (3, 2), (21, 9))
THUMB = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">'
    '<path fill="#{0:06x}" d="M0 0h8v8H0z"/></svg>'
)
ADDRESS = re.compile(r"//[^/]+/(?:gallery|team)/(?:geometry|window|place)(?:\?|$)")


@dataclass
class Synthetic:
    """`count` pictures over `months`, after the real ones of ids `newest` that a page shows.

    Ids of the others fall from the last of `newest`; `asked` are the addresses of scripts.
    """

    count: int
    newest: list[int]
    shapes: bytes = b""
    months: int = 48
    version: str = "1"
    asked: list[str] = field(default_factory=list)
    # So many windows more get no answer.
    fails: int = 0

    def answer(self, page: Page) -> None:
        """Answer for the server on a page from now on."""
        page.route(ADDRESS, self._answer)
        page.route(re.compile(r"/pictures/\d{7,}/thumb"), self._thumb)

    def id_at(self, ordinal: int) -> int:
        """Return the id of a picture: seven digits and more beyond the real ones."""
        real = len(self.newest)
        return self.newest[ordinal] if ordinal < real else 9_000_000 - ordinal

    def ordinal_of(self, picture: int) -> int:
        return self.newest.index(picture) if picture in self.newest else 9_000_000 - picture

    def geometry(self) -> bytes:
        size = -(-self.count // self.months)
        months = [
            [f"{2026 - n // 12}-{12 - n % 12:02}", min(size, self.count - n * size), ""]
            for n in range(self.months)
        ]
        header = {
            "version": self.version,
            "count": self.count,
            "months": months,
            "every": EVERY,
            "keys": [self.id_at(ordinal) for ordinal in range(0, self.count, EVERY)],
            "as_of": max(self.newest),
        }
        text = json.dumps(header).encode()
        return struct.pack("<I", len(text)) + text + self.all_shapes()

    def all_shapes(self) -> bytes:
        chosen = random.Random(7)
        bytes_of = [aspect_of(*sides) for sides in SIDES]
        others = bytes(chosen.choices(bytes_of, k=self.count - len(self.shapes)))
        return self.shapes + others

    def window(self, key: int, skip: int, count: int) -> str:
        first = self.ordinal_of(key) + skip
        ordinals = range(first, min(first + count, self.count))
        return "".join(self._tile(self.id_at(ordinal)) for ordinal in ordinals)

    def _tile(self, picture: int) -> str:
        return (
            f'<a class="tile" href="/pictures/{picture}/" data-picture="{picture}" data-mine>'
            f'<img src="/pictures/{picture}/thumb" loading="lazy" decoding="async" alt=""></a>'
        )

    def _answer(self, route: Route, request: Request) -> None:
        address = urlsplit(request.url)
        self.asked.append(f"{address.path}?{address.query}")
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        told = {"X-Gallery-Version": self.version}
        if address.path.endswith("/geometry"):
            route.fulfill(body=self.geometry(), content_type="application/octet-stream")
        elif address.path.endswith("/window") and self.fails:
            self.fails -= 1
            route.abort()
        elif address.path.endswith("/window"):
            numbers = (int(asked[name]) for name in ("key", "skip", "count"))
            route.fulfill(body=self.window(*numbers), content_type="text/html", headers=told)
        else:
            ordinal = self.ordinal_of(int(asked["picture"]))
            route.fulfill(json={"ordinal": ordinal, "version": self.version})

    def _thumb(self, route: Route, request: Request) -> None:
        picture = int(urlsplit(request.url).path.split("/")[2])
        body = THUMB.format(picture * 7919 % 0xFFFFFF)
        route.fulfill(body=body, content_type="image/svg+xml")
