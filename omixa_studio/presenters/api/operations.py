"""What stands beside a view for programs: what it takes and answers, for the schema."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from omixa_studio.forms.api_numbers import QueryNumber

Schema = dict[str, Any]
AnyView = TypeVar("AnyView", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of an address, in English: programs and their authors read it.

    `answers` and `body` are names of schemas; `body` "" is none. `numbers` may stand in the query,
    `headers` are texts that have to be sent. `errors` are statuses beside those of every address.
    """

    method: str
    summary: str
    answers: str
    status: int = 200
    body: str = ""
    numbers: Mapping[str, QueryNumber] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[int, ...] = ()


def tells(*operations: Operation) -> Callable[[AnyView], AnyView]:
    """Put the operations of a view on it, where the schema finds them."""

    def decorate(view: AnyView) -> AnyView:
        view.operations = operations  # type: ignore[attr-defined]
        return view

    return decorate
