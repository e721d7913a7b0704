"""Tables as CSV: spreadsheets run no text in them, and names are decoded correctly."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice

# Without it Excel decodes a file in a legacy code page.
BYTE_ORDER_MARK = "\ufeff"
MONEY = re.compile(r"-?\d+\.\d{6}", re.ASCII)
# Some locales split cells at semicolons, and treat wide and small forms like the plain signs.
FORMULA = re.compile(
    r"(^|[;,|])([\s\"']*)(?=[=+\-@\N{MINUS SIGN}\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}"
    r"\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}\N{SMALL EQUALS SIGN}"
    r"\N{SMALL PLUS SIGN}\N{SMALL HYPHEN-MINUS}\N{SMALL COMMERCIAL AT}])"
)
CONTROLS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
ROWS_OF_A_PIECE = 500
# Names repeat in a table; so many different ones are looked at once.
MOST_REMEMBERED = 4096


def csv_pieces(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    texts: Sequence[int] | None = None,
    marked: bool = True,
) -> Iterator[str]:
    """Yield a table in pieces of many lines, to save memory; the first is the head.

    It begins with a byte order mark if the table is `marked`, which spreadsheets need. `texts` are
    the places of columns that hold what people wrote; None means all.
    """
    yield (BYTE_ORDER_MARK if marked else "") + _lines([columns])
    left = iter(rows)
    while piece := [_guarded(row, texts) for row in islice(left, ROWS_OF_A_PIECE)]:
        yield _lines(piece)


def _guarded(row: Sequence[str], texts: Sequence[int] | None) -> list[str]:
    cells = list(row)
    for place in range(len(cells)) if texts is None else texts:
        cells[place] = harmless(cells[place])
    return cells


def _lines(rows: Iterable[Sequence[str]]) -> str:
    written = io.StringIO(newline="")
    csv.writer(written).writerows(rows)
    return written.getvalue()


@lru_cache(maxsize=MOST_REMEMBERED)
def harmless(text: str) -> str:
    """Keep spreadsheets from running a text as a formula, wherever they split; money stays."""
    if MONEY.fullmatch(text):
        return text
    return FORMULA.sub(r"\1\2'", CONTROLS.sub(" ", text))
