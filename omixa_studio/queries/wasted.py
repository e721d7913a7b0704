"""What was billed for requests that failed."""

from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from omixa_studio.models import State
from omixa_studio.models.spans import Span

from .costs import generations

REFUSED = Q(error_kind="policy")


@dataclass(frozen=True)
class FailedSums:
    """Failed requests that were billed, and the micro-dollars; `refused` ones are told apart."""

    failed: int = 0
    failed_micros: int = 0
    refused: int = 0
    refused_micros: int = 0


def failed_sums(target: str, span: Span) -> FailedSums:
    """Return the sums of failed requests of a span, found by the index of states."""
    rows = generations(target, span).filter(state=State.FAILED, billed_micros__gt=0)
    return FailedSums(
        **rows.aggregate(
            failed=Count("pk", filter=~REFUSED),
            failed_micros=Sum("billed_micros", filter=~REFUSED, default=0),
            refused=Count("pk", filter=REFUSED),
            refused_micros=Sum("billed_micros", filter=REFUSED, default=0),
        )
    )
