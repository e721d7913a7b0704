"""Many prompts from one text: a line each, a column of a table, and {a|b|c} variations."""

import csv
import io
import itertools
import re
from collections.abc import Iterator, Sequence
from math import prod

HEADINGS = ("prompt", "prompts", "text", "запрос", "промпт")
DELIMITERS = (",", ";", "\t")
# {{a|b}} is no choice: it stands for {a|b} itself. Its braces are replaced while choices are
# counted.
DOUBLED = re.compile(r"\{\{([^{}|]*\|[^{}]*)\}\}")
OPENED, CLOSED = "\ue000", "\ue001"
AS_WRITTEN = str.maketrans({OPENED: "{", CLOSED: "}"})
LONGEST_TEXT = 200_000
LONGEST_LINE = 10_000


class TooManyPrompts(ValueError):
    """The text stands for more prompts than a run may have, or is too long to be read."""


def prompts_in(text: str, *, most: int) -> list[str]:
    """Return the prompts that a text stands for, in order. Raises TooManyPrompts.

    A table is recognised by a heading such as "prompt"; only that column counts. Anything else is
    one prompt per line. Empty lines are skipped. The prompts are counted before they are expanded,
    so the time is linear in the length of the text.
    """
    if len(text) > LONGEST_TEXT:
        raise TooManyPrompts
    prompts: list[str] = []
    for line in _column(text) or text.splitlines():
        parts = _parts(DOUBLED.sub(f"{OPENED}\\1{CLOSED}", line))
        if len(line) > LONGEST_LINE or prod(len(choices) for choices in parts) > most:
            raise TooManyPrompts
        prompts += filter(None, _combined(parts))
        if len(prompts) > most:
            raise TooManyPrompts
    return prompts


def _parts(line: str) -> list[list[str]]:
    """Split a line into its pieces: plain text has one choice, {a|b} has two.

    A brace without a bar after it or without its other half is plain text, and so is a brace around
    braces.
    """
    parts: list[list[str]] = []
    for piece in line.split("{"):
        inside, closed, rest = piece.partition("}")
        if parts and closed and "|" in inside:
            parts += [[word.strip() for word in inside.split("|")], [rest]]
        else:
            parts.append(["{" + piece if parts else piece])
    return parts


def _combined(parts: Sequence[Sequence[str]]) -> Iterator[str]:
    for chosen in itertools.product(*parts):
        yield " ".join("".join(chosen).translate(AS_WRITTEN).split())


def _column(text: str) -> Sequence[str]:
    """Return the cells below a heading of a pasted table, () if there is no such table."""
    table = text.lstrip("\ufeff \n\r")
    heading, _, rest = table.partition("\n")
    if heading.strip().lower() in HEADINGS:
        return rest.splitlines()
    for delimiter in DELIMITERS:
        names = [name.strip().strip('"').lower() for name in heading.split(delimiter)]
        wanted = next((name for name in HEADINGS if name in names), None)
        if wanted is not None and len(names) > 1:
            return _cells(rest, names.index(wanted), delimiter)
    return ()


def _cells(text: str, at: int, delimiter: str) -> Sequence[str]:
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error:  # a NUL, or an unclosed cell: not a table after all
        return ()
    return [row[at] for row in rows if len(row) > at]
