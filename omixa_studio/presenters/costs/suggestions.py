"""Whether a cheaper model keeps as well as a dearer one, with figures and how sure they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from math import sqrt
from typing import Protocol

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _

from omixa_studio.models import dollars
from omixa_studio.presenters.blind_tests.statistics import FEWEST_VOTES, wilson
from omixa_studio.templatetags.studio import money

# A model counts as cheaper if a picture costs at most so much of the other one's.
CHEAPER = 0.9
# It keeps as well if, in 95 cases of 100, it keeps at most so much less.
SLACK = 0.05
# Less than a cent saved is nothing to tell.
LEAST_SAVED = 10_000


class RatedModel(Protocol):
    """Pictures of one model: how many were bought and kept, and micro-dollars billed."""

    @property
    def name(self) -> str: ...

    @property
    def billed(self) -> int: ...

    @property
    def pictures(self) -> int: ...

    @property
    def kept(self) -> int: ...


@dataclass(frozen=True)
class Suggestion:
    """A cheaper model instead of a dearer one; money is micro-dollars, shares 0 to 100.

    `low` and `high` are by how many points the cheaper one keeps more, in 95 cases of 100. It
    `is_sure` if even the lower one is next to nothing.
    """

    cheaper: RatedModel
    dearer: RatedModel
    cheaper_each: int
    dearer_each: int
    low: float
    high: float
    saved: int

    @property
    def is_sure(self) -> bool:
        return self.low >= -SLACK * 100

    @property
    def heading(self) -> str:
        names = {"cheaper": self.cheaper.name, "dearer": self.dearer.name}
        if self.is_sure:
            return _("%(cheaper)s keeps as well as %(dearer)s, for less") % names
        return _("%(cheaper)s may keep as well as %(dearer)s, for less") % names

    @property
    def sentences(self) -> list[str]:
        """Return the figures of both models, and what would have been saved."""
        saved = _(
            "The kept pictures of %(dearer)s would have cost about %(saved)s less with %(name)s."
        )
        return [
            _figures(self.cheaper, self.cheaper_share, self.cheaper_each),
            _figures(self.dearer, self.dearer_share, self.dearer_each),
            saved
            % {
                "dearer": self.dearer.name,
                "name": self.cheaper.name,
                "saved": money(dollars(round(self.saved, -4))),
            },
        ]

    @property
    def how_sure(self) -> str:
        low, high = self.points
        sure = _("Quite sure:") if self.is_sure else _("Not sure yet:")
        between = _(
            "in 95 of 100 such cases the shares differ by %(low)s to %(high)s points. Different "
            "models may have had different work."
        )
        return f"{sure} {between % {'low': low, 'high': high}}"

    @property
    def points(self) -> tuple[str, str]:
        """Return `low` and `high` with their signs."""
        low, high = (f"{n:+.0f}".replace("-", "\N{MINUS SIGN}") for n in (self.low, self.high))
        return low, high

    @property
    def cheaper_share(self) -> float:
        return self.cheaper.kept / self.cheaper.pictures * 100

    @property
    def dearer_share(self) -> float:
        return self.dearer.kept / self.dearer.pictures * 100


def _figures(model: RatedModel, share: float, each: int) -> str:
    told = _("%(name)s: %(share)s%% kept (%(kept)s of %(of)s), %(each)s a picture.")
    return told % {
        "name": model.name,
        "share": round(share),
        "kept": intcomma(model.kept),
        "of": intcomma(model.pictures),
        "each": money(dollars(round(each, -3))),
    }


def suggestion_of(models: Sequence[RatedModel]) -> Suggestion | None:
    """Return the pair of models that would save most, sure ones first; None if there is none.

    The cheaper one has to keep at least as large a share, or surely not much less.
    """
    known = [one for one in models if min(one.pictures, one.kept * 2) >= FEWEST_VOTES]
    pairs = (_compared(*pair) for pair in permutations(known, 2))
    found = [one for one in pairs if one is not None]
    return max(found, key=lambda one: (one.is_sure, one.saved), default=None)


def _compared(cheaper: RatedModel, dearer: RatedModel) -> Suggestion | None:
    prices = [one.billed / one.pictures for one in (cheaper, dearer)]
    if prices[0] > CHEAPER * prices[1]:
        return None
    low, high = difference(cheaper.kept, cheaper.pictures, dearer.kept, dearer.pictures)
    as_well = cheaper.kept / cheaper.pictures >= dearer.kept / dearer.pictures
    saved = dearer.billed - round(dearer.kept * cheaper.billed / cheaper.kept)
    if not (as_well or low >= -SLACK) or saved < LEAST_SAVED:
        return None
    each, other_each = (round(price) for price in prices)
    return Suggestion(cheaper, dearer, each, other_each, low * 100, high * 100, saved)


def difference(kept: int, of: int, other_kept: int, of_others: int) -> tuple[float, float]:
    """Return between which values one rate less another one lies (Newcombe's interval)."""
    kept, other_kept = min(kept, of), min(other_kept, of_others)
    rate, other = kept / of, other_kept / of_others
    (low, high), (other_low, other_high) = wilson(kept, of), wilson(other_kept, of_others)
    below = sqrt((rate - low) ** 2 + (other_high - other) ** 2)
    above = sqrt((high - rate) ** 2 + (other - other_low) ** 2)
    return rate - other - below, rate - other + above
