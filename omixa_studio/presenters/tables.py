"""Tables as CSV: no text in them is run by a spreadsheet, and names come out right."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence

# Excel takes a file without it for one of its own old code pages.
BYTE_ORDER_MARK = "\ufeff"
MONEY = re.compile(r"-?\d+\.\d{6}", re.ASCII)
# A spreadsheet elsewhere splits at a semicolon, and takes wide and small forms for the plain ones.
FORMULA = re.compile(
    r"(^|[;,|])([\s\"']*)(?=[=+\-@\N{MINUS SIGN}\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}"
    r"\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}\N{SMALL EQUALS SIGN}"
    r"\N{SMALL PLUS SIGN}\N{SMALL HYPHEN-MINUS}\N{SMALL COMMERCIAL AT}])"
)
CONTROLS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


class _Line:
    """What csv.writer writes to: it gives each line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Give a table line by line, few of them in memory; the first begins with a mark."""
    writer = csv.writer(_Line())
    yield BYTE_ORDER_MARK + writer.writerow(columns)
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])


def harmless(text: str) -> str:
    """Keep a spreadsheet from running a text as a formula, wherever it splits; money stays."""
    if MONEY.fullmatch(text):
        return text
    return FORMULA.sub(r"\1\2'", CONTROLS.sub(" ", text))
