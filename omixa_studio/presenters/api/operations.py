"""What stands beside a view for programs: what it takes and answers, for the schema."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from omixa_studio.forms.api_numbers import QueryPart

Schema = dict[str, Any]
AnyView = TypeVar("AnyView", bound=Callable[..., Any])
JSON = "application/json"
FORM = "multipart/form-data"


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of an address, in English: programs and their authors read it.

    `about` says what the summary does not. `answers` and `body` are names of schemas; `body` "" is
    none, and `body_kind` is how it is sent; `answers` "" is a file. `query` may stand in the
    address, `headers` are texts that have to be sent. `errors` are statuses beside those of every
    address. `example` is a body that works, `example_query` a query.
    """

    method: str
    summary: str
    answers: str
    about: str = ""
    status: int = 200
    body: str = ""
    body_kind: str = JSON
    query: Mapping[str, QueryPart] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[int, ...] = ()
    example: Mapping[str, Any] = field(default_factory=dict)
    example_query: str = ""


def tells(*operations: Operation) -> Callable[[AnyView], AnyView]:
    """Put the operations of a view on it, where the schema finds them."""

    def decorate(view: AnyView) -> AnyView:
        view.operations = operations  # type: ignore[attr-defined]
        return view

    return decorate
