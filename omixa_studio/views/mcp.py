"""The Model Context Protocol: the studio's tools for programs with language models.

Each POST stands alone: no session, no stream, an answer of JSON. docs/mcp.md says what clients may
rely on.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.utils.translation import gettext as _

from omixa_studio.presenters.api.tools import INSTRUCTIONS, tools_told
from omixa_studio.queries.request_rules import catalogue_for
from omixa_studio.services.quoting import ask_above

from .access import caller_of
from .api_access import TokenRequest, api, insufficient
from .deliveries import Delivery, line_of
from .mcp_messages import (
    BY_HANDSHAKE,
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    NOT_ALLOWED,
    SERVER,
    VERSIONS,
    McpError,
    Message,
    answered,
    check_envelope,
    read_message,
    refuse_strange_origin,
    refused,
)
from .mcp_tools import TOOLS, ToolAnswer, call, result_of

CAPABILITIES: dict[str, Any] = {"tools": {}}
# How long clients may keep the list of tools, which follows the catalogue.
KEPT: dict[str, Any] = {"ttlMs": 60_000, "cacheScope": "private"}
# Clients of older revisions may know no links.
KNOWS_LINKS = VERSIONS[1:]


@api(methods=("POST",))
def mcp(request: TokenRequest) -> HttpResponseBase:
    """Answer one message."""
    message: Message | None = None
    try:
        if strange := refuse_strange_origin(request):
            return strange
        message = read_message(request)
        check_envelope(request, message)
        if message.is_notification:
            return HttpResponse(status=202)
        if message.method == "tools/call":
            return _called(request, message)
        return JsonResponse(answered(message, _result(request, message)))
    except McpError as error:
        return refused(message, error)


def _result(request: TokenRequest, message: Message) -> Mapping[str, Any]:
    """Return what a method answers. Raises McpError where the revision has no such method."""
    methods = WITHOUT_HANDSHAKE if message.is_stateless else WITH_HANDSHAKE
    work = methods.get(message.method)
    if work is None:
        raise McpError(METHOD_NOT_FOUND, f"Method not found: {message.method[:80]}")
    return work(request, message)


def _initialize(request: TokenRequest, message: Message) -> Mapping[str, Any]:
    """Agree on a revision: what the client wants, else the newest that has a handshake."""
    wanted = message.params.get("protocolVersion")
    version = wanted if wanted in BY_HANDSHAKE else BY_HANDSHAKE[-1]
    return {
        "protocolVersion": version,
        "capabilities": CAPABILITIES,
        "serverInfo": SERVER,
        "instructions": INSTRUCTIONS,
    }


def _discover(request: TokenRequest, message: Message) -> Mapping[str, Any]:
    return {
        "supportedVersions": list(VERSIONS),
        "capabilities": CAPABILITIES,
        "instructions": INSTRUCTIONS,
        **KEPT,
    }


def _ping(request: TokenRequest, message: Message) -> Mapping[str, Any]:
    return {}


def _list_tools(request: TokenRequest, message: Message) -> Mapping[str, Any]:
    """List the tools that the token may use."""
    if message.params.get("cursor") is not None:
        raise McpError(INVALID_PARAMS, _("The list of tools has one page."))
    names = [name for name in TOOLS if _may(request, name)]
    kept = KEPT if message.is_stateless else {}
    catalogue = catalogue_for(request.user)
    above = ask_above(request.token, catalogue)
    return {"tools": tools_told(names, catalogue, ask_above=above), **kept}


def _called(request: TokenRequest, message: Message) -> HttpResponseBase:
    name, arguments = message.params.get("name"), message.params.get("arguments")
    if not isinstance(name, str) or name not in TOOLS:
        raise McpError(INVALID_PARAMS, f"Unknown tool: {str(name)[:80]}")
    if not isinstance(arguments, dict | None):
        raise McpError(INVALID_PARAMS, _("The arguments of a tool are an object."))
    if not _may(request, name):
        refusal = insufficient(TOOLS[name].scope, request)
        raise McpError(
            NOT_ALLOWED,
            str(refusal),
            status=refusal.response.status_code,
            headers={"WWW-Authenticate": refusal.response["WWW-Authenticate"]},
            data=refusal.facts,
        )
    return _told(request, message, call(request, name, arguments or {}))


def _told(request: TokenRequest, message: Message, answer: ToolAnswer) -> HttpResponseBase:
    """Answer with what a tool says; the end of an order is noted when it has arrived."""
    result = result_of(answer)
    if message.version not in KNOWS_LINKS:
        result["content"] = [one for one in result["content"] if one["type"] != "resource_link"]
    whole = json.dumps(answered(message, result)).encode()
    if answer.delivers is None:
        return HttpResponse(whole, content_type="application/json")
    size = len(whole)
    sent = Delivery(answer.delivers, iter([whole]), line_of(request), size=size, counts=True)
    headers = {"Content-Length": str(size)}
    return StreamingHttpResponse(sent, content_type="application/json", headers=headers)


def _may(request: TokenRequest, name: str) -> bool:
    scope = TOOLS[name].scope
    return not scope or caller_of(request).has(scope)


Work = Callable[[TokenRequest, Message], Mapping[str, Any]]
WITH_HANDSHAKE: Mapping[str, Work] = {
    "initialize": _initialize,
    "ping": _ping,
    "tools/list": _list_tools,
}
WITHOUT_HANDSHAKE: Mapping[str, Work] = {
    "server/discover": _discover,
    "tools/list": _list_tools,
}
