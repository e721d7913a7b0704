"""A dropped file, or what the browser read out of it. Saves nothing."""

import hashlib
import re
from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

DIGEST = re.compile(r"[0-9a-f]{64}")
LARGEST_PACKET = 256 * 2**10


@dataclass(frozen=True)
class Dropped:
    """The SHA-256 of a file ("" if it is not known), and the bytes that may hold its XMP."""

    sha256: str
    content: bytes


def read_dropped(
    data: QueryDict, files: "MultiValueDict[str, UploadedFile[bytes]]", *, upload_bytes: int
) -> Dropped:
    """Read `sha256` and `xmp`, or a whole `file` where the browser could not; too large is none."""
    file = files.get("file")
    if file is not None and (file.size or 0) <= upload_bytes:
        content = file.read()
        return Dropped(hashlib.sha256(content).hexdigest(), content)
    digest = data.get("sha256", "")
    packet = data.get("xmp", "").encode(errors="replace")
    return Dropped(
        digest if DIGEST.fullmatch(digest) else "",
        packet if len(packet) <= LARGEST_PACKET else b"",
    )
