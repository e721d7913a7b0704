"""The list of blind tests, and the page of one test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from omixa_studio.catalogue import Catalogue
from omixa_studio.models import Ballot, BlindTest, Person
from omixa_studio.queries import blind_tests as reads

from .results import Results, results_of

MAKING, TO_VOTE, WAITING, CLOSED = "making", "vote", "waiting", "closed"


@dataclass(frozen=True)
class BlindTestLine:
    """A test in the list, as the viewer sees it; `standing` is one of the four words above."""

    test: BlindTest
    standing: str
    judged: int
    quota: int
    is_mine: bool


@dataclass(frozen=True)
class BlindTestList:
    """The newest tests, or those before a key; the next page starts before the key `older`."""

    lines: Sequence[BlindTestLine]
    older: int | None
    is_first: bool


@dataclass(frozen=True, kw_only=True)
class BlindTestSheet:
    """The page of a test. `results` is None for a viewer who may not see them yet."""

    line: BlindTestLine
    test: BlindTest
    making: reads.Making
    people: Mapping[str, int]
    contestants: int
    results: Results | None
    may_close: bool

    @property
    def stamp(self) -> str:
        """Return a short string that changes when the displayed progress does."""
        return str(self.making.over)


def blind_test_list(person: Person, before: int | None) -> BlindTestList:
    """Draw the tests that a person may see, one page of fifty."""
    rows = reads.visible_to(person)
    rows = rows if before is None else rows.filter(pk__lt=before)
    found = list(rows[: reads.PAGE_LENGTH + 1])
    tests = found[: reads.PAGE_LENGTH]
    older = tests[-1].pk if len(found) > len(tests) else None
    mine, making = reads.ballots_among(person, tests), reads.progress_of(tests)
    lines = [_line(test, person, mine.get(test.pk), making[test.pk]) for test in tests]
    return BlindTestList(lines, older, before is None)


def blind_test_sheet(test: BlindTest, catalogue: Catalogue, person: Person) -> BlindTestSheet:
    """Draw the page of a test, with the results if the person may see them."""
    mine = reads.ballots_among(person, [test]).get(test.pk)
    making = reads.progress_of([test])[test.pk]
    sees = may_see_results(test, mine[0] if mine else None)
    closes = test.is_open and making.is_over
    return BlindTestSheet(
        line=_line(test, person, mine, making),
        test=test,
        making=making,
        people=reads.people_of(test),
        contestants=test.contestants.count(),
        results=results_of(test, catalogue, person) if sees else None,
        may_close=closes and reads.closable_by(person).filter(pk=test.pk).exists(),
    )


def may_see_results(test: BlindTest, ballot: Ballot | None) -> bool:
    """Return whether the results can no longer influence a person's votes."""
    return not test.is_open or (ballot is not None and ballot.finished_at is not None)


def _line(
    test: BlindTest, person: Person, mine: tuple[Ballot, int] | None, making: reads.Making
) -> BlindTestLine:
    ballot, judged = mine or (None, 0)
    quota = test.quota if test.ready_at else test.pairs_each
    return BlindTestLine(
        test, _standing(test, ballot, making), judged, quota, test.person_id == person.pk
    )


def _standing(test: BlindTest, ballot: Ballot | None, making: reads.Making) -> str:
    if not test.is_open:
        return CLOSED
    if not making.is_over:
        return MAKING
    return WAITING if ballot and ballot.finished_at else TO_VOTE
