"""Write the CSV of every generation as the web server does: `python -m bench.writing`.

Prints {"rows": …, "seconds": …, "cpu": …, "rest_mib": …, "peak_mib": …} of this process.
"""

import json
import os
import time

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db.models import Max, Min  # noqa: E402

from omixa_studio.models import Charge  # noqa: E402
from omixa_studio.models.spans import Span  # noqa: E402
from omixa_studio.queries.ledger_rows import COLUMNS, TEXTS, ledger_rows  # noqa: E402
from omixa_studio.tables import csv_pieces  # noqa: E402

from .processes import forget_peak, peak_mib, resident_mib  # noqa: E402


def main() -> None:
    """Write the table to nowhere, and say how long that took and what memory."""
    first, last = Charge.objects.aggregate(first=Min("day"), last=Max("day")).values()
    _write(Span(first, first))
    pid, began, spent = os.getpid(), time.monotonic(), time.process_time()
    rest = resident_mib(pid)
    forget_peak(pid)
    rows = _write(Span(first, last))
    found = {
        "rows": rows,
        "seconds": time.monotonic() - began,
        "cpu": time.process_time() - spent,
        "rest_mib": rest,
        "peak_mib": peak_mib(pid),
    }
    print(json.dumps(found))


def _write(span: Span) -> int:
    rows = ledger_rows(settings.GATEWAY_TARGET, span)
    pieces = csv_pieces(COLUMNS, rows, texts=TEXTS)
    return sum(piece.encode().count(b"\r\n") for piece in pieces) - 1


if __name__ == "__main__":
    main()
