"""Blind tests: buy the pictures as a run, create the pairs, record votes and undo them.

The pictures are bought through `runs.submit_run` like all others. Pairs are written once, when
the first person starts judging after all requests of the run have finished.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations, zip_longest
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from omixa_studio.catalogue import Catalogue
from omixa_studio.forms.blind_tests import LONGEST_NAME, BlindTestAsked, ContestantAsked
from omixa_studio.forms.runs import BY_MODEL
from omixa_studio.models import (
    ActKind,
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

from . import audit, projects, runs
from .audit import Actor
from .refusals import ChoiceRefused
from .submission import Choice, OrderRefused

MOST_REQUESTS = 640
LEFT, RIGHT = "left", "right"


def calls(asked: BlindTestAsked) -> list[tuple[int, int, Choice]]:
    """Return every call of a test: position of its prompt, position of its contestant, choice."""
    return [
        (at, by, part)
        for at, prompt in enumerate(asked.prompts)
        for by, contestant in enumerate(asked.contestants)
        for part in _parts(contestant, prompt, asked)
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

    Raises ChoiceRefused, also for mistakes in the form, NotConfirmed and OrderRefused.
    """
    if asked.faults:
        raise ChoiceRefused(*asked.faults)
    wanted = calls(asked)
    form = _kept_form(asked, wanted)
    try:
        run = submit(
            person,
            form,
            [choice for _at, _by, choice in wanted],
            catalogue=catalogue,
            wake=wake,
            confirmed=asked.confirmed,
            click=click,
            cap_micros=None if asked.cap is None else micros(asked.cap),
        )
    except OrderRefused as refusal:
        refusal.test = form
        raise
    projects.remember(person, asked.project)
    return BlindTest.objects.get(run=run)


def submit(person: Person, form: Mapping[str, Any], choices: Sequence[Choice], **given: Any) -> Run:
    """Queue a test by what is kept of its form, with its choices in the order of its calls.

    `given` is as of `runs.submit_run`, which raises.
    """
    return runs.submit_run(
        person,
        choices,
        kind=RunKind.BLIND,
        axis=BY_MODEL,
        most=MOST_REQUESTS,
        beside=partial(_write, person, form),
        **given,
    )


def join(test: BlindTest, person: Person) -> Ballot:
    """Return the person's ballot in a test, created if missing; write the pairs if due."""
    prepare(test)
    return Ballot.objects.get_or_create(test=test, person=person)[0]


def prepare(test: BlindTest) -> None:
    """Write the pairs once the run has no open request."""
    if test.ready_at is not None or not reads.progress_of([test])[test.pk].is_over:
        return
    with transaction.atomic():
        # A concurrent visit waits here, and then finds the pairs written.
        locked = BlindTest.objects.select_for_update().get(pk=test.pk)
        if locked.ready_at is None:
            pairs = list(_pairs(locked))
            Pair.objects.bulk_create(pairs, batch_size=500)
            rows = BlindTest.objects.filter(pk=test.pk)
            rows.update(pairs=len(pairs), ready_at=Now())
    test.refresh_from_db(fields=["pairs", "ready_at"])


def upcoming(ballot: Ballot, *, first: int | None = None) -> list[Pair]:
    """Return the next pair to judge and the one after it, from those with the fewest votes.

    `first` is the pair already shown as the next one; it comes first if still allowed. The order of
    pairs with equal votes differs by ballot. Empty when the ballot has judged its share.
    """
    left = ballot.test.quota - reads.judged_by(ballot)
    if left <= 0:
        return []
    rows = reads.candidates(ballot)
    whose = ballot.person_id
    rows.sort(key=lambda pair: (pair.pk != first, pair.votes, _draw(whose, pair.pk)))
    return rows[: min(left, 2)]


def first_is_left(person_id: int | None, pair_id: int) -> bool:
    """Return whether the first picture is on the left: random, but fixed per person and pair."""
    return _draw(person_id, pair_id)[0] % 2 == 0


def vote(ballot: Ballot, pair: Pair, said: str) -> bool:
    """Record a ballot's verdict on a pair: left, right, equal or skip.

    Returns False if it is not accepted: already voted, finished, closed, or the share is judged.
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
    """Delete a ballot's last vote; return the id of its pair, None if there is nothing to undo."""
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
    """Finish a ballot, which shows the results; return False while pairs remain to be judged."""
    with transaction.atomic():
        locked = _open_ballot(ballot)
        if locked is None or not locked.test.ready_at or upcoming(locked):
            return False
        Ballot.objects.filter(pk=locked.pk).update(finished_at=Now())
    return True


def close(test: BlindTest, *, by: Actor) -> bool:
    """End the voting and show everybody the results; return False if already closed."""
    with transaction.atomic():
        is_new = BlindTest.objects.filter(pk=test.pk, closed_at=None).update(closed_at=Now())
        if is_new and test.person_id != by.person_id:
            # By its number: a test without a name is called after its first prompt.
            thing = f"test {test.pk}"
            audit.write(ActKind.TEST_CLOSED, by=by, whom=test.person, thing=thing)
    return bool(is_new)


def _parts(contestant: ContestantAsked, prompt: str, asked: BlindTestAsked) -> list[Choice]:
    """Return the calls that make the pictures of a test, split by the model's limit per call."""
    values, pictures = {**contestant.values, "prompt": prompt}, asked.pictures_each
    choice = Choice(model=contestant.model, values=values, project_id=asked.project)
    if pictures == 1:
        return [choice]
    if contestant.model.field("n") is None:
        return [choice] * pictures
    return runs.split(replace(choice, values={**values, "n": pictures}))


def _kept_form(asked: BlindTestAsked, wanted: Sequence[tuple[int, int, Choice]]) -> dict[str, Any]:
    """Return as JSON what a test is besides its pictures, so that it can wait for money."""
    return {
        "name": asked.name or asked.prompts[0][:LONGEST_NAME],
        "prompts": list(asked.prompts),
        "pictures_each": asked.pictures_each,
        "pairs_each": asked.pairs_each,
        "open_to_all": asked.open_to_all,
        "people": list(asked.people),
        "contestants": [[one.model.slug, dict(one.options)] for one in asked.contestants],
        "calls": [[at, by] for at, by, _choice in wanted],
    }


def _write(person: Person, form: Mapping[str, Any], run: Run) -> None:
    rows = Generation.objects.filter(group=run.pk).order_by("id")
    own = ("name", "prompts", "pictures_each", "pairs_each", "open_to_all")
    test = BlindTest.objects.create(
        run=run,
        person=person,
        target=settings.GATEWAY_TARGET,
        **{name: form[name] for name in own},
    )
    contestants = Contestant.objects.bulk_create(
        Contestant(test=test, position=at, model=slug, options=options)
        for at, (slug, options) in enumerate(form["contestants"])
    )
    Sample.objects.bulk_create(
        Sample(generation_id=row, contestant=contestants[by], prompt=at)
        for row, (at, by) in zip(rows.values_list("pk", flat=True), form["calls"], strict=True)
    )
    Ballot.objects.bulk_create(Ballot(test=test, person_id=pk) for pk in form["people"])


def _open_ballot(ballot: Ballot) -> Ballot | None:
    """Return the ballot, locked for the transaction; None if it takes no more votes."""
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
    """Return bytes that look random but are fixed for a person and a pair, keyed by the secret."""
    return salted_hmac("blind test", f"{person_id}:{pair_id}").digest()


def _pairs(test: BlindTest) -> Iterator[Pair]:
    """Yield every pair in judging order: in each round every two contestants meet once."""
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
    """Return the decodable pictures by contestant and prompt."""
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
    """Return the pairs of two contestants in random order, with first and second also random."""
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
