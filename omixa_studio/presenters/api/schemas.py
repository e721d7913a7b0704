"""The shapes of answers as JSON Schema, beside which their presenters are tested."""

from typing import Any

from omixa_studio.models import Period, Scope, State, TokenScope
from omixa_studio.models.generations import Charged

from .operations import Schema

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
YES_NO: Schema = {"type": "boolean"}
TEXTS: Schema = {"type": "array", "items": TEXT}
MOMENT: Schema = {"type": "string", "format": "date-time"}
# Dollars with six places, as text: no program may make a float of money unasked.
DOLLARS: Schema = {"type": "string", "title": "dollars", "pattern": r"^-?[0-9]+\.[0-9]{6}$"}
NOTHING: Schema = {"type": "null"}


def maybe(schema: Schema) -> Schema:
    """Return a schema that also takes null."""
    return {"anyOf": [schema, NOTHING]}


def listed(name: str) -> Schema:
    """Return a list of a named schema."""
    return {"type": "array", "items": ref(name)}


def ref(name: str) -> Schema:
    """Return a reference to a named schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def one_of(values: Any) -> Schema:
    """Return a text that is one of some values."""
    return {"type": "string", "enum": [str(value) for value in values]}


def shape(**properties: Schema) -> Schema:
    """Return an object that has these properties, all of them and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


LIMIT = shape(
    scope=one_of(Scope.values),
    period=one_of(Period.values),
    hard=YES_NO,
    limit=DOLLARS,
    left=DOLLARS,
    resets_at=MOMENT,
)
FIELD = shape(
    name=TEXT,
    type=one_of(("string", "integer", "number", "boolean", "images", "image")),
    required=YES_NO,
    accepted=TEXTS,
    accepted_is_complete=YES_NO,
    minimum=maybe({"type": "number"}),
    maximum=maybe({"type": "number"}),
    min_length=maybe(WHOLE),
    max_length=maybe(WHOLE),
    min_items=maybe(WHOLE),
    max_items=maybe(WHOLE),
    default=TEXT,
    label=TEXT,
    help=TEXT,
)
MODEL = shape(
    id=TEXT,
    name=TEXT,
    summary=TEXT,
    provider=TEXT,
    operations=TEXTS,
    aliases=TEXTS,
    max_images=WHOLE,
    price=maybe(shape(least=DOLLARS, most=DOLLARS)),
    fields=listed("Field"),
)
PICTURE = shape(
    id=WHOLE,
    generation=WHOLE,
    format=TEXT,
    width=WHOLE,
    height=WHOLE,
    bytes=WHOLE,
    sha256=TEXT,
)
GENERATION = shape(
    id=WHOLE,
    state=one_of(State.values),
    target=TEXT,
    model=TEXT,
    operation=TEXT,
    prompt=TEXT,
    options={"type": "object"},
    count=WHOLE,
    project=maybe(WHOLE),
    created_at=MOMENT,
    started_at=maybe(MOMENT),
    finished_at=maybe(MOMENT),
    charged=one_of(Charged.values),
    estimate=maybe(DOLLARS),
    held=DOLLARS,
    billed=maybe(DOLLARS),
    error=maybe(shape(kind=TEXT, message=TEXT)),
    pictures=listed("Picture"),
)
ME = shape(
    username=TEXT,
    name=TEXT,
    role=TEXT,
    token=maybe(shape(name=TEXT, expires_at=maybe(MOMENT))),
    scopes={"type": "array", "items": one_of(TokenScope.values)},
    limits=listed("Limit"),
)
ESTIMATE = shape(
    model=TEXT,
    count=WHOLE,
    estimate=maybe(DOLLARS),
    basis=one_of(("list", "history", "unknown")),
    held=DOLLARS,
    fits=YES_NO,
    limits=listed("Limit"),
)
# Some errors tell more beside the four.
ERROR: Schema = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": TEXT,
                "type": TEXT,
                "param": maybe(TEXT),
                "code": maybe(TEXT),
            },
        }
    },
}
ANSWERS: dict[str, Schema] = {
    "Error": ERROR,
    "Document": {"type": "object", "required": ["openapi", "paths"]},
    "Me": ME,
    "Limit": LIMIT,
    "Field": FIELD,
    "Model": MODEL,
    "Models": shape(models=listed("Model")),
    "Estimate": ESTIMATE,
    "Picture": PICTURE,
    "Generation": GENERATION,
    "Made": shape(generations=listed("Generation")),
    "Generations": shape(generations=listed("Generation"), before=maybe(WHOLE)),
}
