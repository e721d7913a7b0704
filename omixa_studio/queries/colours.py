"""By what a gallery can be coloured: one byte for each picture, beside its shape."""

import zlib
from collections.abc import Sequence

from django.db.models import Case, IntegerField, Q, Value, When

from .geometry import PictureByte

# The last step has no upper end, in micro-dollars.
COST_STEPS = (10_000, 20_000, 40_000, 80_000, 160_000)
COST_UNKNOWN, COST_FREE, FIRST_COST = 1, 2, 3
OTHER_MODEL, FIRST_MODEL, MOST_MODELS = 1, 2, 200
NO_VERDICT, STARRED, REJECTED, APPROVED, NEEDS_WORK = range(1, 6)


def _cases(*cases: tuple[Q, int], other: int) -> Case:
    whens = [When(condition, then=Value(byte)) for condition, byte in cases]
    return Case(*whens, default=Value(other), output_field=IntegerField())


def by_cost() -> PictureByte:
    """Return bytes that grow with the cost of a picture."""
    steps = [(Q(cost_micros__lte=most), FIRST_COST + n) for n, most in enumerate(COST_STEPS)]
    unknown, free = (Q(cost_micros=None), COST_UNKNOWN), (Q(cost_micros__lte=0), COST_FREE)
    return PictureByte("cost", _cases(unknown, free, *steps, other=FIRST_COST + len(COST_STEPS)))


def by_verdict() -> PictureByte:
    """Return bytes that say what people think of a picture, the owner before the team."""
    value = _cases(
        (Q(verdict="rejected"), REJECTED),
        (Q(winner=True), STARRED),
        (Q(approval="approved"), APPROVED),
        (Q(approval="needs_work"), NEEDS_WORK),
        other=NO_VERDICT,
    )
    return PictureByte("verdict", value, marked=True)


def by_model(slugs: Sequence[str]) -> PictureByte:
    """Return bytes that tell models apart, in the order of the slugs; the others have one byte.

    What is kept of months is kept for these slugs in this order.
    """
    known = slugs[:MOST_MODELS]
    cases = [(Q(model=slug), FIRST_MODEL + n) for n, slug in enumerate(known)]
    name = f"model-{zlib.crc32(' '.join(known).encode()):x}"
    return PictureByte(name, _cases(*cases, other=OTHER_MODEL))
