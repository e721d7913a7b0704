"""Which pictures are kept is counted in the transaction of whatever changes it."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from omixa_studio import kept_counts
from omixa_studio.models import KeptChange, KeptTotal, Person, Picture
from omixa_studio.queries.kept_sums import Dimension, KeptSums, kept_sums
from omixa_studio.queries.similar import shared_before
from omixa_studio.services import collecting, curating, kept, settling
from omixa_studio.services.audit import Actor
from omixa_studio.services.comments import delete_comment
from omixa_studio.worker import Worker, chores
from tests.factories import (
    hold,
    make_charge,
    make_collection,
    make_comment,
    make_generation,
    make_person,
    make_picture,
)

pytestmark = pytest.mark.django_db


def bought(person: Person, **fields: Any) -> Picture:
    """A picture whose request stands in the ledger."""
    generation = make_generation(person, **fields)
    hold(generation)
    make_charge(generation, pictures=1)
    return make_picture(generation)


def sums(**narrowed: Any) -> KeptSums:
    return kept_sums("sandbox", (), **narrowed).get((), KeptSums())


def test_each_way_of_keeping_counts_once_for_a_picture() -> None:
    person = make_person()
    picture = bought(person)
    assert sums() == KeptSums()
    curating.star(person, picture.pk)
    kept.note_downloads([picture.pk, picture.pk])
    make_comment(picture, make_person(), approval="approved", click="c")
    mood = make_collection(person, picture)
    make_collection(person, picture)
    assert sums() == KeptSums(kept=1, starred=1, downloaded=1, approved=1, collected=1)
    curating.unstar(person, picture.pk)
    collecting.remove_pictures(mood, [picture.pk])
    assert sums() == KeptSums(kept=1, downloaded=1, approved=1, collected=1)
    assert kept_counts.differences() == []


def test_what_was_thrown_away_is_not_kept_and_its_share_of_the_bill_is_told() -> None:
    person = make_person()
    one, other = bought(person), bought(person)
    kept.note_downloads([one.pk, other.pk])
    curating.reject(person, one.pk)
    curating.trash(person, other.pk)
    assert sums() == KeptSums(rejected=2, rejected_micros=80_000)
    curating.restore(person, other.pk)
    assert sums() == KeptSums(kept=1, downloaded=1, rejected=1, rejected_micros=40_000)


def test_a_collection_that_is_deleted_keeps_nothing_until_it_is_restored(
    monkeypatch: pytest.MonkeyPatch, worker: Worker
) -> None:
    monkeypatch.setattr(collecting, "BATCH", 2)
    person = make_person()
    pictures = [bought(person) for _ in range(5)]
    mood = make_collection(person, *pictures[:2])
    collecting.add_many(mood, person, [one.pk for one in pictures[2:]])
    by = Actor(person.pk, person.username)
    collecting.delete_collection(mood, by=by)
    assert sums().collected == 3  # the first batch at once
    chores.merge_counts(worker)
    assert sums() == KeptSums()
    collecting.restore_collection(mood, by=by)
    chores.merge_counts(worker)
    assert sums() == KeptSums(kept=5, collected=5)
    assert kept_counts.differences() == []


def test_an_approval_that_is_deleted_keeps_nothing() -> None:
    picture = bought(make_person())
    author = make_person()
    comment = make_comment(picture, author, approval="approved", click="c")
    assert sums().approved == 1
    assert delete_comment(comment, by=Actor(author.pk, author.username))
    assert sums() == KeptSums()


def some(names: tuple[str, ...]) -> Callable[[Person, Picture], object]:
    return lambda person, one: [getattr(curating, name)(person, [one.pk]) for name in names]


CHANGES: dict[str, Callable[[Person, Picture], object]] = {
    **{name: some((name,)) for name in ("star_several", "unstar_several", "reject_several")},
    **{name: some((name,)) for name in ("unreject_several", "trash_several", "restore_several")},
    "collect": lambda person, one: make_collection(person, one),
    "uncollect": lambda person, one: [
        collecting.remove_pictures(item.collection, [one.pk]) for item in one.collected.all()
    ],
    "download": lambda person, one: kept.note_downloads([one.pk]),
    "approve": lambda person, one: Picture.objects.filter(pk=one.pk).update(approval="approved"),
    "decide": lambda person, one: settling.decide_cost(one.generation, billed_micros=5, by="a"),
    "delete": lambda person, one: one.delete(),
    "give up": lambda person, one: Picture.objects.filter(pk=one.pk).update(person=None),
    "merge": lambda person, one: kept.merge(most=3),
}


def test_it_is_never_wrong_after_any_changes() -> None:
    chance, people = random.Random(11), [make_person() for _ in range(3)]
    for step in range(150):
        person = chance.choice(people)
        if step < 20:
            model = f"model-{step % 3}"
            generation = make_generation(person, model=model, charged="unknown")
            hold(generation)
            make_picture(generation)
        mine = list(Picture.objects.filter(person=person)) or [bought(person)]
        CHANGES[chance.choice(list(CHANGES))](person, chance.choice(mine))
        if step % 10 == 0:
            assert kept_counts.differences() == []
    ways: list[tuple[Dimension, ...]] = [(), ("model",), ("person_id",), ("day",)]
    before = {by: kept_sums("sandbox", by) for by in ways}
    kept_counts.count_anew()
    assert kept_counts.differences() == []
    assert {by: kept_sums("sandbox", by) for by in before} == before


def test_sums_are_the_same_before_and_after_the_worker_added_them_up() -> None:
    people = [make_person() for _ in range(2)]
    for n in range(7):
        picture = bought(people[n % 2], model=f"model-{n % 3}")
        curating.star(people[n % 2], picture.pk)
    asked: list[dict[str, Any]] = [
        {"by": ("model",)},
        {"by": ("person_id",), "model": "model-1"},
        {"by": ("model",), "person_id": people[0].pk},
        {"by": ("day", "model")},
        {"by": (), "person_id": people[1].pk},
    ]
    before = [kept_sums("sandbox", **one) for one in asked]
    assert before[0][("model-0",)].kept == 3
    assert before[1] == {
        (people[1].pk,): KeptSums(kept=1, starred=1),
        (people[0].pk,): KeptSums(kept=1, starred=1),
    }
    while kept.merge(most=2):
        pass
    assert not KeptChange.objects.exists()
    assert [kept_sums("sandbox", **one) for one in asked] == before


def test_a_request_whose_picture_somebody_shared_counts_as_had_before() -> None:
    first, second = make_person(), make_person()
    picture = bought(first, request_key=7)
    assert not shared_before(make_generation(second, request_key=7))
    curating.share(first, picture.pk)
    assert not shared_before(make_generation(first, request_key=7))
    again = make_generation(second, request_key=7, had_before=True)
    assert shared_before(again)
    hold(again)
    make_charge(again, amount_micros=30_000)
    make_charge(again, "adjustment", amount_micros=-10_000)
    assert sums() == KeptSums(repeats=1, repeat_micros=20_000)


def test_a_bill_counts_for_the_preset_or_template_it_was_made_from() -> None:
    person = make_person()
    starred = bought(person, template_key=-77)
    bought(person)
    curating.star(person, starred.pk)
    found = kept_sums("sandbox", ("recipe",))
    assert found == {(-77,): KeptSums(kept=1, starred=1, pictures=1, billed_micros=40_000)}
    while kept.merge():
        pass
    assert kept_sums("sandbox", ("recipe",)) == found


def test_the_worker_puts_wrong_counts_right(
    worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    person = make_person()
    curating.star(person, bought(person).pk)
    chores.merge_counts(worker)
    KeptTotal.objects.update(kept=9)
    Picture.objects.update(collected_in=3)
    chores.compare_counts(worker)
    assert "were wrong" in caplog.text
    assert sums() == KeptSums(kept=1, starred=1)
