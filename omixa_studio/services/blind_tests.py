"""Blind tests: buy the pictures as a run, lay out the pairs, take votes and undo them.

The pictures are bought through `runs.submit_run` like any others. Pairs are written once, when
the first person looks and nothing of the run is open any more.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations, zip_longest

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from omixa_studio.catalogue import Catalogue
from omixa_studio.forms.blind_tests import LONGEST_NAME, BlindTestAsked, ContestantAsked
from omixa_studio.forms.runs import BY_MODEL
from omixa_studio.models import (
    Ballot,
    BlindTest,
    Contestant,
    Generation,
    Pair,
    Person,
    Picture,
    Run,
    RunKind,
    Sample,
    Verdict,
    Vote,
    micros,
)
from omixa_studio.queries import blind_tests as reads

from . import runs
from .refusals import ChoiceRefused
from .submission import Choice

MOST_REQUESTS = 640
LEFT, RIGHT = "left", "right"


def calls(asked: BlindTestAsked) -> list[tuple[int, int, Choice]]:
    """Every call that a test stands for: the place of its prompt, of its contestant, the choice."""
    return [
        (at, by, part)
        for at, prompt in enumerate(asked.prompts)
        for by, contestant in enumerate(asked.contestants)
        for part in _parts(contestant, prompt, asked.pictures_each)
    ]


def start(
    person: Person,
    asked: BlindTestAsked,
    *,
    catalogue: Catalogue,
    wake: Callable[[], None],
    click: str | None = None,
) -> BlindTest:
    """Queue the pictures of a test as one run, all or none, once per click.

    Raises ChoiceRefused, also for what was wrong with the form, NotConfirmed and BudgetRefused.
    """
    if asked.faults:
        raise ChoiceRefused(*asked.faults)
    wanted = calls(asked)
    run = runs.submit_run(
        person,
        [choice for _at, _by, choice in wanted],
        kind=RunKind.BLIND,
        catalogue=catalogue,
        wake=wake,
        confirmed=asked.confirmed,
        click=click,
        axis=BY_MODEL,
        cap_micros=None if asked.cap is None else micros(asked.cap),
        most=MOST_REQUESTS,
        beside=lambda run: _write(person, asked, run, wanted),
    )
    return BlindTest.objects.get(run=run)


def join(test: BlindTest, person: Person) -> Ballot:
    """Begin a person's part in a test, and lay out the pairs if the pictures are ready."""
    prepare(test)
    return Ballot.objects.get_or_create(test=test, person=person)[0]


def prepare(test: BlindTest) -> bool:
    """Write the pairs once nothing of the run is open; False while there is, or it was done."""
    if test.ready_at is not None or not reads.progress_of([test])[test.pk].is_over:
        return False
    with transaction.atomic():
        # Who looks at the same moment waits here, and then finds it done.
        locked = BlindTest.objects.select_for_update().get(pk=test.pk)
        if locked.ready_at is None:
            pairs = list(_pairs(locked))
            Pair.objects.bulk_create(pairs, batch_size=500)
            rows = BlindTest.objects.filter(pk=test.pk)
            rows.update(pairs=len(pairs), ready_at=Now())
    test.refresh_from_db(fields=["pairs", "ready_at"])
    return True


def upcoming(ballot: Ballot, *, first: int | None = None) -> list[Pair]:
    """The next pair to judge and the one after it, of those with the fewest votes.

    `first` is the pair that was shown as the next one already, and comes first if it may. Which
    of equally voted pairs comes differs by ballot. Empty when the ballot has judged its share.
    """
    left = ballot.test.quota - reads.judged_by(ballot)
    if left <= 0:
        return []
    rows = reads.candidates(ballot)
    whose = ballot.person_id
    rows.sort(key=lambda pair: (pair.pk != first, pair.votes, _draw(whose, pair.pk)))
    return rows[: min(left, 2)]


def first_is_left(person_id: int | None, pair_id: int) -> bool:
    """Which picture of a pair stands on the left: drawn for each person and pair, and kept."""
    return _draw(person_id, pair_id)[0] % 2 == 0


def vote(ballot: Ballot, pair: Pair, said: str) -> bool:
    """Take a ballot's word on a pair: left, right, equal or skip.

    False where it may not be taken: voted already, finished, closed, or its share is judged.
    """
    verdict = _verdict(ballot, pair, said)
    with transaction.atomic():
        locked = _open_ballot(ballot)
        if locked is None or reads.judged_by(locked) >= locked.test.quota:
            return False
        _vote, is_new = Vote.objects.get_or_create(
            ballot=locked, pair=pair, defaults={"verdict": verdict}
        )
        if is_new and verdict != Verdict.SKIP:
            Pair.objects.filter(pk=pair.pk).update(votes=F("votes") + 1)
    return is_new


def undo(ballot: Ballot) -> int | None:
    """Take back a ballot's last vote; gives the pair, None where nothing can be taken back."""
    with transaction.atomic():
        locked = _open_ballot(ballot)
        last = reads.last_vote(locked) if locked else None
        if last is None:
            return None
        if last.verdict != Verdict.SKIP:
            Pair.objects.filter(pk=last.pair_id).update(votes=F("votes") - 1)
        last.delete()
    return last.pair_id


def finish(ballot: Ballot) -> bool:
    """End a person's part, which shows the results; False while there are pairs to judge."""
    with transaction.atomic():
        locked = _open_ballot(ballot)
        if locked is None or not locked.test.ready_at or upcoming(locked):
            return False
        Ballot.objects.filter(pk=locked.pk).update(finished_at=Now())
    return True


def close(test: BlindTest) -> bool:
    """End the voting and show everybody the results; False: it was closed already."""
    return bool(BlindTest.objects.filter(pk=test.pk, closed_at=None).update(closed_at=Now()))


def _parts(contestant: ContestantAsked, prompt: str, pictures: int) -> list[Choice]:
    """The calls that make so many pictures, however many one call of the model may return."""
    values = {**contestant.values, "prompt": prompt}
    choice = Choice(model=contestant.model, values=values)
    if pictures == 1:
        return [choice]
    if contestant.model.field("n") is None:
        return [choice] * pictures
    return runs.split(replace(choice, values={**values, "n": pictures}))


def _write(
    person: Person,
    asked: BlindTestAsked,
    run: Run,
    wanted: Sequence[tuple[int, int, Choice]],
) -> None:
    rows = Generation.objects.filter(group=run.pk).order_by("id")
    test = BlindTest.objects.create(
        run=run,
        person=person,
        target=settings.GATEWAY_TARGET,
        name=asked.name or asked.prompts[0][:LONGEST_NAME],
        prompts=list(asked.prompts),
        pictures_each=asked.pictures_each,
        pairs_each=asked.pairs_each,
        open_to_all=asked.open_to_all,
    )
    contestants = Contestant.objects.bulk_create(
        Contestant(test=test, position=at, model=one.model.slug, options=dict(one.options))
        for at, one in enumerate(asked.contestants)
    )
    Sample.objects.bulk_create(
        Sample(generation_id=row, contestant=contestants[by], prompt=at)
        for row, (at, by, _choice) in zip(rows.values_list("pk", flat=True), wanted, strict=True)
    )
    Ballot.objects.bulk_create(Ballot(test=test, person_id=pk) for pk in asked.people)


def _open_ballot(ballot: Ballot) -> Ballot | None:
    """The ballot, locked to the end of the transaction; None where it takes no votes any more."""
    rows = Ballot.objects.filter(pk=ballot.pk, finished_at=None, test__closed_at=None)
    return rows.select_related("test").select_for_update(of=("self",)).first()


def _verdict(ballot: Ballot, pair: Pair, said: str) -> Verdict:
    if said not in (LEFT, RIGHT):
        return Verdict(said)
    return (
        Verdict.FIRST
        if (said == LEFT) is first_is_left(ballot.person_id, pair.pk)
        else Verdict.SECOND
    )


def _draw(person_id: int | None, pair_id: int) -> bytes:
    """Chance that stays the same for a person and a pair, and that nobody outside can foretell."""
    return salted_hmac("blind test", f"{person_id}:{pair_id}").digest()


def _pairs(test: BlindTest) -> Iterator[Pair]:
    """Every pair in the order of asking: in each round each two contestants meet once."""
    drawn = random.SystemRandom()
    meetings = [_meetings(test, drawn, *two) for two in combinations(_kept(test), 2)]
    position = 0
    for round_ in zip_longest(*meetings):
        there = [pair for pair in round_ if pair is not None]
        drawn.shuffle(there)
        for pair in there:
            pair.position = position
            position += 1
            yield pair


def _kept(test: BlindTest) -> list[tuple[int, dict[int, list[int]]]]:
    """Of each contestant, the pictures that can be drawn, by prompt."""
    kept: dict[int, dict[int, list[int]]] = {}
    pictures = Picture.objects.filter(generation__sample__contestant__test=test, trashed_at=None)
    rows = pictures.exclude(thumb="").order_by("generation_id", "index")
    for pk, by, prompt in rows.values_list(
        "pk", "generation__sample__contestant", "generation__sample__prompt"
    ):
        kept.setdefault(by, {}).setdefault(prompt, []).append(pk)
    return list(kept.items())


def _meetings(
    test: BlindTest,
    drawn: random.SystemRandom,
    one: tuple[int, dict[int, list[int]]],
    other: tuple[int, dict[int, list[int]]],
) -> list[Pair]:
    """The pairs of two contestants in a drawn order, first and second drawn as well."""
    pairs = []
    for prompt in one[1].keys() & other[1].keys():
        for two in zip(one[1][prompt], other[1][prompt], strict=False):
            sides = list(zip(two, (one[0], other[0]), strict=True))
            drawn.shuffle(sides)
            (first, first_by), (second, second_by) = sides
            pairs.append(
                Pair(
                    test=test,
                    prompt=prompt,
                    first_id=first,
                    second_id=second,
                    first_by_id=first_by,
                    second_by_id=second_by,
                )
            )
    drawn.shuffle(pairs)
    return pairs
