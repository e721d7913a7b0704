"""Frozen records of requests to the gateway and of its answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from mmap import mmap
from typing import Literal, Protocol

from omixa_studio.gateway.errors import Told
from omixa_studio.gateway.remains import NOTHING, Remains

# The formats detected by their bytes; "ljpeg" is a lossless JPEG.
Format = Literal[
    "png",
    "jpeg",
    "ljpeg",
    "webp",
    "gif",
    "avif",
    "heic",
    "tiff",
    "bmp",
    "svg",
    "jxl",
    "jp2",
    "ico",
    "psd",
    "exr",
    "qoi",
]


@dataclass(frozen=True, slots=True)
class InlineImage:
    """An input image as it is sent: its bytes and their type, for instance image/png."""

    data: bytes = field(repr=False)
    mime: str


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """One paid call. Only what stands here is sent; `prompt` None means the model takes none."""

    model: str
    prompt: str | None
    options: Mapping[str, object] = field(default_factory=dict)
    images: tuple[InlineImage, ...] = ()
    mask: InlineImage | None = None
    mask_encoding: Literal["image_part", "data_url"] = "image_part"


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """A complete answer before it is parsed.

    Header names are in lower case. The body may be a memory map of a file on disk, which
    keeps a large answer out of the process's own memory.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes | mmap = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReceivedPicture:
    """A picture's bytes exactly as they came; the format is read from the bytes."""

    index: int
    data: bytes = field(repr=False)
    format: Format


@dataclass(frozen=True, slots=True)
class EncodedPicture:
    """A picture still in its base64 form inside the answer; `wire.decode_picture` unpacks it.

    Its base64 was checked and its format read from the bytes when the answer was read.
    `start` and `end` (bytes) say where in the body it stands, quotes not included.
    """

    index: int
    format: Format
    size: int
    body: bytes | mmap = field(repr=False)
    start: int = field(repr=False)
    end: int = field(repr=False)


@dataclass(frozen=True, slots=True)
class RemotePicture:
    """A picture of which only an https address came; fetch it at once."""

    index: int
    url: str


@dataclass(frozen=True, slots=True)
class ImageAnswer:
    """What a successful call brought: at least one picture, and what it cost if that was said.

    Walk the pictures with `wire.iter_pictures`, which unpacks one at a time.
    `billed` is in dollars, None when unknown; `billed_text` is the amount as received.
    `problems` tell of items that could not be used, `broken` is their number.
    """

    pictures: tuple[ReceivedPicture | EncodedPicture | RemotePicture, ...]
    billed: Decimal | None
    billed_text: str
    created: int | None
    problems: tuple[Told, ...]
    request_id: str
    broken: int = 0
    remains: Remains = NOTHING


@dataclass(frozen=True, slots=True)
class OfferedModel:
    """A model as the gateway's own list names it; prices are texts as found, by their names."""

    slug: str
    name: str
    modality: str
    provider: str
    prices: Mapping[str, str]
    raw: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class UsageEntry:
    """One line of the gateway's request log; empty or None where nothing readable was found."""

    id: str
    model: str
    operation: str
    status: str
    cost: Decimal | None
    cost_text: str
    created: datetime | None
    raw: Mapping[str, object] = field(repr=False)


class AnswerSink(Protocol):
    """Receives an answer as it arrives. The client does not catch what it raises."""

    def head(self, status: int, headers: dict[str, str]) -> None: ...

    def write(self, chunk: bytes) -> None: ...
