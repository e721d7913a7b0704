"""What a running stand-in gateway knows: how it was set up, and what came."""

import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from .book import Book

API = "/api/v1"
PICTURES = "/_sandbox/pictures"


@dataclass(eq=False)
class SandboxState:
    """Set-up and memory of a sandbox.

    `key` steers it and buys, `more_keys` buy as well and may be changed while it runs. `seconds` is
    the usual time of one call (spread ±40%), `port` 0 takes a free one, `closed`
    lists models that the key may not use (403), `fixed_answer` is a JSON body returned to every
    valid call after exactly `seconds`, `picture_url` stands before the addresses that the fault
    "url" hands out, `keep_bodies` keeps headers and bodies in the book.
    """

    key: str = "omx_live_sandbox"
    more_keys: Collection[str] = ()
    seconds: float = 0.0
    models_toml: Path | None = None
    host: str = "127.0.0.1"
    port: int = 0
    closed: Collection[str] = ()
    fixed_answer: bytes | None = None
    picture_url: str = ""
    keep_bodies: bool = True
    book: Book = field(init=False)
    kept: dict[str, bytes] = field(default_factory=dict, init=False)
    closing: threading.Event = field(default_factory=threading.Event, init=False)

    def __post_init__(self) -> None:
        self.book = Book(keep_bodies=self.keep_bodies)

    @property
    def root(self) -> str:
        """The address without a path."""
        return f"http://{self.host}:{self.port}"

    @property
    def base_url(self) -> str:
        """What a client takes for the gateway's base address."""
        return self.root + API
