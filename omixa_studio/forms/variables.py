"""Variables of a prompt: {subject} stands for a word that is asked for before sending.

{{subject}} is the word in braces itself. Filled-in values are not expanded again.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.http import QueryDict

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_

# A letter comes first, so that braces in JSON and in plain text are no variables; what the
# pattern takes besides letters, as in {½}, is left out by `_matches`.
NAME = r"[^\W\d_][\w-]{0,39}"
VARIABLE = re.compile(rf"\{{\{{({NAME})\}}\}}|\{{({NAME})\}}")
SINGLE = re.compile(rf"\{{({NAME})\}}")
FIELD = "variable."
MOST_VARIABLES = 20
# More than any model takes: short texts can expand to gigabytes, so filling in stops there.
LONGEST_FILLED = 100_000
DELIMITERS = ("\t", ";", ",")


# What a generation stores of its prompt: the prompt as written, and the values.
Template = Mapping[str, Any]


def variables_in(*prompts: str) -> list[str]:
    """Return the names of the variables of some prompts, once each, in their order."""
    found = (match[2] for prompt in prompts for match in _matches(VARIABLE, prompt))
    return list(dict.fromkeys(name for name in found if name))


def fill(prompt: str, values: Mapping[str, str]) -> str:
    """Return the prompt as sent: variables replaced by values, double braces by single ones.

    A result too long for any model is cut right after the length that shows that it is too long.
    """
    pieces, length, end = [], 0, 0
    for match in _matches(VARIABLE, prompt):
        word = values[match[2]] if match[2] else f"{{{match[1]}}}"
        pieces += [prompt[end : match.start()], word]
        length, end = length + match.start() - end + len(word), match.end()
        if length > LONGEST_FILLED:
            return "".join(pieces)[: LONGEST_FILLED + 1]
    return "".join([*pieces, prompt[end:]])


def template_of(written: str, values: Mapping[str, str]) -> Template:
    """Return what "Use again" needs to restore a prompt with variables."""
    named = variables_in(written)
    return {"prompt": written, "values": {name: values.get(name, "") for name in named}}


def literal(prompt: str) -> str:
    """Return a sent prompt as one would type it: words in braces are escaped, not variables."""
    pieces, end = [], 0
    for match in _matches(SINGLE, prompt):
        pieces += [prompt[end : match.start()], f"{{{match[0]}}}"]
        end = match.end()
    return "".join([*pieces, prompt[end:]])


def _matches(pattern: re.Pattern[str], prompt: str) -> Iterator[re.Match[str]]:
    return (one for one in pattern.finditer(prompt) if one[0].lstrip("{")[0].isalpha())


def read_variables(data: QueryDict) -> dict[str, str]:
    """Return a form's values for variables, by their names."""
    named = [name for name in data if name.startswith(FIELD)][:MOST_VARIABLES]
    return {name.removeprefix(FIELD): data.get(name, "").strip() for name in named}


def too_many_variables(names: Sequence[str]) -> tuple[Fault, ...]:
    """Return a fault if there are more variables than the form asks for."""
    if len(names) <= MOST_VARIABLES:
        return ()
    template = N_("A prompt has at most %(most)s variables.")
    return (Fault("prompt", template, {"most": MOST_VARIABLES}),)


def unfilled(names: Sequence[str], values: Mapping[str, str]) -> tuple[Fault, ...]:
    """Return a fault for the first variable without a value."""
    empty = next((name for name in names if not values.get(name)), None)
    if empty is None:
        return ()
    template = N_("Fill in “%(name)s”, or write {{%(name)s}} for the word in braces.")
    return (Fault("prompt", template, {"name": empty}),)


def value_rows(text: str, names: Sequence[str]) -> list[dict[str, str]]:
    """Return the rows of values in a text: a table headed by the names, or lines for one variable.

    Empty lines are skipped; a missing cell is "".
    """
    lines = [line for line in text.strip("\ufeff\r\n ").splitlines() if line.strip()]
    if not lines:
        return []
    if len(names) == 1 and lines[0].strip() == names[0]:
        return [{names[0]: line.strip()} for line in lines[1:]]
    delimiter = next((one for one in DELIMITERS if one in lines[0]), ",")
    heading = [cell.strip().strip('"') for cell in lines[0].split(delimiter)]
    if not set(names) & set(heading):
        return [{names[0]: line.strip()} for line in lines] if len(names) == 1 else [{}]
    try:
        rows = list(csv.reader(io.StringIO("\n".join(lines[1:])), delimiter=delimiter))
    except csv.Error:  # an unclosed cell, or one longer than csv allows
        return [{}]
    return [dict(zip(heading, map(str.strip, row), strict=False)) for row in rows]
