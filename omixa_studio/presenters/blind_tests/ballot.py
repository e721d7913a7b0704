"""What a judge of a blind test sees: two pictures, and nothing about their origin."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from omixa_studio.models import Ballot, BlindTest, Pair, Person
from omixa_studio.queries import blind_tests as reads
from omixa_studio.services import blind_tests
from omixa_studio.services.blind_tests import LEFT, RIGHT

# Above this height per width, two pictures fit side by side on a phone too.
TALL = 1.2


@dataclass(frozen=True)
class Side:
    """One of two pictures: its letter, the value that a vote for it sends, its address."""

    letter: str
    says: str
    path: str


@dataclass(frozen=True, kw_only=True)
class JudgedPair:
    """Two pictures to judge. `then` is the next pair, which the browser prefetches."""

    pk: int
    prompt: str
    sides: Sequence[Side]
    is_tall: bool
    then: int | None
    fetched: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class BallotSheet:
    """The judging page; without a pair it says why there is none."""

    test: BlindTest
    pair: JudgedPair | None
    judged: int
    quota: int
    joined: bool
    making: reads.Making
    finished: bool
    is_mine: bool

    @property
    def is_making(self) -> bool:
        return not (self.test.ready_at or self.making.is_over)

    @property
    def number(self) -> int:
        """Return the number of the current pair, from 1."""
        return min(self.judged + 1, self.quota)

    @property
    def may_undo(self) -> bool:
        return self.judged > 0 and self.test.is_open and not self.finished

    @property
    def may_finish(self) -> bool:
        """Return whether all pairs are judged and the person may make the votes final."""
        return self.joined and not (self.pair or self.finished or self.is_making)


def ballot_sheet(test: BlindTest, person: Person, *, first: int | None = None) -> BallotSheet:
    """Draw the next pair for a person; `first` is the pair to show if that is allowed."""
    ballot = reads.ballot_of(test, person)
    judged = reads.judged_by(ballot) if ballot else 0
    votes = ballot is not None and test.is_open and not ballot.finished_at
    return BallotSheet(
        test=test,
        pair=_pair(ballot, first) if ballot and votes else None,
        judged=judged,
        quota=test.quota,
        joined=ballot is not None and test.ready_at is not None,
        making=reads.progress_of([test])[test.pk],
        finished=ballot is not None and ballot.finished_at is not None,
        is_mine=test.person_id == person.pk,
    )


def _pair(ballot: Ballot, first: int | None) -> JudgedPair | None:
    ballot_pairs = blind_tests.upcoming(ballot, first=first)
    if not ballot_pairs:
        return None
    pair, *rest = ballot_pairs
    return JudgedPair(
        pk=pair.pk,
        prompt=ballot.test.prompts[pair.prompt],
        sides=[
            Side("A", LEFT, _path(pair, LEFT)),
            Side("B", RIGHT, _path(pair, RIGHT)),
        ],
        is_tall=_is_tall(pair),
        then=rest[0].pk if rest else None,
        fetched=[_path(one, side) for one in rest for side in (LEFT, RIGHT)],
    )


def _path(pair: Pair, side: str) -> str:
    return reverse(f"blind_{side}", args=[pair.pk])


def _is_tall(pair: Pair) -> bool:
    pictures = [picture for picture in (pair.first, pair.second) if picture]
    return all(one.shown_height > TALL * one.shown_width for one in pictures)
