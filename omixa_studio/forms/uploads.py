"""Upload handling that writes no more to the disk than the limits allow."""

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser

# Per request, in files of the largest size.
MOST_FULL_FILES = 4
# What a file is called that has no usable name.
NAMELESS = "file"


class EveryFile(MultiPartParser):
    """Takes files of any name: Django passes over those called ".." or "a/" without a word."""

    def sanitize_file_name(self, file_name: str) -> str:
        return super().sanitize_file_name(file_name) or NAMELESS


def take_every_file(request: HttpRequest) -> None:
    """Let no file of a request be left out for its name, before its form is read."""

    def parse(meta: Any, stream: Any) -> Any:
        return EveryFile(meta, stream, request.upload_handlers, request.encoding).parse()

    request.parse_file_upload = parse  # type: ignore[assignment, method-assign]


class CappedUpload(TemporaryFileUploadHandler):
    """Writes each file up to the limit and discards the rest; the file then counts as too large."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.room = MOST_FULL_FILES * settings.UPLOAD_BYTES
        self.cut = self.is_open = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.cut, self.is_open = False, True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.cut = self.cut or start + len(raw_data) > settings.UPLOAD_BYTES or self.room <= 0
        if not self.cut:
            self.room -= len(raw_data)
            super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> "UploadedFile[bytes] | None":
        whole = super().file_complete(file_size)
        self.is_open = False
        if whole is not None and self.cut:
            whole.size = max(file_size, settings.UPLOAD_BYTES + 1)
        return whole

    def forget_what_broke_off(self) -> None:
        """Delete a partly received file: Django leaves it to the garbage collector."""
        if self.is_open:
            self.upload_interrupted()
