"""One question to the index of prompts, and the pieces by which the index answers."""

from dataclasses import dataclass

from omixa_studio.filters import SearchTerms

MOST_PIECES = 24


@dataclass(frozen=True)
class IndexQuestion:
    """Which rows hold all terms, from `last` down to `first`, or up if `newer`; `most` at most."""

    terms: SearchTerms
    person: int | None
    first: int
    last: int
    newer: bool
    most: int

    @property
    def pieces(self) -> list[str]:
        """Return pieces that every row looked for has: of three letters, of short terms shorter."""
        found = [piece for term in self.terms.terms for piece in _pieces_of(term)]
        return list(dict.fromkeys(found))[: 2 * MOST_PIECES]


def held(question: IndexQuestion, function: str) -> tuple[str, list[str]]:
    """Return the SQL that compares the texts themselves: a row has the pieces of more words."""
    terms = question.terms
    sql = [f"{function}(p.text, %s) > 0"] * len(terms.terms)
    sql += [f"{function}(p.text, %s) = 0"] * len(terms.without)
    return " AND ".join(sql), [*terms.terms, *terms.without]


def _pieces_of(term: str) -> list[str]:
    """Return the pieces of a term that cover it; of a long one evenly spread ones.

    Each piece costs the index as much as its rows, and one that overlaps others excludes few more.
    """
    if len(term) <= 3:
        return [term]
    step = max(3, -(-(len(term) - 2) // MOST_PIECES))
    return [*(term[at : at + 3] for at in range(0, len(term) - 3, step)), term[-3:]]
