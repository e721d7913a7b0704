"""Store received pictures as files: the original as received, a thumbnail, a preview."""

import hashlib
import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from mmap import mmap
from typing import get_args

from omixa_studio import storage
from omixa_studio.gateway.answer import decode_file, iter_pictures, received
from omixa_studio.gateway.errors import GatewayError, Told, told
from omixa_studio.gateway.pictures import NotAPicture
from omixa_studio.gateway.records import Format, ImageAnswer, ReceivedPicture, RemotePicture
from omixa_studio.gateway.redaction import hidden_keys
from omixa_studio.gateway.remains import Remains
from omixa_studio.models import AnswerFile, Generation, Picture, aspect_of
from omixa_studio.sentences import tell_in_english

from .fetching import Fetch, FetchOne, within_limits
from .pixels import ImageRefused
from .reading import said_size
from .renditions import Rendered, Rendition, render

log = logging.getLogger(__name__)

FORMATS: tuple[Format, ...] = get_args(Format)


class NotThereYet(Exception):
    """Pictures of an answer could not be downloaded yet; a later try may succeed."""


@dataclass(frozen=True)
class Kept:
    """The stored content of an answer and its problems; rows that are not yet saved.

    `lost` is the number of pictures that could not be downloaded.
    """

    pictures: tuple[Picture, ...]
    problems: tuple[Told, ...]
    lost: int = 0
    files: tuple[AnswerFile, ...] = ()


def keep(
    generation: Generation, answer: ImageAnswer, fetch: Fetch, *, patient: bool = False
) -> Kept:
    """Store every picture of an answer, decodable or not, and its other files.

    File names come from the row, so two settlers of one generation write the same files. Raises
    OSError if the disk or the bucket refuses: nothing is settled then. While `patient`, raises
    NotThereYet if another try may download more; what was received is stored.
    """
    pictures: list[Picture] = []
    problems: list[Told] = []
    odd: list[AnswerFile] = []
    lost, later = 0, False
    fetch_one = within_limits(fetch)
    for item in iter_pictures(answer):
        try:
            picture, why = _store(generation, _arrived(generation, item, fetch_one))
            pictures.append(picture)
            problems += [told("picture_undrawn", n=item.index + 1, why=told(why))] if why else []
        except NotAnImage as came:
            problems.append(told("picture_odd_format", n=item.index + 1))
            odd.append(_keep_bytes(generation, item.index, came.data))
        except GatewayError as error:
            problems.append(_not_fetched(generation, item.index, error))
            lost, later = lost + 1, later or error.fetch_again
        # Freed before the next one is decoded: one picture may have twenty megabytes.
        del item
    if later and patient:
        raise NotThereYet
    files = (*odd, *keep_files(generation, answer.remains))
    return Kept(tuple(pictures), (*answer.problems, *problems), lost=lost, files=files)


def keep_files(generation: Generation, remains: Remains) -> list[AnswerFile]:
    """Store the files of an answer that are not pictures. Raises OSError."""
    return [_keep_bytes(generation, file.index, decode_file(file)) for file in remains.files]


def keep_answer(generation: Generation, body: bytes | mmap, *, key: str) -> AnswerFile:
    """Store a whole answer as received, with the gateway's key masked. Raises OSError."""
    return _keep_bytes(generation, AnswerFile.WHOLE, without_key(body, key))


def without_key(body: bytes | mmap, key: str) -> bytes | mmap:
    """Return an answer with every known key of the gateway masked, unchanged if it has none.

    A key too short to be told from ordinary text is masked if it is given.
    """
    for secret in {one.encode() for one in (key, *hidden_keys(key)) if one}:
        if body.find(secret) >= 0:
            body = bytes(body).replace(secret, b"*" * len(secret))
    return body


def share_out(total_micros: int | None, pictures: Iterable[Picture]) -> None:
    """Set each picture's share of the bill, in micro-dollars; the shares add up exactly to it."""
    sharing = list(pictures)
    if total_micros is None or not sharing:
        return
    each, rest = divmod(total_micros, len(sharing))
    for position, picture in enumerate(sharing):
        picture.cost_micros = each + (position < rest)


class NotAnImage(Exception):
    """The bytes downloaded from an address are not a picture."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.data = data


def _not_fetched(generation: Generation, index: int, error: GatewayError) -> Told:
    said = told("picture_because", n=index + 1, why=error.told[0])
    detail = error.detail or tell_in_english([said])
    log.warning("Picture %s of generation %s: %s", index + 1, generation.pk, detail)
    return said


def _arrived(
    generation: Generation, item: ReceivedPicture | RemotePicture, fetch_one: FetchOne
) -> ReceivedPicture:
    if isinstance(item, ReceivedPicture):
        return item
    if stored := _stored_before(generation, item.index):
        return stored
    data = fetch_one(item.url)
    try:
        return received(item, data)
    except NotAPicture:
        raise NotAnImage(data) from None


def _stored_before(generation: Generation, index: int) -> ReceivedPicture | None:
    """Return what an earlier try downloaded: the address may have expired since."""
    for kind in FORMATS:
        with suppress(FileNotFoundError):
            return ReceivedPicture(index, storage.get(_name(generation, index, kind)), kind)
    return None


def _name(generation: Generation, index: int, kind: Format) -> str:
    return f"pictures/{_stem(generation, index)}.{kind}"


def _stem(generation: Generation, index: int) -> str:
    token = generation.file_token
    return f"{token[:2]}/{token}-{index}"


def _keep_bytes(generation: Generation, index: int, data: bytes | mmap) -> AnswerFile:
    name = f"answers/{_stem(generation, index)}.bin"
    digest = hashlib.sha256(data).hexdigest()
    storage.put(name, data)
    return AnswerFile(generation=generation, index=index, name=name, sha256=digest, bytes=len(data))


def _store(generation: Generation, item: ReceivedPicture) -> tuple[Picture, str]:
    """Store a picture; also return why it cannot be decoded, "" if it can."""
    storage.put(_name(generation, item.index, item.format), item.data)
    try:
        return _drawn(generation, item, render(item.data, item.format)), ""
    except ImageRefused as refusal:
        width, height = said_size(item.data, item.format)
        return _row(generation, item, width=width, height=height), str(refusal)


def _drawn(generation: Generation, item: ReceivedPicture, rendered: Rendered) -> Picture:
    picture = _row(generation, item, width=rendered.width, height=rendered.height)
    stem = _stem(generation, item.index)
    picture.thumb = _put_rendition("thumbs", stem, rendered.thumb)
    picture.preview = _put_rendition("previews", stem, rendered.preview) if rendered.preview else ""
    picture.transparent = rendered.transparent
    picture.perceptual_hash = rendered.perceptual_hash
    return picture


def _row(generation: Generation, item: ReceivedPicture, *, width: int, height: int) -> Picture:
    return Picture(
        generation=generation,
        person_id=generation.person_id,
        model=generation.model,
        operation=generation.operation,
        used_prompt_id=generation.used_prompt_id,
        project_id=generation.project_id,
        index=item.index,
        name=_name(generation, item.index, item.format),
        sha256=hashlib.sha256(item.data).hexdigest(),
        format=item.format,
        width=width,
        height=height,
        aspect=aspect_of(width, height),
        bytes=len(item.data),
    )


def _put_rendition(folder: str, stem: str, rendition: Rendition) -> str:
    name = f"{folder}/{stem}{rendition.suffix}"
    storage.put(name, rendition.data)
    return name
