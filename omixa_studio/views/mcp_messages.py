"""Messages of the Model Context Protocol over HTTP: read from a POST, and answered.

Its revision 2026-07-28 has a version, capabilities and names in each request; the earlier ones
begin with a handshake, of which nothing has to be remembered here.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from .api_errors import ApiError, api_error
from .openai_bodies import large_json_of, put_chunks_together

JSON = "application/json"
STATELESS = "2026-07-28"
BY_HANDSHAKE = ("2025-03-26", "2025-06-18", "2025-11-25")
VERSIONS = (*BY_HANDSHAKE, STATELESS)
SERVER = {"name": "omixa-studio", "title": "Omixa Studio", "version": "1"}
# Names of the envelope that each request of the stateless revision has.
PREFIX = "io.modelcontextprotocol/"
VERSION_IN_META, CAPABILITIES = f"{PREFIX}protocolVersion", f"{PREFIX}clientCapabilities"
# Parameters that a header repeats, for machines between.
NAMED_BY = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
HEADER_MISMATCH, UNSUPPORTED_VERSION = -32020, -32022
# Of our own: the specification leaves these numbers free.
NOT_ALLOWED = -32001
STATUS_OF = {METHOD_NOT_FOUND: 404}
IN_BASE64 = re.compile(r"=\?base64\?(.*)\?=")


class McpError(Exception):
    """A message that cannot be answered: a number and a sentence of JSON-RPC, a status of HTTP.

    `is_early` is whether the message itself could not be read, which has that status in every
    revision.
    """

    def __init__(
        self,
        number: int,
        message: str,
        *,
        status: int = 0,
        is_early: bool = False,
        headers: Mapping[str, str] | None = None,
        data: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.number, self.message, self.data = number, message, data
        self.status, self.is_early = status or STATUS_OF.get(number, 400), is_early or bool(status)
        self.headers = headers or {}


@dataclass(frozen=True, kw_only=True)
class Message:
    """A request; without an id a notification, which gets no answer."""

    method: str
    params: Mapping[str, Any]
    id: str | int | None
    version: str

    @property
    def is_notification(self) -> bool:
        return self.id is None

    @property
    def is_stateless(self) -> bool:
        return self.version == STATELESS


def refuse_strange_origin(request: HttpRequest) -> HttpResponse | None:
    """Return a 403 for the script of a page of another host; None for everybody else.

    A page that rebinds its name to this machine has its own name there still.
    """
    origin = request.headers.get("origin")
    if origin is None:
        return None
    try:
        host = urlsplit(origin).hostname
    except ValueError:
        host = None
    ours = {one.strip("[]") for one in settings.ALLOWED_HOSTS}
    return None if host in ours else api_error(403, code="strange_origin")


def read_message(request: HttpRequest) -> Message:
    """Read the one message of a POST. Raises McpError."""
    if not request.accepts(JSON):
        raise McpError(INVALID_REQUEST, _("Answers are application/json."), status=406)
    body = _body_of(request)
    if not isinstance(body, dict) or body.get("jsonrpc") != "2.0":
        raise _malformed(_("Send one message of JSON-RPC 2.0, no list of them."))
    method, params, number = body.get("method"), body.get("params", {}), body.get("id")
    if not isinstance(method, str) or not isinstance(params, dict):
        raise _malformed(_("A message has a method, and an object as its params."))
    if "id" in body and (isinstance(number, bool) or not isinstance(number, str | int)):
        raise _malformed(_("The id of a request is a text or a whole number."))
    return Message(method=method, params=params, id=number, version=_version_of(request, method))


def check_envelope(request: HttpRequest, message: Message) -> None:
    """Check what a request of the stateless revision has to bring along. Raises McpError."""
    if not message.is_stateless or message.is_notification:
        return
    meta = message.params.get("_meta")
    meta = meta if isinstance(meta, dict) else {}
    missing = [name for name in (VERSION_IN_META, CAPABILITIES) if name not in meta]
    if missing or not isinstance(meta[CAPABILITIES], dict):
        said = _("params._meta needs %(names)s.") % {"names": ", ".join(missing or [CAPABILITIES])}
        raise McpError(INVALID_PARAMS, said)
    repeated = {
        "mcp-protocol-version": meta[VERSION_IN_META],
        "mcp-method": message.method,
    }
    if named := message.params.get(NAMED_BY.get(message.method, "")):
        repeated["mcp-name"] = named
    for name, value in repeated.items():
        if _written(request.headers.get(name)) != value:
            said = _("The header %(name)s does not say what the body says.") % {"name": name}
            raise McpError(HEADER_MISMATCH, said)


def answered(message: Message, result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what answers a request, in the shape of its revision."""
    if message.is_stateless:
        result = {"resultType": "complete", "_meta": {f"{PREFIX}serverInfo": SERVER}, **result}
    return {"jsonrpc": "2.0", "id": message.id, "result": result}


def refused(message: Message | None, error: McpError) -> HttpResponse:
    """Answer with an error; before the stateless revision its status is that of any answer."""
    told: dict[str, object] = {"code": error.number, "message": error.message}
    told |= {"data": error.data} if error.data else {}
    by_status = error.is_early or message is None or message.is_stateless
    number = message.id if message else None
    answer = {"jsonrpc": "2.0", "id": number, "error": told}
    return JsonResponse(answer, status=error.status if by_status else 200, headers=error.headers)


def _body_of(request: HttpRequest) -> Any:
    if request.content_type != JSON:
        said = _("The body has to be JSON, with Content-Type: application/json.")
        raise McpError(INVALID_REQUEST, said, status=415)
    try:
        put_chunks_together(request)
        return large_json_of(request)
    except ApiError as error:
        status = error.response.status_code
        number = PARSE_ERROR if status == 400 else INVALID_REQUEST
        raise McpError(number, str(error), status=status) from None


def _version_of(request: HttpRequest, method: str) -> str:
    """Return the revision that a message follows; without a header it is the first of all."""
    wanted = request.headers.get("mcp-protocol-version", BY_HANDSHAKE[0])
    if method == "initialize":
        return BY_HANDSHAKE[-1]
    if wanted in VERSIONS:
        return wanted
    raise McpError(
        UNSUPPORTED_VERSION,
        "Unsupported protocol version",
        is_early=True,
        data={"supported": list(VERSIONS), "requested": wanted},
    )


def _written(header: str | None) -> str | None:
    """Return what a header says, whose letters other than ASCII come as base64."""
    found = IN_BASE64.fullmatch(header or "")
    if not found:
        return header
    try:
        return base64.b64decode(found[1], validate=True).decode()
    except ValueError:
        return None


def _malformed(said: str) -> McpError:
    return McpError(INVALID_REQUEST, said, is_early=True)
