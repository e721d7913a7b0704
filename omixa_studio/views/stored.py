"""Stored files as answers: types, caching, and headers under which nothing in them runs."""

from pathlib import PurePath

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.http.response import HttpResponseNotFound
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from omixa_studio import storage
from omixa_studio.models import Picture
from omixa_studio.presenters.pictures.kinds import plain_tile

from .byte_ranges import FilePart, part_of

TYPES_OF_SUFFIX = {".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp"}
# The file at an address never changes; only the browser of the person may cache it.
KEEP = "private, max-age=31536000, immutable"
# What is read at a time of a file that the system cannot send by itself.
BLOCK = 64 * 1024
# A picture opened on its own may run no script and load nothing.
NOTHING = "default-src 'none'; sandbox"


def stored(
    request: HttpRequest, name: str, *, tag: str, content_type: str = "", keep: str = KEEP
) -> HttpResponseBase:
    """Return a stored file under its `tag`; `keep` says what may cache it. 304 or 404 otherwise.

    Raises StorageAwayError, which becomes a 503, as everything here that reads a file.
    """
    unchanged = get_conditional_response(request, etag=f'"{tag}"')
    if unchanged is not None:
        return guarded(unchanged, tag, keep=keep)
    try:
        file, size = storage.stream(name)
    except FileNotFoundError:
        return missing()
    kind = content_type or TYPES_OF_SUFFIX.get(PurePath(name).suffix, "application/octet-stream")
    response = FileResponse(file, content_type=kind)
    response["Content-Length"] = str(size)
    response.block_size = BLOCK
    return guarded(response, tag, keep=keep)


def stored_part(
    request: HttpRequest, name: str, *, tag: str, content_type: str, size: int | None = None
) -> HttpResponseBase:
    """Return a stored file as `stored`, or the part of it that a Range header asks for.

    416 if that lies outside. `size` is in bytes, asked of the storage unless it is known.
    """
    size = storage.size(name) if size is None else size
    part = part_of(request.headers, size or 0, tag=f'"{tag}"')
    if part is None:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size or 0}"})
    if len(part) == (size or 0):
        whole = stored(request, name, tag=tag, content_type=content_type)
        whole["Accept-Ranges"] = "bytes"
        return whole
    try:
        content = FilePart(storage.open_at(name, part.start), len(part))
    except FileNotFoundError:
        return missing()
    response = guarded(FileResponse(content, content_type=content_type, status=206), tag)
    response["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    response["Content-Length"] = str(len(part))
    return response


def guarded(response: HttpResponseBase, tag: str, *, keep: str = KEEP) -> HttpResponseBase:
    """Give a file the headers that keep it from running anything, and from other sites."""
    response["ETag"] = f'"{tag}"'
    response["Cache-Control"] = keep
    response["Content-Security-Policy"] = NOTHING
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def tile_of_undrawn(picture: Picture) -> HttpResponse:
    """Return a drawn tile that names the format of a picture that cannot be decoded here."""
    response = HttpResponse(plain_tile(picture), content_type="image/svg+xml")
    guarded(response, f"{picture.sha256}-tile-{get_language()}")
    # Its words are in the reader's language, and a later version may draw the format.
    response["Cache-Control"] = "private, max-age=3600"
    return response


def missing() -> HttpResponse:
    """Answer that the file of a row is missing; not to be cached."""
    response = HttpResponseNotFound(
        _("The file of this picture is missing."), content_type="text/plain"
    )
    response["Cache-Control"] = "no-store"
    return response
