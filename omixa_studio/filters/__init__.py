"""The filters of a gallery, defined nowhere else: one row per filter."""

from .facets import costing
from .rows import Filter, Names, Offer, Part, Values
from .table import FILTERS, conditions
from .words import LONGEST_SEARCH, SearchTerms, read_words

__all__ = [
    "FILTERS",
    "LONGEST_SEARCH",
    "Filter",
    "Names",
    "Offer",
    "Part",
    "SearchTerms",
    "Values",
    "conditions",
    "costing",
    "read_words",
]
