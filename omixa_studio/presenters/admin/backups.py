"""The line about backups on the page of people."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from omixa_studio.models import BackgroundJob, JobState
from omixa_studio.queries.backups import newest


@dataclass(frozen=True, kw_only=True)
class BackupLine:
    """When a nightly backup last worked, with how many files and bytes; the one under way; why the
    last try failed, "" if it did not; how many files the last one found missing or damaged."""

    is_nightly: bool
    worked_at: datetime | None
    files: int
    bytes: int
    under_way: bool
    done: int
    error: str
    wrong: int


def backup_line() -> BackupLine:
    """Draw the line; one question to the database."""
    rows = newest()
    good = next((row for row in rows if row.state == JobState.DONE), None)
    last = rows[0] if rows else None
    said: dict[str, Any] = good.result if good else {}
    return BackupLine(
        is_nightly=settings.BACKUP_DIR is not None or bool(rows),
        worked_at=good.finished_at if good else None,
        files=said.get("total", 0),
        bytes=said.get("bytes", 0),
        under_way=last is not None and last.is_open,
        done=last.done if last else 0,
        error=_why(last),
        wrong=said.get("missing_files", 0) + said.get("damaged_files", 0),
    )


def _why(last: BackgroundJob | None) -> str:
    if last is None or last.state != JobState.FAILED:
        return ""
    return str(last.result.get("error", "")) or "?"
