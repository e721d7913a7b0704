"""Many prompts from one text: a line each, a column of a table, and {a|b|c} variations."""

import csv
import io
import itertools
import re
from collections.abc import Iterator, Sequence

VARIATION = re.compile(r"\{([^{}]*\|[^{}]*)\}")
HEADINGS = ("prompt", "prompts", "text", "запрос", "промпт")
DELIMITERS = (",", ";", "\t")


class TooManyPrompts(ValueError):
    """The text stands for more prompts than a run may have."""


def prompts_in(text: str, *, most: int) -> list[str]:
    """Return the prompts that a text stands for, in order. Raises TooManyPrompts.

    A table is known by a heading such as "prompt"; only that column counts. Anything else
    is one prompt per line. Empty lines do not count.
    """
    lines = _column(text) or text.splitlines()
    found = itertools.chain.from_iterable(variations(line.strip()) for line in lines)
    prompts = list(itertools.islice((prompt for prompt in found if prompt), most + 1))
    if len(prompts) > most:
        raise TooManyPrompts
    return prompts


def variations(prompt: str) -> Iterator[str]:
    """Yield the prompt once for each combination of its {a|b|c} parts, innermost first."""
    found = VARIATION.search(prompt)
    if not found:
        yield " ".join(prompt.split())
        return
    for choice in found[1].split("|"):
        yield from variations(prompt[: found.start()] + choice.strip() + prompt[found.end() :])


def _column(text: str) -> Sequence[str]:
    """The cells below a heading of a pasted table, () where there is no such table."""
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
    except csv.Error:  # a NUL, or a cell without an end: no table after all
        return ()
    return [row[at] for row in rows if len(row) > at]
