"""What a gallery can be filtered by: one row per filter, and nothing elsewhere."""

from .rows import Filter, Names, Offer, Part, Values
from .table import FILTERS, conditions

__all__ = ["FILTERS", "Filter", "Names", "Offer", "Part", "Values", "conditions"]
