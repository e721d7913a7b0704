"""Received pictures become files: the original as it came, a thumbnail, a preview."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from omixa_studio import storage
from omixa_studio.gateway.answer import iter_pictures, received
from omixa_studio.gateway.errors import GatewayError
from omixa_studio.gateway.records import ImageAnswer, ReceivedPicture, RemotePicture
from omixa_studio.models import Generation, Picture

from .pixels import ImageRefused, Rendered, Rendition, render

Fetch = Callable[[str], bytes]


@dataclass(frozen=True)
class Kept:
    """The pictures of an answer that are safely stored, and why others are not."""

    pictures: tuple[Picture, ...]
    problems: tuple[str, ...]


def keep(generation: Generation, answer: ImageAnswer, fetch: Fetch) -> Kept:
    """Verify and store every picture of an answer; the rows are made but not yet saved.

    File names come from the row, so two settlers of one generation write the same files.
    Raises OSError when the disk or the bucket refuses: nothing is settled then.
    """
    pictures: list[Picture] = []
    problems = list(answer.problems)
    for item in iter_pictures(answer):
        try:
            pictures.append(_store(generation, _arrived(item, fetch)))
        except (ImageRefused, GatewayError) as error:
            problems.append(f"Picture {item.index + 1}: {error}")
        # Let go before the next one is unpacked: one picture may have twenty megabytes.
        del item
    return Kept(tuple(pictures), tuple(problems))


def share_out(total_micros: int | None, pictures: Iterable[Picture]) -> None:
    """Write each picture's share of the bill; the shares add up exactly to it."""
    sharing = list(pictures)
    if total_micros is None or not sharing:
        return
    each, rest = divmod(total_micros, len(sharing))
    for position, picture in enumerate(sharing):
        picture.cost_micros = each + (position < rest)


def _arrived(item: ReceivedPicture | RemotePicture, fetch: Fetch) -> ReceivedPicture:
    return received(item, fetch(item.url)) if isinstance(item, RemotePicture) else item


def _store(generation: Generation, item: ReceivedPicture) -> Picture:
    rendered = render(item.data, item.format)
    token = generation.file_token
    stem = f"{token[:2]}/{token}-{item.index}"
    name = f"pictures/{stem}.{item.format}"
    storage.put(name, item.data)
    return _row(generation, item, rendered, name=name, stem=stem)


def _row(
    generation: Generation, item: ReceivedPicture, rendered: Rendered, *, name: str, stem: str
) -> Picture:
    return Picture(
        generation=generation,
        person=generation.person,
        model=generation.model,
        index=item.index,
        name=name,
        thumb=_put_rendition("thumbs", stem, rendered.thumb),
        preview=_put_rendition("previews", stem, rendered.preview) if rendered.preview else "",
        sha256=hashlib.sha256(item.data).hexdigest(),
        format=item.format,
        width=rendered.width,
        height=rendered.height,
        bytes=len(item.data),
        transparent=rendered.transparent,
    )


def _put_rendition(folder: str, stem: str, rendition: Rendition) -> str:
    name = f"{folder}/{stem}{rendition.suffix}"
    storage.put(name, rendition.data)
    return name
