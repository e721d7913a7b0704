"""Pictures in the shapes of OpenAI's images API; files are read while they are sent."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

import pybase64
from django.utils import timezone

from omixa_studio import storage
from omixa_studio.models import ApiOrder, Generation, Picture, dollars

# A multiple of three, so that base64 goes on without a gap.
BYTES_AT_ONCE = 3 * 2**16

Part = bytes | Picture
# The address at which a picture can be fetched without a token.
AddressOf = Callable[[Picture], str]


@dataclass(frozen=True)
class PictureParts:
    """An answer in parts: bytes, and pictures that are sent as base64."""

    parts: Sequence[Part]

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return sum(
            len(one) if isinstance(one, bytes) else (_size_of(one) + 2) // 3 * 4
            for one in self.parts
        )

    def __iter__(self) -> Iterator[bytes]:
        for part in self.parts:
            if isinstance(part, bytes):
                yield part
            else:
                yield from _in_base64(part)


def answer_of(
    order: ApiOrder,
    rows: Sequence[Generation],
    pictures: Sequence[Picture],
    address_of: AddressOf | None,
) -> PictureParts:
    """Return all pictures of an order in one answer, with `address_of` as addresses."""
    parts: list[Part] = []
    for picture in pictures:
        parts.append(b", " if parts else b'"data": [')
        if address_of:
            parts.append(json.dumps({"url": address_of(picture)}).encode())
        else:
            parts += [b'{"b64_json": "', picture, b'"}']
    told = {**_looks(rows[0], pictures[0]), "omixa_studio": about(rows, pictures)}
    head = b'{"created": %d, ' % _moment(order, rows)
    return PictureParts([head, *parts, b"], " + json.dumps(told)[1:].encode()])


def events_of(
    order: ApiOrder, rows: Sequence[Generation], pictures: Sequence[Picture], kind: str
) -> PictureParts:
    """Return an event of this kind for each picture of an order, as its last and only picture."""
    by_id = {row.pk: row for row in rows}
    parts: list[Part] = []
    for picture in pictures:
        told = {
            "type": kind,
            "created_at": _moment(order, rows),
            **_looks(by_id[picture.generation_id], picture),
            "omixa_studio": about([by_id[picture.generation_id]], [picture]),
        }
        begin = f'event: {kind}\ndata: {{"b64_json": "'.encode()
        parts += [begin, picture, b'", ' + json.dumps(told)[1:].encode() + b"\n\n"]
    return PictureParts(parts)


def error_event(body: bytes) -> bytes:
    """Return an error of JSON as the event of a stream."""
    return b"event: error\ndata: " + body + b"\n\n"


def about(rows: Sequence[Generation], pictures: Sequence[Picture]) -> dict[str, object]:
    """Return what only this studio tells: ids, and the bill in dollars if all of it is known."""
    billed = [row.billed_micros for row in rows]
    known = [micros for micros in billed if micros is not None]
    whole = len(known) == len(billed)
    return {
        "generations": [row.pk for row in rows],
        "pictures": [picture.pk for picture in pictures],
        "billed": f"{dollars(sum(known)):.6f}" if whole else None,
    }


def model_shown(slug: str, stands_for: str = "") -> dict[str, object]:
    """Return a model as the list of models has it; `stands_for` is the slug of an other name."""
    shown = {"id": slug, "object": "model", "created": 0, "owned_by": "omixa"}
    return {**shown, "stands_for": stands_for} if stands_for else shown


def _looks(row: Generation, picture: Picture) -> dict[str, object]:
    """Return what a picture is, and the options that were asked for, as far as OpenAI has them."""
    options = {name: row.options[name] for name in ("quality", "background") if name in row.options}
    size = {"size": f"{picture.width}x{picture.height}"} if picture.width else {}
    return {"output_format": picture.format, **size, **options}


def _moment(order: ApiOrder, rows: Sequence[Generation]) -> int:
    ends = [row.finished_at for row in rows if row.finished_at]
    return int(max(ends, default=order.created_at or timezone.now()).timestamp())


def _size_of(picture: Picture) -> int:
    return storage.size(picture.name) or 0


def _in_base64(picture: Picture) -> Iterator[bytes]:
    with closing(storage.open_file(picture.name)) as file:
        while some := file.read(BYTES_AT_ONCE):
            yield pybase64.b64encode(some)
