"""Read a complete answer: usable pictures, or a GatewayError that explains it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from mmap import mmap

from omixa_studio.gateway.document import Blob, Number, Unreadable, inflate, read_document
from omixa_studio.gateway.errors import Told, told
from omixa_studio.gateway.kinds import detect_format
from omixa_studio.gateway.outcomes import (
    NOTHING_USABLE,
    UNREADABLE,
    Outcome,
    outcome_inside_success,
)
from omixa_studio.gateway.pictures import NotAPicture, unpack, unpack_bytes
from omixa_studio.gateway.records import (
    EncodedPicture,
    ImageAnswer,
    RawAnswer,
    ReceivedPicture,
    RemotePicture,
)
from omixa_studio.gateway.refusal import Said, failure, plain_text, refusal, request_id, said_by
from omixa_studio.gateway.remains import EncodedFile, Remains

# Limit of a picture behind a link; one inside the answer may be as large as the answer.
ITEM_BYTES = 64 * 2**20
# Refusals are shorter than this; a longer answer may hold a picture in an unexpected place.
WORDS_ALONE = 16 * 1024
ANSWER_BYTES = 256 * 2**20
MOST_ITEMS = 100
_SECONDS = re.compile(r"[0-9]{1,12}")
_HTTPS = re.compile(r"https://[^\s\x00-\x20\x7f\\]{1,8000}", re.IGNORECASE)


def read_answer(
    raw: RawAnswer, *, asked: int, item_bytes: int = ANSWER_BYTES, answer_bytes: int = ANSWER_BYTES
) -> ImageAnswer:
    """Return the pictures of an answer and its amount; items are checked, none is kept decoded.

    `asked` is the number of pictures ordered, `item_bytes` the most one picture may have,
    `answer_bytes` the most a compressed body may unpack to. Raises GatewayError, and nothing
    else, for every answer without a usable picture.
    """
    if not 200 <= raw.status < 300:
        raise refusal(raw)
    try:
        body = _plain_body(raw, answer_bytes)
        document = read_document(body)
    except Unreadable as why:
        said = Said(message=_why_unreadable(raw, str(why)))
        raise failure(raw, UNREADABLE, said, Remains(answer=len(raw.body) > 0)) from None
    pictures, broken = _read_items(document, body, item_bytes)
    remains = _remains(document, body, broken, item_bytes)
    said = said_by(document)
    if not pictures:
        said = replace(said, message=said.message or _in_words(broken))
        raise failure(raw, _why_none(document, raw.status, said.everything), said, remains)
    return ImageAnswer(
        pictures=tuple(pictures),
        billed=said.billed,
        billed_text=said.billed_text,
        created=_created(document),
        problems=(*_problems(document, broken), *_miscount(len(pictures), asked)),
        request_id=request_id(raw.headers),
        broken=_items_of(document) - len(pictures),
        remains=remains,
    )


def iter_pictures(answer: ImageAnswer) -> Iterator[ReceivedPicture | RemotePicture]:
    """Yield the pictures one at a time; drop each before the next to keep memory low."""
    for picture in answer.pictures:
        yield decode_picture(picture) if isinstance(picture, EncodedPicture) else picture


def decode_picture(picture: EncodedPicture) -> ReceivedPicture:
    """Decode a picture that `read_answer` has already checked."""
    data, found = unpack(picture.body, picture.start, picture.end, most=picture.size)
    return ReceivedPicture(picture.index, data, found)


def decode_file(file: EncodedFile) -> bytes:
    """Decode bytes that are no picture; `read_answer` has checked that they decode."""
    return unpack_bytes(file.body, file.start, file.end, most=len(file.body))


def received(remote: RemotePicture, data: bytes) -> ReceivedPicture:
    """Wrap a fetched picture. Raises NotAPicture."""
    found = detect_format(data)
    if found is None:
        raise NotAPicture("picture_odd_format")
    return ReceivedPicture(remote.index, data, found)


def _plain_body(raw: RawAnswer, most: int) -> bytes | mmap:
    """Return the uncompressed body. We ask for no compression but understand it."""
    coding = raw.headers.get("content-encoding", "").strip().lower()
    return inflate(raw.body, most) if coding in ("gzip", "deflate") else raw.body


def _read_items(
    document: object, body: bytes | mmap, most: int
) -> tuple[list[EncodedPicture | RemotePicture], dict[int, NotAPicture]]:
    """Return the pictures, and by index the items that are none."""
    pictures: list[EncodedPicture | RemotePicture] = []
    broken: dict[int, NotAPicture] = {}
    data = document.get("data") if isinstance(document, dict) else None
    for index, item in enumerate(data[:MOST_ITEMS] if isinstance(data, list) else []):
        try:
            pictures.append(_read_item(index, item, body, most))
        except NotAPicture as why:
            broken[index] = why
    return pictures, broken


def _remains(
    document: object, body: bytes | mmap, broken: Mapping[int, NotAPicture], most: int
) -> Remains:
    """Return what came instead of pictures; empty items hold nothing worth keeping."""
    data = document.get("data") if isinstance(document, dict) else None
    items = data if isinstance(data, list) else []
    files, answer = [], len(items) > MOST_ITEMS
    for index, why in broken.items():
        file = (
            _file_in(index, items[index], body, most) if why.key == "picture_odd_format" else None
        )
        if file:
            files.append(file)
        else:
            answer = answer or not _says_nothing(items[index])
    # Image bytes may be in an unexpected field.
    answer = answer or (not items and isinstance(document, dict) and len(body) > WORDS_ALONE)
    return Remains(tuple(files), answer)


def _file_in(index: int, item: object, body: bytes | mmap, most: int) -> EncodedFile | None:
    for name in ("b64_json", "url"):
        value = item.get(name) if isinstance(item, dict) else None
        if not _is_text(value):
            continue
        where, start, end = _place_of(value, body)
        try:
            unpack_bytes(where, start, end, most=most)
        except NotAPicture:
            continue
        return EncodedFile(index, where, start, end)
    return None


def _says_nothing(item: object) -> bool:
    return not item or (isinstance(item, dict) and not any(item.values()))


def _in_words(broken: Mapping[int, NotAPicture]) -> str:
    return " ".join(f"Picture {index + 1} {why}." for index, why in broken.items())


def _items_of(document: object) -> int:
    data = document.get("data") if isinstance(document, dict) else None
    return len(data) if isinstance(data, list) else 0


def _read_item(
    index: int, item: object, body: bytes | mmap, most: int
) -> EncodedPicture | RemotePicture:
    if not isinstance(item, dict):
        raise NotAPicture("picture_missing")
    inline, url = item.get("b64_json"), item.get("url")
    if not _is_text(inline):
        return _at_address(index, url, body, most)
    try:
        return _inline(index, inline, body, most)
    except NotAPicture:
        if not _is_text(url):
            raise
        return _at_address(index, url, body, most)


def _is_text(value: object) -> bool:
    return isinstance(value, Blob) or (
        isinstance(value, str) and not isinstance(value, Number) and bool(value)
    )


def _inline(index: int, value: object, body: bytes | mmap, most: int) -> EncodedPicture:
    body, start, end = _place_of(value, body)
    data, found = unpack(body, start, end, most=most)
    return EncodedPicture(index, found, len(data), body, start, end)


def _place_of(value: object, body: bytes | mmap) -> tuple[bytes | mmap, int, int]:
    if isinstance(value, Blob):
        return body, value.start, value.end
    text = str(value).encode("utf-8", "replace")
    return text, 0, len(text)


def _at_address(
    index: int, url: object, body: bytes | mmap, most: int
) -> EncodedPicture | RemotePicture:
    if isinstance(url, Blob) or (isinstance(url, str) and url[:5].lower() == "data:"):
        return _inline(index, url, body, most)
    if not _is_text(url):
        raise NotAPicture("picture_missing")
    if not _HTTPS.fullmatch(str(url)):
        raise NotAPicture("picture_not_https")
    return RemotePicture(index, str(url))


def _why_none(document: object, status: int, words: str) -> Outcome:
    """Return the error of an answer without usable pictures: a refusal, or unclear."""
    if not isinstance(document, dict):
        return NOTHING_USABLE
    error = bool(document.get("error"))
    if error or (status == 200 and document.get("data") in (None, [])):
        return outcome_inside_success(words, error=error)
    return NOTHING_USABLE


def _why_unreadable(raw: RawAnswer, why: str) -> str:
    """Return the reason with the beginning of the body."""
    beginning = plain_text(bytes(raw.body[:2000]))
    return f"Unreadable answer: {why}. It begins: {beginning[:200] or 'nothing came'}"


def _created(document: object) -> int | None:
    created = document.get("created") if isinstance(document, dict) else None
    return int(created) if isinstance(created, str) and _SECONDS.fullmatch(created) else None


def _problems(document: object, broken: Mapping[int, NotAPicture]) -> list[Told]:
    problems = [told(why.key, n=index + 1) for index, why in broken.items()]
    if isinstance(document, dict) and document.get("error"):
        problems.append(told("error_beside"))
    return problems


def _miscount(came: int, asked: int) -> list[Told]:
    if came == asked:
        return []
    return [told("too_many_came" if came > asked else "too_few_came", came=came, asked=asked)]
