"""Received pictures become files: the original as it came, a thumbnail, a preview."""

import hashlib
import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from omixa_studio import storage
from omixa_studio.gateway.answer import iter_pictures, received
from omixa_studio.gateway.errors import GatewayError, Told, told
from omixa_studio.gateway.records import Format, ImageAnswer, ReceivedPicture, RemotePicture
from omixa_studio.models import Generation, Picture
from omixa_studio.sentences import tell_in_english

from .fetching import Fetch, FetchOne, within_limits
from .pixels import ImageRefused
from .renditions import Rendered, Rendition, render

log = logging.getLogger(__name__)

FORMATS: tuple[Format, ...] = ("png", "jpeg", "webp")


class NotThereYet(Exception):
    """Pictures of an answer could not be fetched, and may be there a little later."""


@dataclass(frozen=True)
class Kept:
    """The pictures of an answer that are safely stored, why others are not, and how many."""

    pictures: tuple[Picture, ...]
    problems: tuple[Told, ...]
    lost: int = 0


def keep(
    generation: Generation, answer: ImageAnswer, fetch: Fetch, *, patient: bool = False
) -> Kept:
    """Verify and store every picture of an answer; the rows are made but not yet saved.

    File names come from the row, so two settlers of one generation write the same files.
    Raises OSError when the disk or the bucket refuses: nothing is settled then. While
    `patient`, raises NotThereYet where another try may fetch more; what came is stored.
    """
    pictures: list[Picture] = []
    problems: list[Told] = []
    later = False
    fetch_one = within_limits(fetch)
    for item in iter_pictures(answer):
        try:
            pictures.append(_store(generation, _arrived(generation, item, fetch_one)))
        except (ImageRefused, GatewayError) as error:
            said = told("picture_because", n=item.index + 1, why=_why(error))
            detail = getattr(error, "detail", "") or tell_in_english([said])
            problems.append(said)
            log.warning("Picture %s of generation %s: %s", item.index + 1, generation.pk, detail)
            later = later or getattr(error, "fetch_again", False)
        # Let go before the next one is unpacked: one picture may have twenty megabytes.
        del item
    if later and patient:
        raise NotThereYet
    return Kept(tuple(pictures), (*answer.problems, *problems), lost=answer.broken + len(problems))


def _why(error: ImageRefused | GatewayError) -> Told:
    return error.told[0] if isinstance(error, GatewayError) else told(str(error))


def share_out(total_micros: int | None, pictures: Iterable[Picture]) -> None:
    """Write each picture's share of the bill; the shares add up exactly to it."""
    sharing = list(pictures)
    if total_micros is None or not sharing:
        return
    each, rest = divmod(total_micros, len(sharing))
    for position, picture in enumerate(sharing):
        picture.cost_micros = each + (position < rest)


def _arrived(
    generation: Generation, item: ReceivedPicture | RemotePicture, fetch_one: FetchOne
) -> ReceivedPicture:
    if isinstance(item, ReceivedPicture):
        return item
    return _stored_before(generation, item.index) or received(item, fetch_one(item.url))


def _stored_before(generation: Generation, index: int) -> ReceivedPicture | None:
    """What an earlier try fetched: by now the address may have run out."""
    for kind in FORMATS:
        with suppress(FileNotFoundError):
            return ReceivedPicture(index, storage.get(_name(generation, index, kind)), kind)
    return None


def _name(generation: Generation, index: int, kind: Format) -> str:
    return f"pictures/{_stem(generation, index)}.{kind}"


def _stem(generation: Generation, index: int) -> str:
    token = generation.file_token
    return f"{token[:2]}/{token}-{index}"


def _store(generation: Generation, item: ReceivedPicture) -> Picture:
    rendered = render(item.data, item.format)
    name = _name(generation, item.index, item.format)
    storage.put(name, item.data)
    return _row(generation, item, rendered, name=name, stem=_stem(generation, item.index))


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
