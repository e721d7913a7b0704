"""Read an answer's JSON without trusting it and without copying the pictures in it.

Two things differ from `json.loads`: numbers stay text (`Number`), so that money never becomes a
float, and a long string literal becomes a `Blob` that points into the body instead of a copy,
which keeps an answer of 112 MB at 112 MB.
"""

from __future__ import annotations

import json
import secrets
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from mmap import mmap

LONG_LITERAL = 32 * 1024  # bytes; shorter strings are parsed as usual
LARGEST_REST = 4 * 2**20  # bytes of JSON besides long literals; a real answer has a few hundred
MOST_ESCAPES = 2000  # quotes within one string; a picture has none
BACKSLASH = 0x5C

JSONValue = object


class Number(str):
    """A JSON number as its text."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Blob:
    """A long string literal: the span between its quotes, in bytes of the body."""

    start: int
    end: int


class Unreadable(ValueError):
    """The body is not valid JSON; the text says why, without quoting the body."""


def read_document(body: bytes | mmap) -> JSONValue:
    """Return the JSON value of a body, with `Number` for numbers and `Blob` for long strings.

    Raises Unreadable for anything that is not strict UTF-8 JSON: cut off, twice the same key,
    NaN, nested too deeply, too much structure.
    """
    mark = secrets.token_hex(8)
    blobs = list(_long_literals(body))
    text = _without(body, blobs, mark)
    named = {f"{mark}{at}": blob for at, blob in enumerate(blobs)}
    return _parse(text, named)


def inflate(body: bytes | mmap, most: int) -> bytes:
    """Undo gzip or deflate, at most `most` bytes; Unreadable if broken, cut off or larger."""
    unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        plain = unpack.decompress(body, most)
    except zlib.error:
        raise Unreadable("its compression is broken") from None
    if not unpack.eof:
        raise Unreadable("its compression is cut off, or it unpacks to more than allowed")
    return plain


def _long_literals(body: bytes | mmap) -> Iterator[Blob]:
    """Return the spans of long string literals. In JSON every bare quote delimits a string."""
    at = rest = 0
    while (opening := body.find(b'"', at)) >= 0:
        closing = _closing_quote(body, opening + 1)
        if closing < 0:
            break
        rest += opening - at
        if closing - opening > LONG_LITERAL:
            yield Blob(opening + 1, closing)
        else:
            rest += closing - opening
        at = closing + 1
        if rest > LARGEST_REST:
            break
    if rest + len(body) - at > LARGEST_REST:
        raise Unreadable("it is cut off inside a picture, or holds too much besides pictures")


def _closing_quote(body: bytes | mmap, at: int) -> int:
    for _ in range(MOST_ESCAPES):
        quote = body.find(b'"', at)
        if quote < 0 or body[max(at, quote - 1)] != BACKSLASH:
            return quote
        before = body[max(at, quote - MOST_ESCAPES) : quote]
        if (len(before) - len(before.rstrip(b"\\"))) % 2 == 0:
            return quote
        at = quote + 1
    raise Unreadable("it holds a text with too many escapes")


def _without(body: bytes | mmap, blobs: list[Blob], mark: str) -> str:
    pieces, at = [], 0
    for number, blob in enumerate(blobs):
        pieces += [body[at : blob.start], f"{mark}{number}".encode()]
        at = blob.end
    pieces.append(body[at:])
    try:
        return b"".join(pieces).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("it is not UTF-8 text") from None


def _parse(text: str, named: dict[str, Blob]) -> JSONValue:
    def once(pairs: list[tuple[str, JSONValue]]) -> dict[str, JSONValue]:
        found = {name: _placed(value, named) for name, value in pairs}
        if len(found) != len(pairs):
            raise Unreadable("it says the same thing twice")
        if not named.keys().isdisjoint(found):
            raise Unreadable("it holds a name as long as a picture")
        return found

    try:
        found = json.loads(
            text,
            object_pairs_hook=once,
            parse_float=Number,
            parse_int=Number,
            parse_constant=_refuse_constant,
        )
        return _placed(found, named)
    except Unreadable:
        raise
    except ValueError:
        raise Unreadable("it is not whole JSON") from None
    except RecursionError:
        raise Unreadable("it is nested too deeply") from None


def _placed(value: JSONValue, named: dict[str, Blob]) -> JSONValue:
    """Replace markers by blobs; values inside objects were replaced with the object."""
    if isinstance(value, list):
        return [_placed(inner, named) for inner in value]
    return named.get(value, value) if isinstance(value, str) else value


def _refuse_constant(name: str) -> JSONValue:
    raise Unreadable(f"it holds {name}, which is no number")
