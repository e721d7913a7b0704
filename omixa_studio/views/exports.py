"""Tables as downloads, each recorded in the audit log."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.http import HttpResponseBase

from omixa_studio.models import ActKind
from omixa_studio.presenters.tables import csv_lines
from omixa_studio.services import audit

from .requests import PersonRequest, actor_of
from .respond import download


def export(
    request: PersonRequest,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    days: tuple[date | None, date | None],
) -> HttpResponseBase:
    """Stream a table as CSV, and log who exported which days; None is no bound."""
    span = " – ".join(day.isoformat() if day else "…" for day in days) if any(days) else ""
    if request.method == "GET":  # HEAD downloads nothing
        audit.write(ActKind.EXPORTED, by=actor_of(request), thing=table, after=span)
    name = "-".join([table, *(day.isoformat() for day in days if day)])
    return download(csv_lines(columns, rows), f"{name}.csv")
