"""A review of costs as a table of text, for files."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings

from omixa_studio.forms.costs import CostsAsked
from omixa_studio.models import Person
from omixa_studio.models.money import places

from .review import CostReview, build_review

# Nothing in a file leads anywhere, so any address does for the lists behind the figures.
NOWHERE = "costs"


def whole_review(asked: CostsAsked, reader: Person) -> CostReview:
    """Read every row and column of a review, as its reader may see it."""
    target: str = settings.GATEWAY_TARGET
    return build_review(target, asked, reader, everything=True, listed=NOWHERE)


def review_head(review: CostReview) -> list[str]:
    """Return the names of the columns; names of people and tags among them are no formulas yet."""
    return [column.label for column in review.columns]


def review_values(review: CostReview) -> dict[str, Any]:
    """Return a review as plain values: `head`, `kinds` of its columns, and `rows`."""
    return {
        "head": review_head(review),
        "kinds": [column.kind for column in review.columns],
        "rows": [list(row.values) for row in review.rows],
    }


def review_rows(review: CostReview) -> Iterator[list[str]]:
    """Yield the rows of a review: money in dollars with six places, "" for None.

    There is no row of sums: whoever adds up the column would count everything twice.
    """
    kinds = [column.kind for column in review.columns]
    for row in review.rows:
        yield [_cell(value, kind) for value, kind in zip(row.values, kinds, strict=True)]


def _cell(value: str | int | None, kind: str) -> str:
    if value is None:
        return ""
    return places(int(value)) if kind == "money" else str(value)
