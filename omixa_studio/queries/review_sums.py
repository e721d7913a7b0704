"""The sums of a review: from the ledger, or from pictures where only those know."""

from collections.abc import Mapping, Sequence
from typing import Any

from omixa_studio.forms.costs import OF_PICTURES
from omixa_studio.models.spans import Span

from .cost_sums import Sums, UnknownSum, UnknownSums, cost_sums, unknown_sums
from .picture_sums import picture_sums


def sums_by(
    target: str,
    span: Span,
    by: Sequence[str] = (),
    *,
    only: Mapping[str, Sequence[Any]] | None = None,
) -> Sums:
    """Return sums of costs by anything a review is grouped by."""
    source = picture_sums if _asks_pictures(span, by) else cost_sums
    return source(target, span, by, only=only)


def unknown_by(target: str, span: Span, by: Sequence[str] = ()) -> UnknownSums:
    """Return what is unknown by anything a review is grouped by, requests or pictures."""
    if not _asks_pictures(span, by):
        return unknown_sums(target, span, by)
    found = picture_sums(target, span, by)
    return {key: UnknownSum(one.not_final) for key, one in found.items() if one.not_final}


def _asks_pictures(span: Span, by: Sequence[str]) -> bool:
    return span.of_pictures or not OF_PICTURES.isdisjoint(by)
