"""A file with a bill: its first rows as they are and as they would be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from omixa_studio.catalogue.records import N_
from omixa_studio.gateway.records import UsageEntry
from omixa_studio.models import BillFile
from omixa_studio.services import bill_files, bill_table
from omixa_studio.services.bill_table import HowToRead, NoBill

# What is wrong with a row, or with a whole file.
FAULTS: Mapping[str, str] = {
    "amount": N_("The amount cannot be read."),
    "comma": N_("The amount has a comma; choose which sign stands before the cents."),
    "point": N_("The amount has a point; choose which sign stands before the cents."),
    "negative": N_("The amount has a minus; choose how charges are written."),
    "time": N_("The time cannot be read, or is a day alone."),
    "unreadable": N_("This file cannot be read as a table with this encoding."),
    "no_text": N_("This is no CSV file. Save the table as CSV in a spreadsheet program."),
    "no_columns": N_("This file has fewer than two columns. Export the bill as CSV."),
    "no_rows": N_("This file has no rows below its header."),
    "too_many_rows": N_("This file has more than 200,000 rows. Export fewer days at a time."),
    "no_file": N_("Choose a CSV file."),
    "too_large": N_("This file is too large."),
}


@dataclass(frozen=True)
class PreviewRow:
    """A row of the file: its cells, and what is read of it, or why not."""

    cells: Sequence[str]
    entry: UsageEntry | None
    fault: str


@dataclass(frozen=True)
class BillFileSheet:
    """The page of a file; `faults` are rows that could not be read when it was imported."""

    file: BillFile
    header: Sequence[str]
    rows: Sequence[PreviewRow]
    fault: str
    faults: Sequence[tuple[int, str]]


def bill_file_sheet(file: BillFile, how: HowToRead) -> BillFileSheet:
    """Read the first rows of a file."""
    try:
        header, *rows = bill_files.first_rows(file, how) or [[]]
    except (NoBill, OSError):
        return BillFileSheet(file, [], [], fault_words("unreadable"), ())
    faults = [(number, fault_words(key)) for number, key in file.faults]
    return BillFileSheet(file, header, [_row(row, how) for row in rows], "", faults)


def fault_words(key: str) -> str:
    """Return what is wrong in the reader's language."""
    return _(FAULTS.get(key, FAULTS["amount"]))


def _row(cells: Sequence[str], how: HowToRead) -> PreviewRow:
    shown = [cell[:80] for cell in cells]
    if not how.columns.keys() >= {bill_table.TIME, bill_table.AMOUNT}:
        return PreviewRow(shown, None, "")
    read = bill_table.read_row(cells, how)
    if isinstance(read, str):
        return PreviewRow(shown, None, fault_words(read) if read else _("no charge"))
    return PreviewRow(shown, read, "")
