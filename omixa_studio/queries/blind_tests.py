"""Read blind tests: who may see which, the next pair, and the votes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from omixa_studio.models import (
    OPEN_STATES,
    Ballot,
    BlindTest,
    Charge,
    Generation,
    Kind,
    Pair,
    Person,
    Picture,
    Sample,
    State,
    UsedPrompt,
    Vote,
)
from omixa_studio.models.generations import Charged

from .prepared import Prepared

PAGE_LENGTH = 50
# Number of least-voted pairs to choose from; which of them comes first differs by ballot.
CANDIDATES = 12
OLD_PROMPTS = 24


@dataclass(frozen=True)
class Making:
    """How far the pictures of a test are: requests in all, and finished requests."""

    requests: int
    over: int

    @property
    def is_over(self) -> bool:
        return self.over == self.requests


@dataclass(frozen=True)
class SampleCost:
    """One request of a contestant for the results table; micro-dollars, None if unknown."""

    contestant: int
    asked: int
    kept: int
    state: str
    seconds: float | None
    billed_micros: int | None


def visible_to(person: Person) -> QuerySet[BlindTest]:
    """Return the tests that a person made or is invited to, newest first."""
    invited = Ballot.objects.filter(person=person).values("test")
    may = Q(person=person) | Q(open_to_all=True) | Q(pk__in=invited)
    return BlindTest.objects.filter(may).select_related("person").order_by("-id")


def being_judged() -> Exists:
    """Return the condition that a picture is in an open blind test: sharing reveals its model."""
    judged = Sample.objects.filter(contestant__test__closed_at=None)
    return Exists(judged.filter(generation=OuterRef("generation")))


def _open_of_others(person: Person) -> QuerySet[BlindTest, int]:
    rows = BlindTest.objects.filter(closed_at=None).exclude(person=person)
    return rows.values_list("pk", flat=True)[:1]


_OPEN_OF_OTHERS = Prepared(_open_of_others)


def waiting_for(person: Person) -> BlindTest | None:
    """Return the newest test that a person can judge now and has not finished."""
    # Most studios have none, and the question below is a long one.
    if not _OPEN_OF_OTHERS.rows(person):
        return None
    requests = Generation.objects.filter(group=OuterRef("run_id"))
    making, made = requests.filter(state__in=OPEN_STATES), requests.filter(state=State.DONE)
    finished = Ballot.objects.filter(person=person, finished_at__isnull=False).values("test")
    rows = visible_to(person).filter(closed_at=None).exclude(person=person)
    # All may have failed or been cancelled, or what came makes no pair.
    rows = rows.filter(~Exists(making), Exists(made)).exclude(ready_at__isnull=False, pairs=0)
    return rows.exclude(pk__in=finished).first()


def closable_by(person: Person) -> QuerySet[BlindTest]:
    """Return the tests that a person made; for an admin also those of switched-off accounts.

    Only tests that the person sees: an invited-only one of others stays out of sight.
    """
    may = Q(person=person)
    if person.is_admin:
        may |= Q(person=None) | Q(person__is_active=False)
    return visible_to(person).filter(may)


def of_pair(person: Person, pk: int) -> QuerySet[Pair]:
    """Return a pair, with its pictures, of a test that the person may judge."""
    tests = visible_to(person).order_by().values("pk")
    return Pair.objects.filter(pk=pk, test__in=tests).select_related("first", "second", "test")


def ballot_of(test: BlindTest, person: Person) -> Ballot | None:
    """Return the person's ballot in a test, None before their first visit."""
    return Ballot.objects.filter(test=test, person=person).first()


def ballots_among(person: Person, tests: Sequence[BlindTest]) -> dict[int, tuple[Ballot, int]]:
    """Return a person's ballots in some tests, by test, with the number of pairs judged."""
    mine = Ballot.objects.filter(person=person, test__in=tests).annotate(judged=Count("votes"))
    return {ballot.test_id: (ballot, ballot.judged) for ballot in mine}


def progress_of(tests: Sequence[BlindTest]) -> dict[int, Making]:
    """Return how far the pictures of some tests are, by test."""
    runs = {test.run_id: test.pk for test in tests}
    rows = Generation.objects.filter(group__in=runs).order_by()
    is_open = Count("id", filter=Q(state__in=OPEN_STATES))
    counted = rows.values_list("group").annotate(all=Count("id"), open=is_open)
    making = {runs[group]: Making(all_, all_ - open_) for group, all_, open_ in counted}
    return {test.pk: making.get(test.pk, Making(0, 0)) for test in tests}


def offered(test: BlindTest) -> QuerySet[Pair]:
    """Return the pairs whose two pictures both exist and are not in the trash."""
    there = Q(first__trashed_at=None, second__trashed_at=None)
    return Pair.objects.filter(there, test=test, first__isnull=False, second__isnull=False)


def candidates(ballot: Ballot) -> list[Pair]:
    """Return pairs that a ballot has not judged, fewest votes first."""
    judged = Vote.objects.filter(ballot=ballot, pair=OuterRef("pk"))
    rows = offered(ballot.test).filter(~Exists(judged)).select_related("first", "second")
    return list(rows.order_by("votes", "position")[:CANDIDATES])


def judged_by(ballot: Ballot) -> int:
    """Return the number of pairs that a ballot has judged, including skipped ones."""
    return Vote.objects.filter(ballot=ballot).count()


def last_vote(ballot: Ballot) -> Vote | None:
    """Return the newest vote of a ballot, which undo deletes."""
    return Vote.objects.filter(ballot=ballot).order_by("-id").first()


def people_of(test: BlindTest) -> Mapping[str, int]:
    """Return how many people were invited (`all`), have `begun` and have `finished`."""
    done = Q(finished_at__isnull=False)
    begun = Exists(Vote.objects.filter(ballot=OuterRef("pk")))
    ballots = Ballot.objects.filter(test=test)
    return ballots.aggregate(
        all=Count("id"), begun=Count("id", filter=Q(begun)), finished=Count("id", filter=done)
    )


def verdicts(test: BlindTest) -> list[tuple[int, int, str, int]]:
    """Return vote counts of a test: first and second contestant, verdict, number of votes."""
    rows = Vote.objects.filter(pair__test=test).order_by()
    named = rows.values_list("pair__first_by", "pair__second_by", "verdict")
    return list(named.annotate(votes=Count("id")))


def costs_of(test: BlindTest) -> list[SampleCost]:
    """Return every request of a test with the pictures kept and the cost in the ledger."""
    samples = Sample.objects.filter(contestant__test=test)
    generations = samples.values("generation")
    bills = Charge.objects.filter(
        generation_id__in=generations, kind__in=(Kind.CAPTURE, Kind.ADJUSTMENT)
    )
    summed = bills.order_by().values_list("generation_id").annotate(sum=Sum("amount_micros"))
    billed = dict(summed)
    drawn = Picture.objects.filter(generation__in=generations).exclude(thumb="").order_by()
    kept = dict(drawn.values_list("generation").annotate(count=Count("id")))
    return [
        SampleCost(
            contestant=sample.contestant_id,
            asked=sample.generation.count,
            kept=kept.get(sample.generation_id, 0),
            state=sample.generation.state,
            seconds=sample.generation.seconds,
            billed_micros=_billed(sample.generation, billed),
        )
        for sample in samples.select_related("generation").only(
            "contestant_id",
            *(f"generation__{name}" for name in ("count", "state", "seconds", "charged")),
        )
    ]


def recent_prompts(target: str, person: Person) -> dict[int, str]:
    """Return the prompts that a person used last, by row id."""
    used = UsedPrompt.objects.filter(person=person, target=target).exclude(prompt="")
    rows = used.order_by("-last_used_at", "-id").values_list("pk", "prompt")
    return dict(rows[:OLD_PROMPTS])


def _billed(generation: Generation, billed: Mapping[int, int]) -> int | None:
    if generation.charged == Charged.UNKNOWN or generation.state == State.UNKNOWN:
        return None
    return billed.get(generation.pk, 0)
