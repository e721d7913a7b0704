"""The schema of the API by OpenAPI 3.1, from what the views tell and the catalogue."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus

from omixa_studio.catalogue import Catalogue, ImageModel
from omixa_studio.catalogue.records import Field
from omixa_studio.forms.api_images import STORED
from omixa_studio.forms.generation import of_one_click

from .cost_schemas import COST_SCHEMAS
from .operations import JSON, Operation, Schema
from .picture_schemas import PICTURE_SCHEMAS, SOME_IDS
from .schemas import ANSWERS, ref

ERRORS = (400, 401, 403, 404, 429)
WITH_A_BODY = (413, 415)
ARGUMENT = re.compile(r"<number:(\w+)>")
ABOUT = (
    "Programs act for a person by an access token. Money is dollars as text with six places; what "
    "is not known is null, never 0. What an address or a body has beyond this schema is refused."
)
NOT_IN_JSON = ("input_images", "mask")
DATA_ADDRESS: Schema = {"type": "string", "pattern": "^data:[^,]*;base64,"}


@dataclass(frozen=True)
class Address:
    """A path of the address map, with what its view tells and the scope of each method."""

    route: str
    operations: tuple[Operation, ...]
    scopes: Mapping[str, str]


def document_of(addresses: Iterable[Address], catalogue: Catalogue, *, server: str) -> Schema:
    """Return the whole schema; bodies follow the catalogue."""
    paths = {
        "/" + ARGUMENT.sub(r"{\1}", one.route): {
            operation.method.lower(): _operation(one, operation) for operation in one.operations
        }
        for one in addresses
    }
    bearer = {"type": "http", "scheme": "bearer"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Omixa Studio", "version": "1", "description": ABOUT},
        "servers": [{"url": server}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": bearer},
            "schemas": {
                **ANSWERS,
                **PICTURE_SCHEMAS,
                **COST_SCHEMAS,
                "Wanted": _wanted(catalogue),
            },
        },
    }


def _operation(address: Address, operation: Operation) -> Schema:
    scope = address.scopes.get(operation.method, "")
    needs = f"Needs the scope {scope.replace(' ', ' and ')}." if scope else "Any token."
    told: Schema = {
        "summary": operation.summary,
        "description": f"{operation.about} {needs}".strip(),
        "tags": [address.route.split("/")[2].removesuffix(".json")],
        "parameters": _parameters(address, operation),
        "responses": {
            **_told(operation),
            **{
                str(status): _answer(HTTPStatus(status).phrase, "Error")
                for status in _errors_of(operation)
            },
        },
    }
    if operation.example_query:
        told["x-example-query"] = operation.example_query
    if operation.body:
        content: Schema = {"schema": ref(operation.body)}
        if operation.example:
            content["example"] = dict(operation.example)
        kinds = {operation.body_kind: content}
        told["requestBody"] = {"required": True, "content": kinds}
    return told


def _told(operation: Operation) -> Schema:
    """Return the answer if all goes well, a file where the operation names no schema."""
    said = "What was asked for."
    if operation.answers:
        return {str(operation.status): _answer(said, operation.answers)}
    binary = {"schema": {"type": "string", "format": "binary"}}
    whole = {
        "description": said,
        "content": {"image/*": binary, "application/octet-stream": binary},
    }
    return {"200": whole, "206": {**whole, "description": "The part that was asked for."}}


def _errors_of(operation: Operation) -> list[int]:
    return sorted({*ERRORS, *(WITH_A_BODY if operation.body else ()), *operation.errors})


def _parameters(address: Address, operation: Operation) -> list[Schema]:
    whole = {"type": "integer", "minimum": 1, "maximum": 2**31}
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": whole}
        for name in ARGUMENT.findall(address.route)
    ]
    in_query = [
        {"name": name, "in": "query", "description": one.about, "schema": dict(one.schema)}
        for name, one in operation.query.items()
    ]
    in_header = [
        {
            "name": name,
            "in": "header",
            "required": True,
            "description": about,
            "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,255}$"},
        }
        for name, about in operation.headers.items()
    ]
    return in_path + in_query + in_header


def _answer(about: str, name: str) -> Schema:
    return {"description": about, "content": {JSON: {"schema": ref(name)}}}


def _wanted(catalogue: Catalogue) -> Schema:
    """Return the body that asks for pictures: one alternative for each model."""
    return {"anyOf": [_wanted_of(model) for model in catalogue.enabled]}


def _wanted_of(model: ImageModel) -> Schema:
    fields = {field.name: field for field in of_one_click(model).fields}
    needs_images = model.min_images > 0
    properties: dict[str, Schema] = {
        "model": {"const": model.slug},
        "project": {"type": "integer", "minimum": 1},
        **{name: field_schema(one) for name, one in fields.items() if name not in NOT_IN_JSON},
    }
    if model.max_images:
        most = {"minItems": max(model.min_images, 1), "maxItems": model.max_images}
        properties["images"] = {"type": "array", "items": DATA_ADDRESS, **most}
        properties |= dict.fromkeys(STORED, SOME_IDS | most)
    if model.takes_mask:
        properties["mask"] = DATA_ADDRESS
        properties["mask_picture"] = {"type": "integer", "minimum": 1}
    required = [one.name for one in fields.values() if one.required and one.name in properties]
    sent = {"anyOf": [{"required": [name]} for name in ("images", *STORED)]}
    return {
        "type": "object",
        "title": model.name,
        "properties": properties,
        "required": ["model", *required],
        **(sent if needs_images else {}),
        "additionalProperties": False,
    }


def field_schema(field: Field) -> Schema:
    """Return the schema of the values of a field."""
    told: Schema = {"type": field.type, "description": field.help}
    if field.accepted:
        told["enum" if field.accepted_is_complete else "examples"] = list(field.accepted)
    bounds = {
        "minimum": number_of(field.minimum),
        "maximum": number_of(field.maximum),
        "minLength": field.min_length,
        "maxLength": field.max_length,
    }
    return told | {name: bound for name, bound in bounds.items() if bound is not None}


def number_of(bound: Decimal | None) -> int | float | None:
    """Return a bound of a field as JSON has it."""
    if bound is None:
        return None
    return int(bound) if bound == bound.to_integral_value() else float(bound)
