"""A program that asks the studio's own API with a person's token."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.test import Client

from omixa_studio.models import Person
from omixa_studio.services.tokens import make_token
from tests.pages import Answer


@dataclass(frozen=True)
class Program:
    """Asks for paths below /api/v1/ with one token."""

    text: str

    def ask(
        self, path: str, body: Any = None, *, method: str = "", key: str = "", **headers: str
    ) -> Answer:
        """Ask, with a JSON body by POST unless another method is named."""
        sent = {"Authorization": f"Bearer {self.text}", **headers}
        if key:
            sent["Idempotency-Key"] = key
        how = method or ("GET" if body is None else "POST")
        content = "" if body is None else json.dumps(body)
        return Client().generic(how, f"/api/v1/{path}", content, "application/json", headers=sent)

    def change(self, path: str, **fields: Any) -> Answer:
        """Send a PATCH with some fields."""
        return self.ask(path, fields, method="PATCH")

    def told(self, path: str) -> Any:
        """Return the document at a path that can be read."""
        answer = self.ask(path)
        assert answer.status_code == 200, answer.content
        return answer.json()


def program_of(person: Person, scopes: Sequence[str] = ("make", "read", "costs")) -> Program:
    """Return a program with a new token of a person."""
    return Program(make_token(person, "tests", scopes, None)[1])


def code_of(answer: Answer) -> tuple[int, str | None, str | None]:
    """Return the status of a refusal, its code and the field that it names."""
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["param"]
