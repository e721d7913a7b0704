"""Uploaded files on their way in: no more of them reaches the disk than may be used."""

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

# Of one request, in files of the largest size.
MOST_FULL_FILES = 4


class CappedUpload(TemporaryFileUploadHandler):
    """Writes each file up to the limit and reads past the rest, which then counts as too large."""

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
        """Delete a file whose end never came: Django leaves it to the garbage collector."""
        if self.is_open:
            self.upload_interrupted()
