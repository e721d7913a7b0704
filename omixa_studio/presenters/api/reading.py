"""The schema of the API as a page for people: operations, examples with curl, shapes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .operations import FORM, JSON, Schema

SOME_ID = "17"
SOME_KEY = "harbour-7"
METHODS = ("get", "post", "patch", "delete")


@dataclass(frozen=True)
class ReadField:
    """A parameter or a property: its name, where it stands, and what it may be.

    `shape` is the name of the shape that it leads to, "" for none.
    """

    name: str
    where: str
    kind: str
    about: str
    shape: str
    required: bool


@dataclass(frozen=True, kw_only=True)
class ReadOperation:
    """One operation: `curl` is a whole command; `body` and `answer` are names of shapes."""

    anchor: str
    method: str
    path: str
    summary: str
    about: str
    fields: Sequence[ReadField]
    body: str
    answer: str
    status: str
    errors: Sequence[tuple[str, str]]
    curl: str


@dataclass(frozen=True)
class ReadGroup:
    """The operations of one subject."""

    name: str
    operations: Sequence[ReadOperation]


@dataclass(frozen=True)
class ReadShape:
    """A named shape: its fields, or those of each of its alternatives, by title."""

    name: str
    fields: Sequence[ReadField]
    alternatives: Sequence[tuple[str, Sequence[ReadField]]]


@dataclass(frozen=True)
class ApiReading:
    """The whole page."""

    about: str
    groups: Sequence[ReadGroup]
    shapes: Sequence[ReadShape]


def reading_of(document: Schema) -> ApiReading:
    """Return what the page of the API draws, from its schema and nothing else."""
    groups: dict[str, list[ReadOperation]] = {}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                read = _operation(path, method, item[method])
                groups.setdefault(item[method]["tags"][0], []).append(read)
    return ApiReading(
        about=document["info"]["description"],
        groups=[ReadGroup(name, operations) for name, operations in groups.items()],
        shapes=[_shape(name, one) for name, one in document["components"]["schemas"].items()],
    )


def _operation(path: str, method: str, told: Schema) -> ReadOperation:
    status, answer = next(iter(told["responses"].items()))
    content = told.get("requestBody", {}).get("content", {})
    return ReadOperation(
        anchor=f"{method}-{path.strip('/').replace('/', '-').replace('{', '').replace('}', '')}",
        method=method.upper(),
        path=path,
        summary=told["summary"],
        about=told["description"],
        fields=[_parameter(one) for one in told["parameters"]],
        body=next((_named(one["schema"]) for one in content.values()), ""),
        answer=_named(next(iter(answer["content"].values()))["schema"]),
        status=status,
        errors=[
            (code, one["description"]) for code, one in told["responses"].items() if code > "3"
        ],
        curl=curl_of(path, method, told),
    )


def curl_of(path: str, method: str, told: Schema) -> str:
    """Return a command that does the operation, with a token and an address in variables."""
    query = f"?{told['x-example-query']}" if "x-example-query" in told else ""
    address = path.replace("{pk}", SOME_ID) + query
    parts = [f'curl --fail-with-body "$STUDIO{address}"', '-H "Authorization: Bearer $TOKEN"']
    if method not in ("get", "post"):
        parts.insert(1, f"-X {method.upper()}")
    for one in told["parameters"]:
        if one["in"] == "header":
            parts.append(f'-H "{one["name"]}: {SOME_KEY}"')
    content = told.get("requestBody", {}).get("content", {})
    if JSON in content:
        body = json.dumps(content[JSON].get("example", {}))
        parts += [f'-H "Content-Type: {JSON}"', f"-d '{body}'"]
    elif FORM in content:
        parts.append("-F image=@harbour.png")
    elif method == "post":
        parts.insert(1, "-X POST")
    if "206" in told["responses"]:
        parts.append("-o harbour.png")
    return " \\\n  ".join(parts)


def _parameter(one: Schema) -> ReadField:
    kind, shape = _kind(one["schema"])
    about, required = one.get("description", ""), one.get("required", False)
    return ReadField(one["name"], one["in"], kind, about, shape, required)


def _shape(name: str, schema: Schema) -> ReadShape:
    others = [one for one in schema.get("anyOf", ()) if "properties" in one]
    told = [(str(one.get("title", "")), list(_properties(one))) for one in others]
    return ReadShape(name, list(_properties(schema)), told)


def _properties(schema: Schema) -> Iterator[ReadField]:
    properties, needed = schema.get("properties", {}), schema.get("required", ())
    # Of an answer, which has all of its fields, each would be called required.
    needed = needed if len(needed) < len(properties) else ()
    for name, one in properties.items():
        kind, shape = _kind(one)
        yield ReadField(name, "", kind, one.get("description", ""), shape, name in needed)


def _kind(schema: Mapping[str, Any]) -> tuple[str, str]:
    """Return what a value may be in words, and the name of the shape that it has."""
    if named := _named(schema):
        return named, named
    if "anyOf" in schema:
        parts = [_kind(one) for one in schema["anyOf"]]
        shape = next((shape for _kind, shape in parts if shape), "")
        return " or ".join(kind for kind, _shape in parts), shape
    if "const" in schema:
        return json.dumps(schema["const"]), ""
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"])), ""
    if schema.get("type") == "array":
        kind, shape = _kind(schema.get("items", {}))
        return f"list of {kind}", shape
    if schema.get("type") == "object" and schema.get("properties"):
        return "{" + ", ".join(schema["properties"]) + "}", ""
    plain = schema.get("title") or schema.get("format") or schema.get("type", "any")
    return f"{plain}{_bounds(schema)}", ""


def _bounds(schema: Mapping[str, Any]) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None and most < 2**31:
        return f", {least} to {most}"
    longest = schema.get("maxLength")
    return f", up to {longest} characters" if longest else ""


def _named(schema: Mapping[str, Any]) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2]
