"""Tables as files of CSV, each download recorded in the audit log."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.http import HttpResponseBase

from omixa_studio.models import ActKind
from omixa_studio.services import audit
from omixa_studio.tables import csv_pieces

from .requests import PersonRequest, actor_of
from .respond import download


def csv_file(
    request: PersonRequest,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    days: tuple[date | None, date | None],
    texts: Sequence[int] | None = None,
    marked: bool = True,
) -> HttpResponseBase:
    """Stream a table as CSV, and log who exported which days; None is no bound.

    `texts` are the places of columns that hold what people wrote, all if None. Files for people are
    `marked` with a byte order mark, those for programs not.
    """
    span = " – ".join(day.isoformat() if day else "…" for day in days) if any(days) else ""
    if request.method == "GET":  # HEAD downloads nothing
        audit.write(ActKind.EXPORTED, by=actor_of(request), thing=table, after=span)
    name = "-".join([table, *(day.isoformat() for day in days if day)])
    return download(csv_pieces(columns, rows, texts=texts, marked=marked), f"{name}.csv")
