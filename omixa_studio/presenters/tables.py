"""Tables as CSV: spreadsheets run no text in them, and names are decoded correctly."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

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


class _Line:
    """The target of csv.writer: it returns each line instead of storing it."""

    def write(self, line: str) -> str:
        return line


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield a table line by line, to save memory; the first line begins with a byte order mark."""
    writer = csv.writer(_Line())
    yield BYTE_ORDER_MARK + writer.writerow(columns)
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])


def harmless(text: str) -> str:
    """Keep spreadsheets from running a text as a formula, wherever they split; money stays."""
    if MONEY.fullmatch(text):
        return text
    return FORMULA.sub(r"\1\2'", CONTROLS.sub(" ", text))
