"""Blind tests: pictures bought as one run, pairs laid out once, votes counted and taken back."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.http import QueryDict

from omixa_studio.catalogue import load_catalogue
from omixa_studio.forms.blind_tests import BlindTestAsked, read_blind_test
from omixa_studio.models import (
    Ballot,
    BlindTest,
    Generation,
    Pair,
    Person,
    Picture,
    Run,
    Sample,
    Vote,
)
from omixa_studio.queries import blind_tests as reads
from omixa_studio.services import blind_tests
from omixa_studio.services.audit import STUDIO
from omixa_studio.services.budget import BudgetRefused
from omixa_studio.services.refusals import ChoiceRefused
from tests.factories import make_blind_test, make_limit, make_person

pytestmark = pytest.mark.django_db
IMAGEN, GPT = "imagen-4.0-generate-001", "gpt-image-1.5"


def asked(**more: Any) -> BlindTestAsked:
    form = QueryDict(mutable=True)
    basis = {"prompts": "a fox\na hare", "models": [IMAGEN, GPT], f"quality:{GPT}": ["low", "high"]}
    for name, value in {**basis, **more}.items():
        form.setlist(name, value if isinstance(value, list) else [value])
    return read_blind_test(load_catalogue(None), form, old={}, people=())


def started(person: Person, form: BlindTestAsked, click: str | None = None) -> BlindTest:
    return blind_tests.start(
        person, form, catalogue=load_catalogue(None), wake=lambda: None, click=click
    )


def judge_all(ballot: Ballot, said: str = "left") -> int:
    count = 0
    while found := blind_tests.upcoming(ballot):
        assert blind_tests.vote(ballot, found[0], said)
        count += 1
    return count


def _sides(ballot: Ballot, pairs: Sequence[Pair]) -> list[bool]:
    return [blind_tests.first_is_left(ballot.person_id, pair.pk) for pair in pairs]


def test_it_queues_every_prompt_for_every_contestant_once_per_click() -> None:
    person = make_person()
    form = asked(each="3", confirmed="yes", cap="2.50")
    test = started(person, form, "abc")
    assert started(person, form, "abc").pk == test.pk
    rows = Generation.objects.filter(group=test.run_id).order_by("id")
    made = [(row.prompt, row.model, row.options.get("quality"), row.count) for row in rows]
    assert made == [
        (prompt, model, quality, 3)
        for prompt in ("a fox", "a hare")
        for model, quality in ((IMAGEN, None), (GPT, "low"), (GPT, "high"))
    ]
    assert (test.run.kind, test.run.cap_micros, test.name) == ("blind", 2_500_000, "a fox")
    samples = Sample.objects.order_by("id")
    assert [(s.prompt, s.contestant.position) for s in samples] == [
        (at, by) for at in range(2) for by in range(3)
    ]


def test_it_asks_a_model_without_a_count_once_per_picture() -> None:
    banana = "gemini-2.0-flash-preview-image-generation"
    model = load_catalogue(None).models[banana]
    form = asked(models=[banana, IMAGEN], each="3")
    parts = [choice for _at, by, choice in blind_tests.calls(form) if by == 0]
    assert sum(part.count for part in parts) == 6
    assert model.field("n") is not None or len(parts) == 6


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"prompts": " "}, "Write at least one prompt."),
        ({"prompts": "{a|b|c|d|e}{a|b|c|d|e}"}, "at most 20 prompts"),
        ({"models": [IMAGEN]}, "between two and 12"),
        ({"models": ["nothing", "bria-remove-background", IMAGEN]}, "between two and 12"),
        ({"voters": "some", "people": "7"}, "Choose who votes"),
        ({"cap": "lots"}, "dollars and cents"),
    ],
)
def test_it_says_what_is_wrong_and_queues_nothing(more: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ChoiceRefused) as refused:
        started(make_person(), asked(**more))
    assert sentence in " ".join(fault.sentence for fault in refused.value.faults)
    assert not Generation.objects.exists()


def test_it_leaves_nothing_behind_where_the_money_does_not_reach() -> None:
    person = make_person()
    make_limit(person.pk, 50_000)
    with pytest.raises(BudgetRefused):
        started(person, asked())
    assert [rows.objects.count() for rows in (Run, BlindTest, Sample)] == [0, 0, 0]


def test_it_lays_out_pairs_once_when_nothing_is_open_any_more() -> None:
    test = make_blind_test(prompts=2, pictures=2, models=("a", "b", "c"))
    row = Generation.objects.filter(group=test.run_id)[0]
    Generation.objects.filter(pk=row.pk).update(state="queued")
    blind_tests.join(test, make_person())
    assert not Pair.objects.exists()
    Generation.objects.filter(pk=row.pk).update(state="done")
    for _ in range(2):
        blind_tests.join(test, make_person())
    # Three meetings of two contestants, two prompts, the n-th picture against the n-th.
    assert Pair.objects.count() == test.pairs == 12
    for pair in Pair.objects.select_related("first__generation", "second__generation"):
        assert pair.first is not None
        assert pair.second is not None
        assert pair.first.generation.prompt == pair.second.generation.prompt
        assert pair.first.index == pair.second.index
        assert pair.first.model != pair.second.model


def test_the_first_pairs_are_spread_over_all_meetings() -> None:
    test = make_blind_test(prompts=3, models=("a", "b", "c", "d"))
    blind_tests.prepare(test)
    meetings = [
        frozenset((pair.first_by_id, pair.second_by_id))
        for pair in Pair.objects.order_by("position")
    ]
    assert len(set(meetings[:6])) == len(set(meetings[6:12])) == 6


def test_what_failed_is_no_pair() -> None:
    test = make_blind_test(prompts=2)
    lost = Generation.objects.filter(group=test.run_id)[0]
    lost.pictures.all().delete()
    Generation.objects.filter(pk=lost.pk).update(state="failed")
    blind_tests.prepare(test)
    assert test.pairs == 1


def test_it_offers_the_pairs_with_the_fewest_votes() -> None:
    test = make_blind_test(prompts=6)
    ballots = [blind_tests.join(test, make_person()) for _ in range(4)]
    for ballot in (*ballots, *ballots[:2]):
        blind_tests.vote(ballot, blind_tests.upcoming(ballot)[0], "equal")
    assert list(Pair.objects.values_list("votes", flat=True)) == [1] * 6


def test_it_keeps_to_the_pair_that_was_shown_as_the_next() -> None:
    test = make_blind_test(prompts=6)
    ballot = blind_tests.join(test, make_person())
    then = blind_tests.upcoming(ballot)[1]
    assert blind_tests.upcoming(ballot, first=then.pk)[0] == then
    blind_tests.vote(ballot, then, "skip")
    assert then not in blind_tests.upcoming(ballot, first=then.pk)


def test_sides_differ_by_ballot_and_pair_and_stay() -> None:
    test = make_blind_test(prompts=10)
    ballots = [blind_tests.join(test, make_person()) for _ in range(4)]
    pairs = list(Pair.objects.all())
    drawn = [_sides(ballot, pairs) for ballot in ballots]
    assert drawn == [_sides(ballot, pairs) for ballot in ballots]
    assert len({tuple(row) for row in drawn}) == 4


def test_it_counts_what_was_on_the_left_whatever_that_was() -> None:
    test = make_blind_test(prompts=8)
    ballot = blind_tests.join(test, make_person())
    for pair in Pair.objects.all():
        assert blind_tests.vote(ballot, pair, "left")
        said = Vote.objects.get(ballot=ballot, pair=pair).verdict
        assert (said == "first") is _sides(ballot, [pair])[0]


def test_it_takes_one_vote_per_pair_until_the_share_is_judged() -> None:
    test = make_blind_test(prompts=6, pairs_each=5)
    ballot = blind_tests.join(test, make_person())
    first = blind_tests.upcoming(ballot)[0]
    assert blind_tests.vote(ballot, first, "left")
    assert not blind_tests.vote(ballot, first, "right")
    assert judge_all(ballot) == 4
    rest = Pair.objects.exclude(pk__in=Vote.objects.values("pair")).get()
    assert not blind_tests.vote(ballot, rest, "left")


def test_it_takes_back_one_vote_after_the_other() -> None:
    test = make_blind_test(prompts=3)
    ballot = blind_tests.join(test, make_person())
    shown = []
    for said in ("left", "skip", "equal"):
        shown.append(blind_tests.upcoming(ballot)[0])
        blind_tests.vote(ballot, shown[-1], said)
    assert [blind_tests.undo(ballot) for _ in range(4)] == [
        *(pair.pk for pair in reversed(shown)),
        None,
    ]
    assert set(Pair.objects.values_list("votes", flat=True)) == {0}


def test_it_ends_with_the_last_pair_and_then_takes_nothing() -> None:
    test = make_blind_test(prompts=2)
    ballot = blind_tests.join(test, make_person())
    assert not blind_tests.finish(ballot)
    last = Pair.objects.last()
    judge_all(ballot)
    assert blind_tests.finish(ballot)
    assert not blind_tests.finish(ballot)
    assert blind_tests.undo(ballot) is None
    assert last is not None
    assert not blind_tests.vote(ballot, last, "left")


def test_a_closed_test_takes_no_votes() -> None:
    test = make_blind_test()
    ballot = blind_tests.join(test, make_person())
    pair = blind_tests.upcoming(ballot)[0]
    assert blind_tests.close(test, by=STUDIO)
    assert not blind_tests.close(test, by=STUDIO)
    assert not blind_tests.vote(ballot, pair, "left")
    assert not Vote.objects.exists()


def test_a_picture_in_the_trash_is_offered_no_more() -> None:
    test = make_blind_test(prompts=2)
    ballot = blind_tests.join(test, make_person())
    gone = blind_tests.upcoming(ballot)[0]
    Picture.objects.filter(pk=gone.first_id or 0).update(trashed_at="2026-01-01T00:00Z")
    assert [pair.pk for pair in blind_tests.upcoming(ballot)] != []
    assert gone not in blind_tests.upcoming(ballot)
    Picture.objects.all().delete()
    assert blind_tests.upcoming(ballot) == []
    assert blind_tests.finish(ballot)


def test_it_sees_own_tests_and_those_it_is_invited_to() -> None:
    maker, invited, other = make_person(), make_person(), make_person()
    test = make_blind_test(maker, open_to_all=False)
    Ballot.objects.create(test=test, person=invited)
    seen = [reads.visible_to(one).filter(pk=test.pk).exists() for one in (maker, invited, other)]
    assert seen == [True, True, False]


def test_the_next_pair_costs_the_same_among_very_many(
    django_assert_num_queries: Any,
) -> None:
    test = make_blind_test(prompts=2)
    ballot = blind_tests.join(test, make_person())
    pair = Pair.objects.first()
    assert pair is not None
    first, second = pair.first_id, pair.second_id
    Pair.objects.bulk_create(
        Pair(
            test=test,
            prompt=0,
            first_id=first,
            second_id=second,
            first_by=pair.first_by,
            second_by=pair.second_by,
            position=100 + number,
        )
        for number in range(3000)
    )
    with django_assert_num_queries(2):
        assert len(blind_tests.upcoming(ballot)) == 2
