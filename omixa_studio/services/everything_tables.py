"""The tables of an archive of everything: their columns, their lines, the file of a line."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from django.db.models import QuerySet

from omixa_studio.dates import local
from omixa_studio.gateway.address import SANDBOX
from omixa_studio.models import (
    AnswerFile,
    Charge,
    Collection,
    CollectionItem,
    Comment,
    Generation,
    InputImage,
    Person,
    Picture,
    Preset,
    UsedPrompt,
    dollars,
)
from omixa_studio.queries import everything

from .packing import ENDINGS

Line = Mapping[str, object]


@dataclass(frozen=True)
class Table:
    """A table of the archive: `rows` in the order of ids, what a row says, and its file.

    `stored` gives the name of a row's file in the storage; its name in the archive is the column
    `file`.
    """

    name: str
    columns: Sequence[str]
    rows: Callable[[Person], QuerySet[Any]]
    line: Callable[[Any], Line]
    stored: Callable[[Any], str] | None = None

    def cells(self, row: Any) -> list[str]:
        """Return the line of a row as texts, in the order of the columns."""
        line = self.line(row)
        return [_cell(line[column]) for column in self.columns]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return local(value).isoformat()
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _usd(micros: int | None) -> str | None:
    amount = dollars(micros)
    return None if amount is None else f"{amount:.6f}"


def _picture(row: Picture) -> Line:
    ending = ENDINGS.get(row.format, row.format)
    asked = row.generation
    return {
        "file": f"pictures/{local(row.created_at):%Y-%m}/{row.pk}.{ending}",
        "id": row.pk,
        "request": row.generation_id,
        "time": row.created_at,
        "model": row.model,
        "operation": row.operation,
        "prompt": asked.prompt,
        "options": asked.options,
        "project": row.project.name if row.project else "",
        "cost_usd": _usd(row.cost_micros),
        "practice": asked.target == SANDBOX,
        "shared": row.shared,
        "star": row.winner,
        "rejected": bool(row.verdict),
        "approval": row.approval,
        "note": row.note,
        "tags": [one.tag.name for one in row.tagged.all()],
        "collections": [one.collection.name for one in getattr(row, "in_own", ())],
        "trashed_at": row.trashed_at,
        "width": row.width,
        "height": row.height,
        "format": row.format,
        "bytes": row.bytes,
        "sha256": row.sha256,
    }


def _request(row: Generation) -> Line:
    return {
        "id": row.pk,
        "time": row.created_at,
        "finished_at": row.finished_at,
        "state": row.state,
        "model": row.model,
        "operation": row.operation,
        "prompt": row.prompt,
        "template": row.template,
        "options": row.options,
        "pictures": row.count,
        "project": row.project.name if row.project else "",
        "sent_along": [use.image.sha256 for use in row.sent_inputs.all()],
        "charged": row.charged,
        "billed_usd": _usd(row.billed_micros),
        "estimate_usd": _usd(row.estimate_micros),
        "practice": row.target == SANDBOX,
        "seconds": row.seconds,
        "request_id": row.request_id,
        "run": str(row.group),
        "retry_of": row.retry_of_id,
        "error": row.error_kind,
    }


def _charge(row: Charge) -> Line:
    return {
        "id": row.pk,
        "time": row.created_at,
        "day": row.day.isoformat(),
        "kind": row.kind,
        "amount_usd": _usd(row.amount_micros),
        "reason": row.reason,
        "request": row.generation_id,
        "model": row.model,
        "operation": row.operation,
        "pictures": row.pictures,
        "practice": row.target == SANDBOX,
    }


def _with_file(folder: str, row: InputImage | AnswerFile) -> dict[str, object]:
    ending = PurePosixPath(row.name).suffix
    file = f"{folder}/{row.pk}{ending}"
    return {"file": file, "id": row.pk, "bytes": row.bytes, "sha256": row.sha256}


def _reference(row: InputImage) -> Line:
    more = {"time": row.created_at, "type": row.mime, "picture": row.picture_id}
    return {**_with_file("references", row), **more}


def _answer(row: AnswerFile) -> Line:
    return {**_with_file("answers", row), "request": row.generation_id}


def _collection(row: Collection) -> Line:
    return {
        "id": row.pk,
        "name": row.name,
        "note": row.note,
        "access": row.access,
        "search": row.query,
        "time": row.created_at,
    }


def _item(row: CollectionItem) -> Line:
    return {
        "collection": row.collection.name,
        "collection_id": row.collection_id,
        "position": row.position,
        "picture": row.picture_id,
    }


def _comment(row: Comment) -> Line:
    return {
        "id": row.pk,
        "time": row.created_at,
        "picture": row.picture_id,
        "text": row.text,
        "approval": row.approval,
    }


def _prompt(row: UsedPrompt) -> Line:
    return {"id": row.pk, "last_used_at": row.last_used_at, "prompt": row.prompt}


def _preset(row: Preset) -> Line:
    return {
        "id": row.pk,
        "name": row.name,
        "team": row.team,
        "model": row.model,
        "settings": row.texts,
        "prompt": row.prompt,
        "time": row.created_at,
    }


def _stored(row: Picture | InputImage | AnswerFile) -> str:
    return row.name


TABLES = (
    Table(
        "pictures",
        (
            *("file", "id", "request", "time", "model", "operation", "prompt", "options"),
            *("project", "cost_usd", "practice", "shared", "star", "rejected", "approval"),
            *("note", "tags", "collections", "trashed_at"),
            *("width", "height", "format", "bytes", "sha256"),
        ),
        everything.pictures_of,
        _picture,
        _stored,
    ),
    Table(
        "references",
        ("file", "id", "time", "type", "picture", "bytes", "sha256"),
        everything.references_of,
        _reference,
        _stored,
    ),
    Table(
        "answers",
        ("file", "id", "request", "bytes", "sha256"),
        everything.answers_of,
        _answer,
        _stored,
    ),
    Table(
        "requests",
        (
            *("id", "time", "finished_at", "state", "model", "operation", "prompt", "template"),
            *("options", "pictures", "project", "sent_along", "charged", "billed_usd"),
            *("estimate_usd", "practice", "seconds", "request_id", "run", "retry_of", "error"),
        ),
        everything.requests_of,
        _request,
    ),
    Table(
        "costs",
        (
            *("id", "time", "day", "kind", "amount_usd", "reason", "request", "model"),
            *("operation", "pictures", "practice"),
        ),
        everything.charges_of,
        _charge,
    ),
    Table(
        "collections",
        ("id", "name", "note", "access", "search", "time"),
        everything.collections_of,
        _collection,
    ),
    Table(
        "collection_pictures",
        ("collection", "collection_id", "position", "picture"),
        everything.items_of,
        _item,
    ),
    Table(
        "comments",
        ("id", "time", "picture", "text", "approval"),
        everything.comments_of,
        _comment,
    ),
    Table("prompts", ("id", "last_used_at", "prompt"), everything.prompts_of, _prompt),
    Table(
        "presets",
        ("id", "name", "team", "model", "settings", "prompt", "time"),
        everything.presets_of,
        _preset,
    ),
)
