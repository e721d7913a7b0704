"""Bodies of OpenAI's images API: JSON, or texts and files of a form."""

import json
import tempfile
from typing import Any, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.http.request import UnreadablePostError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from omixa_studio.forms.api_files import files_in
from omixa_studio.forms.api_images import FieldRefused, ImagesBody, read_body, texts_in
from omixa_studio.forms.uploads import MOST_FULL_FILES
from omixa_studio.sentences import say

from .api_errors import ApiError

JSON = "application/json"
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
# A header by which a client that knows nothing of projects can name one.
PROJECT = "x-studio-project"
KEPT_IN_MEMORY = 2**20
BYTES_AT_ONCE = 2**16
# Base64 has none. Each tiny value between two of them takes fifty times its bytes in memory.
MOST_COMMAS = 50_000


def body_of(request: HttpRequest, *, is_edit: bool | None) -> ImagesBody:
    """Read what a program asks for; with `is_edit` None images make it an edit.

    Raises ApiError (400, 413, 415).
    """
    fields: dict[str, Any]
    put_chunks_together(request)
    try:
        if request.content_type == JSON:
            fields, files = files_in(_object_of(request))
        elif request.content_type in FORMS:
            fields, files = texts_in(request.POST), _files_of(request)
        else:
            said = _("The body has to be JSON or a form with files.")
            raise ApiError(415, said, code="unsupported_media_type")
        if request.headers.get(PROJECT):
            fields.setdefault("project", request.headers[PROJECT])
        is_text = request.content_type != JSON
        return read_body(fields, files, is_edit=is_edit, is_text=is_text)
    except FieldRefused as refused:
        raise field_error(refused) from None


def field_error(refused: FieldRefused) -> ApiError:
    """Return the error for a field that cannot be honoured, which it names."""
    return ApiError(400, say(refused.fault), param=refused.param, code=refused.code)


def large_json_of(request: HttpRequest) -> Any:
    """Return the JSON of a body that may hold a whole upload as base64.

    Raises ApiError (400, 413).
    """
    with tempfile.SpooledTemporaryFile(KEPT_IN_MEMORY) as file:
        most = settings.UPLOAD_BYTES // 3 * 4 + settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        commas = 0
        try:
            while some := request.read(BYTES_AT_ONCE):
                file.write(some)
                commas += some.count(b",")
                if file.tell() > most or commas > MOST_COMMAS:
                    raise ApiError(413, code="request_too_large")
        except UnreadablePostError:
            raise ApiError(400, _("The body broke off."), code="broke_off") from None
        file.seek(0)
        try:
            return json.load(file)
        except (ValueError, RecursionError):
            raise ApiError(400, _("The body is not JSON."), code="invalid_json") from None


def put_chunks_together(request: HttpRequest) -> None:
    """Read a body without a stated length, which Django would take for an empty one."""
    if request.headers.get("transfer-encoding", "").lower() != "chunked":
        return
    most = MOST_FULL_FILES * settings.UPLOAD_BYTES
    whole = tempfile.TemporaryFile()  # noqa: SIM115  # the request reads it
    try:
        while some := request.META["wsgi.input"].read(BYTES_AT_ONCE):
            whole.write(some)
            if whole.tell() > most:
                raise ApiError(413, code="request_too_large")
    except OSError:
        raise ApiError(400, _("The body broke off."), code="broke_off") from None
    request.META["CONTENT_LENGTH"] = str(whole.tell())
    whole.seek(0)
    # Where Django keeps what it reads.
    request._stream = whole


def _files_of(request: HttpRequest) -> "MultiValueDict[str, UploadedFile[bytes]]":
    return cast("MultiValueDict[str, UploadedFile[bytes]]", request.FILES)


def _object_of(request: HttpRequest) -> dict[str, Any]:
    found = large_json_of(request)
    if not isinstance(found, dict):
        raise ApiError(400, _("The body has to be a JSON object."), code="invalid_json")
    return found
