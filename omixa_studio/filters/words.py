"""The language of the search box: words, "phrases", -without, -"without a phrase"."""

import re
from dataclasses import dataclass

from django.db.models import Q

from omixa_studio.models.search import searchable

LONGEST_SEARCH = 500
MOST_TERMS = 12
# Quotation marks that keyboards write by themselves become plain ones.
QUOTES = str.maketrans(dict.fromkeys("“”„‟«»「」『』", '"'))
DASHES = "-−–"
# A term is a phrase between quotation marks, of which the last may be missing, or a word.
TERM = re.compile(rf'(?P<dash>[{DASHES}])?(?:"(?P<phrase>[^"]+)(?:"|$)|(?P<word>\S+))')


@dataclass(frozen=True)
class SearchTerms:
    """What a search asks for, folded: texts that a prompt holds, and texts that it does not."""

    terms: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    @property
    def where(self) -> Q:
        """Return the condition on a picture; no index serves it."""
        held = [Q(generation__prompt_search__holds=term) for term in self.terms]
        return Q(*held, *(~Q(generation__prompt_search__holds=term) for term in self.without))

    def fits(self, text: str) -> bool:
        """Return whether a folded text is one that is asked for."""
        return all(term in text for term in self.terms) and not any(
            term in text for term in self.without
        )


def read_words(text: str) -> SearchTerms:
    """Read a search of at most MOST_TERMS terms. Every text means something."""
    found: dict[str, list[str]] = {"": [], "-": []}
    for match in TERM.finditer(searchable(text).translate(QUOTES)):
        said = " ".join((match["phrase"] or match["word"]).split())
        if said and said not in DASHES:
            found["-" if match["dash"] else ""].append(said)
        if len(found[""]) + len(found["-"]) == MOST_TERMS:
            break
    return SearchTerms(*(tuple(dict.fromkeys(said)) for said in found.values()))
