"""Statistics of votes: plain arithmetic without database rows or words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import comb, sqrt

# Two-sided: 95 of 100 intervals contain the true rate.
Z = 1.959963984540054
# Fewer votes give an interval so wide that a figure would mislead.
FEWEST_VOTES = 10
UNLIKELY = 0.05


@dataclass
class Record:
    """The votes of one contestant, against one other or against all."""

    wins: int = 0
    losses: int = 0
    equals: int = 0

    def add(self, other: "Record") -> None:
        self.wins += other.wins
        self.losses += other.losses
        self.equals += other.equals

    @property
    def votes(self) -> int:
        return self.wins + self.losses + self.equals

    @property
    def decided(self) -> int:
        return self.wins + self.losses

    @property
    def points(self) -> float:
        """Return the wins, with an equal counted as half a win."""
        return self.wins + self.equals / 2

    @property
    def rate(self) -> float | None:
        """Return the share of points, 0 to 1; None without votes."""
        return self.points / self.votes if self.votes else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Return the confidence interval of the rate, 0 to 1; None with too few votes."""
        if self.votes < FEWEST_VOTES:
            return None
        return wilson(self.points, self.votes)

    @property
    def is_ahead_by_more_than_chance(self) -> bool:
        return self.wins > self.losses and chance(self.wins, self.losses) < UNLIKELY


@dataclass(frozen=True)
class Ranking:
    """The leader, and the contestants not clearly behind it, the closest first.

    `leader` is None until all contestants with votes have enough. `against` holds the records of
    the leader.
    """

    leader: int | None = None
    close: tuple[int, ...] = ()
    against: Mapping[int, Record] = field(default_factory=dict)

    @property
    def is_clear(self) -> bool:
        return self.leader is not None and not self.close


def wilson(points: float, votes: int, z: float = Z) -> tuple[float, float]:
    """Return Wilson's score interval of a rate: within 0 and 1 even for few votes."""
    rate, square = points / votes, z * z
    middle = (rate + square / (2 * votes)) / (1 + square / votes)
    spread = z / (1 + square / votes)
    spread *= sqrt(rate * (1 - rate) / votes + square / (4 * votes * votes))
    return max(middle - spread, 0.0), min(middle + spread, 1.0)


def chance(wins: int, losses: int) -> float:
    """Return how likely equals differ at least as much (exact two-sided sign test), 0 to 1."""
    decided = wins + losses
    tail = sum(comb(decided, n) for n in range(max(wins, losses), decided + 1))
    return float(min(2 * tail / 2**decided, 1.0))


def records(counts: Iterable[tuple[int, int, Record]]) -> dict[int, dict[int, Record]]:
    """Return each contestant's record against each other one, from one-sided records of pairs."""
    each: dict[int, dict[int, Record]] = {}
    for one, other, record in counts:
        turned = Record(record.losses, record.wins, record.equals)
        each.setdefault(one, {}).setdefault(other, Record()).add(record)
        each.setdefault(other, {}).setdefault(one, Record()).add(turned)
    return each


def overall(against: Mapping[int, Record]) -> Record:
    """Return the sum of a contestant's records against all others."""
    whole = Record()
    for record in against.values():
        whole.add(record)
    return whole


def ranking(each: Mapping[int, Mapping[int, Record]], contestants: Iterable[int]) -> Ranking:
    """Find the leader, and the contestants that are not significantly behind it.

    The leader has to be significantly ahead of each other contestant separately, so that choosing
    the best of several does not make an accidental winner more likely.
    """
    wholes = {one: overall(each.get(one, {})) for one in contestants}
    judged = {one: whole for one, whole in wholes.items() if whole.votes}
    if len(judged) < 2 or any(whole.votes < FEWEST_VOTES for whole in judged.values()):
        return Ranking()
    leader = max(judged, key=lambda one: judged[one].rate or 0)
    against = {one: each[leader].get(one, Record()) for one in judged if one != leader}
    close = [one for one, met in against.items() if not met.is_ahead_by_more_than_chance]
    return Ranking(leader, tuple(sorted(close, key=lambda one: against[one].rate or 0)), against)


def median(values: Iterable[float]) -> float | None:
    """Return the median; None without values."""
    ordered = sorted(values)
    if not ordered:
        return None
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
