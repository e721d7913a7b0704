"""The filters of a gallery, defined nowhere else: one row per filter."""

from .rows import Filter, Names, Offer, Part, Values
from .table import FILTERS, conditions

__all__ = ["FILTERS", "Filter", "Names", "Offer", "Part", "Values", "conditions"]
