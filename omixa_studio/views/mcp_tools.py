"""The tools that programs with language models call: what each does with its arguments."""

import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pybase64
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from omixa_studio import awaiting, storage
from omixa_studio.forms.api_images import FieldRefused
from omixa_studio.forms.api_numbers import QueryNumber
from omixa_studio.forms.api_tools import (
    ID,
    SIDES,
    USUAL_SIDE,
    USUAL_WAIT,
    WAIT,
    only,
    read_order,
    read_search,
    read_wanted,
    whole,
)
from omixa_studio.forms.generation import Asked
from omixa_studio.models import Generation, Picture, TokenScope
from omixa_studio.presenters.api.addresses import page_of_picture, signed_address
from omixa_studio.presenters.api.failures import failure_of
from omixa_studio.presenters.api.pictures import pictures_told
from omixa_studio.presenters.api.studio import (
    estimate_told,
    generations_told,
    model_in_short,
    models_told,
    money,
)
from omixa_studio.presenters.pictures.kinds import type_of
from omixa_studio.presenters.pictures.saved import file_name
from omixa_studio.queries import api_orders, galleries, generations, pictures
from omixa_studio.queries.prices import bills_of
from omixa_studio.queries.request_rules import catalogue_for
from omixa_studio.services import renditions
from omixa_studio.services.pixels import ImageRefused
from omixa_studio.services.quoting import Quote, quote

from .api_access import TokenRequest
from .api_errors import SHOULD_RETRY, ApiError
from .api_orders import asked_of, error_of, order_of
from .api_queries import gallery_page
from .deliveries import line_of
from .openai_bodies import field_error
from .stored import TYPES_OF_SUFFIX

Arguments = Mapping[str, Any]
# Thumbnails in an answer that has several pictures.
MOST_SHOWN = 4
MOST_LISTED = 10
SECONDS_FOR_MEMORY = 20.0


@dataclass(frozen=True, kw_only=True)
class ToolAnswer:
    """What a tool answers: facts, and blocks of content beside them.

    `delivers` is the id of the order whose end this tells, once it arrives.
    """

    facts: Mapping[str, Any]
    blocks: Sequence[Mapping[str, Any]] = field(default=())
    is_error: bool = False
    delivers: int | None = None


class NeedsConfirmationError(Exception):
    """A request costs so much that the person has to agree to it first."""

    def __init__(self, quoted: Quote) -> None:
        super().__init__(str(quoted.price.hold))
        self.quote = quoted


def call(request: TokenRequest, name: str, arguments: Arguments) -> ToolAnswer:
    """Let a tool do its work; what goes wrong there is an answer too, for the model to read."""
    try:
        return TOOLS[name].work(request, arguments)
    except FieldRefused as refused:
        return _error(field_error(refused))
    except ApiError as error:
        return _error(error)


def result_of(answer: ToolAnswer) -> dict[str, Any]:
    """Return an answer in the shape of the protocol."""
    facts = json.loads(json.dumps(answer.facts, cls=DjangoJSONEncoder))
    text = {"type": "text", "text": json.dumps(facts, ensure_ascii=False)}
    return {
        "content": [text, *answer.blocks],
        "structuredContent": facts,
        "isError": answer.is_error,
    }


def _list_models(request: TokenRequest, arguments: Arguments) -> ToolAnswer:
    only(arguments, "model")
    catalogue, bills = catalogue_for(request.user), bills_of(settings.GATEWAY_TARGET)
    told = models_told(catalogue, bills)
    if not arguments.get("model"):
        return ToolAnswer(facts={"models": [model_in_short(one) for one in told]})
    found = catalogue.find_named(str(arguments["model"]))
    if found is None:
        raise ApiError(404, _("There is no such model."), param="model", code="model_not_found")
    return ToolAnswer(facts={"models": [one for one in told if one["id"] == found.slug]})


def _estimate(request: TokenRequest, arguments: Arguments) -> ToolAnswer:
    catalogue = catalogue_for(request.user)
    asked = asked_of(request, read_wanted(arguments), catalogue)
    return ToolAnswer(facts=_priced(quote(asked, request.token, catalogue=catalogue)))


def _generate(request: TokenRequest, arguments: Arguments) -> ToolAnswer:
    """Buy once, and wait; never above what was confirmed."""
    order = read_order(arguments)

    def refuse_unless_meant(asked: Asked) -> None:
        quoted = quote(asked, request.token, catalogue=catalogue_for(request.user))
        is_meant = order.confirmed is not None and order.confirmed >= quoted.price.hold
        if quoted.asks_again and not is_meant:
            raise NeedsConfirmationError(quoted)

    try:
        made = order_of(request, order.body, key=order.key, stays=True, first=refuse_unless_meant)
    except NeedsConfirmationError as needed:
        return _to_confirm(needed.quote)
    return _followed(request, made.group, order.wait, delivers=made.pk)


def _status(request: TokenRequest, arguments: Arguments) -> ToolAnswer:
    only(arguments, "generation", "wait")
    number = whole(arguments, "generation", ID, 0)
    wait = whole(arguments, "wait", WAIT, USUAL_WAIT)
    if not number:
        rows = generations.page_of(request.user, before=None, is_open=False, most=MOST_LISTED)
        told = generations_told(rows, generations.pictures_of(rows))
        return ToolAnswer(facts={"generations": told})
    row = Generation.objects.filter(pk=number, person=request.user).first()
    if row is None:
        said = _("There is no such request of yours.")
        raise ApiError(404, said, param="generation", code="not_found")
    delivers = api_orders.order_of_group(request.token.pk, row.group)
    return _followed(request, row.group, wait, delivers=delivers)


def _search(request: TokenRequest, arguments: Arguments) -> ToolAnswer:
    asked = read_search(arguments)
    gallery = galleries.gallery_of(
        asked.gallery, request.user, asked.values, target=settings.GATEWAY_TARGET
    )
    told = gallery_page(request, gallery, asked.values, asked.numbers)
    for one in told["pictures"]:
        one["page"] = page_of_picture(one["id"])
    return ToolAnswer(facts={"pictures": told["pictures"], "before": told["before"]})


def _fetch(request: TokenRequest, arguments: Arguments) -> ToolAnswer:
    only(arguments, "picture", "side")
    number = whole(arguments, "picture", ID, 0)
    side = whole(arguments, "side", QueryNumber(*SIDES, ""), USUAL_SIDE)
    seen = pictures.visible_or_own(request.user).select_related("generation")
    picture = seen.filter(pk=number).first()
    if picture is None:
        said = _("There is no such picture.")
        raise ApiError(404, said, param="picture", code="not_found")
    facts = {
        **pictures_told([picture], request.user)[0],
        "page": page_of_picture(picture.pk),
        "url": signed_address(picture, request.token),
    }
    try:
        shown = [_image(*_scaled(picture, side))]
    except ImageRefused as refused:
        facts, shown = {**facts, "not_shown": _(str(refused))}, []
    return ToolAnswer(facts={"picture": facts}, blocks=[*shown, _link(request, picture)])


def _followed(
    request: TokenRequest, group: uuid.UUID, seconds: int, *, delivers: int | None
) -> ToolAnswer:
    """Wait for all that was bought together, and tell what became of it."""
    line = line_of(request)
    if seconds:
        is_gone = line.is_gone if line else lambda: False
        awaiting.wait_for(group, seconds, person_id=request.user.pk, is_gone=is_gone)
    rows = list(generations.of_group(request.user, group))
    made = generations.pictures_of(rows)
    told = generations_told(rows, made)
    may_cost = any(row.is_open or api_orders.may_have_cost(row) for row in rows)
    facts: dict[str, Any] = {"bought": may_cost, "generations": told}
    if any(row.is_open for row in rows):
        more = _(
            "This is still being made, and costs nothing more. Ask for its status, or send the "
            "same again to wait on."
        )
        return ToolAnswer(facts={**facts, "message": more})
    failure = failure_of(rows, api_orders.pictures_of(rows))
    if failure:
        error = _error(error_of(failure))
        counted = delivers if failure.counts else None
        return ToolAnswer(facts={**error.facts, **facts}, is_error=True, delivers=counted)
    facts["pictures"] = [
        {"id": one.pk, "url": signed_address(one, request.token), "page": page_of_picture(one.pk)}
        for one in made
    ]
    shown = list(_thumbs(made[:MOST_SHOWN]))
    links = [_link(request, one) for one in made]
    return ToolAnswer(facts=facts, blocks=[*shown, *links], delivers=delivers)


def _priced(quoted: Quote) -> dict[str, Any]:
    return {**estimate_told(quoted), "needs_confirmation": quoted.asks_again}


def _to_confirm(quoted: Quote) -> ToolAnswer:
    amount = money(quoted.price.hold)
    said = _(
        "Nothing was bought. This may cost up to $%(amount)s, which is more than the studio buys "
        "unasked. Ask the person; if they agree, send the same again with confirm_cost %(amount)s."
    ) % {"amount": amount}
    return ToolAnswer(
        facts={"bought": False, "confirm_cost": amount, "message": said, **_priced(quoted)}
    )


def _error(error: ApiError) -> ToolAnswer:
    again = error.response[SHOULD_RETRY] == "true"
    return ToolAnswer(facts={"error": {**error.facts, "retry": again}}, is_error=True)


def _thumbs(made: Sequence[Picture]) -> Iterator[dict[str, Any]]:
    """Yield those thumbnails that are at hand: what was bought is told without them, too."""
    for picture in made:
        if picture.thumb:
            with suppress(OSError):
                data = storage.get(picture.thumb)
                yield _image(data, picture.thumb[picture.thumb.rfind(".") :])


def _scaled(picture: Picture, side: int) -> tuple[bytes, str]:
    try:
        data = storage.get(picture.name)
    except FileNotFoundError:
        raise ApiError(
            424, _("The file of this picture is missing."), code="file_missing"
        ) from None
    made = renditions.scaled(data, picture.format, side, seconds=SECONDS_FOR_MEMORY)
    return made.data, made.suffix


def _image(data: bytes, suffix: str) -> dict[str, Any]:
    text = pybase64.b64encode(data).decode()
    return {"type": "image", "data": text, "mimeType": TYPES_OF_SUFFIX[suffix]}


def _link(request: TokenRequest, picture: Picture) -> dict[str, Any]:
    return {
        "type": "resource_link",
        "uri": signed_address(picture, request.token),
        "name": file_name(picture),
        "mimeType": type_of(picture.format),
        "size": picture.bytes,
    }


@dataclass(frozen=True)
class Tool:
    """A tool and the scope of the token that it needs, "" for any."""

    scope: str
    work: Callable[[TokenRequest, Arguments], ToolAnswer]


TOOLS: Mapping[str, Tool] = {
    "list_models": Tool("", _list_models),
    "estimate": Tool("", _estimate),
    "generate": Tool(TokenScope.MAKE, _generate),
    "status": Tool(TokenScope.READ, _status),
    "search_pictures": Tool(TokenScope.READ, _search),
    "fetch_picture": Tool(TokenScope.READ, _fetch),
}
