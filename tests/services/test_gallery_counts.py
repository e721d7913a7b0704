"""What each month of a gallery holds is counted in the transaction of each change."""

import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from omixa_studio import gallery_counts, ledger_guard
from omixa_studio.gallery_counts import differences
from omixa_studio.models import (
    CalendarMonth,
    Collection,
    CollectionItem,
    MonthCount,
    Person,
    Picture,
)
from omixa_studio.queries.galleries import gallery_of
from omixa_studio.queries.geometry import version_of
from omixa_studio.queries.month_counts import CountedMonth, counted_months_of
from omixa_studio.services import curating, month_counts, settling
from omixa_studio.worker import Worker, chores
from tests.factories import make_generation, make_person, make_picture

pytestmark = pytest.mark.django_db


def counted(kind: str, person: Person | None = None) -> list[CountedMonth]:
    return list(counted_months_of(kind, person.pk if person else 0, target="sandbox"))


def held(kind: str, person: Person | None = None) -> dict[str, tuple[int, int, int]]:
    months = counted(kind, person)
    return {one.name: (one.pictures, one.billed_micros, one.unknown) for one in months}


def version(person: Person, **values: str) -> str:
    gallery = gallery_of("mine", person, values)
    return version_of(gallery, gallery.counted_months())


def hang(person: Person, at: datetime, **fields: Any) -> Picture:
    return make_picture(make_generation(person), created_at=at, **fields)


def test_it_counts_what_every_change_makes_of_a_month() -> None:
    person, at = make_person(), datetime(2026, 5, 4, tzinfo=UTC)
    picture = hang(person, at)
    assert held("mine", person) == {"2026-05": (1, 40_000, 0)}
    assert held("team") == {}
    curating.share(person, picture.pk)
    assert held("team") == {"2026-05": (1, 40_000, 0)}
    curating.trash(person, picture.pk)
    assert held("mine", person) == held("team") == {"2026-05": (0, 0, 0)}
    assert held("trash", person) == {f"{timezone.localdate():%Y-%m}": (1, 40_000, 0)}
    curating.restore(person, picture.pk)
    Picture.objects.update(cost_micros=None)
    assert held("mine", person) == held("team") == {"2026-05": (1, 0, 1)}
    picture.delete()
    assert held("mine", person) == held("team") == {"2026-05": (0, 0, 0)}
    assert differences() == []


def test_it_leaves_out_what_another_target_cost() -> None:
    person = make_person()
    make_picture(make_generation(person, target="www.omixa.cloud"))
    make_picture(make_generation(person))
    [month] = counted("mine", person)
    assert (month.pictures, month.billed_micros) == (2, 40_000)


CHANGES: dict[str, Callable[[Person, Picture], object]] = {
    "share": lambda person, one: curating.share(person, one.pk),
    "hide": lambda person, one: curating.make_private(person, one.pk),
    "trash": lambda person, one: curating.trash(person, one.pk),
    "restore": lambda person, one: curating.restore(person, one.pk),
    "star": lambda person, one: curating.star(person, one.pk),
    "cost": lambda person, one: Picture.objects.filter(pk=one.pk).update(cost_micros=7),
    "give up": lambda person, one: Picture.objects.filter(pk=one.pk).update(person=None),
    "delete": lambda person, one: Picture.objects.filter(pk=one.pk).delete(),
    "decide": lambda person, one: settling.decide_cost(one.generation, billed_micros=5, by="a"),
    "merge": lambda person, one: month_counts.merge(most=3),
}


def test_it_is_never_wrong_after_any_changes() -> None:
    chance, people = random.Random(7), [make_person() for _ in range(3)]
    for step in range(120):
        person = chance.choice(people)
        at = datetime(2026, chance.randint(1, 12), chance.randint(1, 28), tzinfo=UTC)
        if step < 20:
            generation = make_generation(person, state="done", charged="unknown")
            make_picture(generation, created_at=at, shared=step % 2 == 0)
        picture = chance.choice(list(Picture.objects.all()) or [hang(person, at)])
        CHANGES[chance.choice(list(CHANGES))](person, picture)
    assert differences() == []
    assert MonthCount.objects.count() > 0


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({"winner": True}, "filtered"),
        ({"verdict": "rejected"}, "filtered"),
        ({"approval": "approved"}, "filtered"),
        ({"shared": True}, "both"),
        ({"aspect": 90}, "both"),
        ({"thumb": "other"}, "neither"),
    ],
)
def test_a_version_differs_after_what_can_be_seen(change: dict[str, object], differs: str) -> None:
    person = make_person()
    picture = make_picture(make_generation(person))

    def versions() -> list[str]:
        return [version(person), version(person, star="1")]

    before = versions()
    Picture.objects.filter(pk=picture.pk).update(**change)
    whole, filtered = (old != new for old, new in zip(before, versions(), strict=True))
    assert (whole, filtered) == (differs == "both", differs != "neither")


def test_a_version_of_a_filter_differs_after_a_link_to_a_collection() -> None:
    person = make_person()
    picture = make_picture(make_generation(person))
    before = version(person, star="1")
    collection = Collection.objects.create(owner=person, name="Harbours")
    CollectionItem.objects.create(
        collection=collection, picture=picture, position=1, created_at=picture.created_at
    )
    assert version(person, star="1") != before


def test_it_counts_nothing_of_what_is_rolled_back() -> None:
    person = make_person()
    with transaction.atomic():
        make_picture(make_generation(person))
        assert held("mine", person)
        transaction.set_rollback(True)
    assert held("mine", person) == {}


@pytest.mark.parametrize(
    ("zone", "at", "month"),
    [
        ("UTC", "2026-03-31T23:59:59.999", "2026-03"),
        ("UTC", "2026-04-01T00:00:00", "2026-04"),
        ("Europe/Moscow", "2026-03-31T21:00:00", "2026-04"),
        ("Europe/Berlin", "2026-03-31T21:59:59.999", "2026-03"),  # summer time since the 29th
        ("Europe/Berlin", "2026-10-31T22:59:59.999", "2026-10"),  # and no more since the 25th
        ("America/St_Johns", "2026-01-01T03:29:59", "2025-12"),
        ("Asia/Kathmandu", "2026-01-31T18:15:00", "2026-02"),
        ("UTC", "1999-01-01T00:00:00", "2020-01"),  # before any
    ],
)
def test_a_month_is_that_of_the_studio_after_its_time_zone_changed(
    settings: Settings, zone: str, at: str, month: str
) -> None:
    person = make_person()
    hang(person, datetime.fromisoformat(at).replace(tzinfo=UTC))
    settings.TIME_ZONE = zone
    gallery_counts.keep_counts()
    assert list(held("mine", person)) == [month]
    hang(person, datetime.fromisoformat(at).replace(tzinfo=UTC))
    assert held("mine", person)[month][0] == 2
    assert differences() == []
    settings.TIME_ZONE = "UTC"
    gallery_counts.keep_counts()


def test_merging_leaves_one_row_per_month_and_target() -> None:
    person = make_person()
    for _ in range(5):
        hang(person, datetime(2026, 5, 4, tzinfo=UTC))
    before = counted("mine", person)
    while month_counts.merge(most=2):
        pass
    assert counted("mine", person) == before
    assert MonthCount.objects.filter(kind="mine", person_id=person.pk).count() == 1
    assert month_counts.merge() == 0


def test_the_worker_puts_wrong_counts_right(
    worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    person = make_person()
    hang(person, datetime(2026, 5, 4, tzinfo=UTC))
    MonthCount.objects.update(pictures=4)
    chores.compare_counts(worker)
    assert "were wrong" in caplog.text
    assert held("mine", person) == {"2026-05": (1, 40_000, 0)}
    caplog.clear()
    chores.compare_counts(worker)
    assert not caplog.records


def test_pictures_of_a_large_load_are_counted_at_its_end() -> None:
    person = make_person()
    with gallery_counts.counted_at_the_end():
        hang(person, datetime(2026, 5, 4, tzinfo=UTC))
        assert held("mine", person) == {}
    assert held("mine", person) == {"2026-05": (1, 40_000, 0)}


@pytest.mark.django_db(transaction=True)
def test_changes_at_once_neither_wait_for_each_other_nor_are_lost() -> None:
    people = [make_person() for _ in range(4)]
    mine = {one.pk: [make_picture(make_generation(one)) for _ in range(6)] for one in people}
    start, done = threading.Barrier(2 * len(people)), list[Person]()

    def change(person: Person, *, forwards: bool) -> None:
        try:
            start.wait()
            for picture in mine[person.pk][:: 1 if forwards else -1]:
                with transaction.atomic():
                    curating.share(person, picture.pk)
                    make_picture(picture.generation, index=1 if forwards else 2, shared=True)
                    curating.trash(person, picture.pk)
                month_counts.merge(most=5)
                curating.restore(person, picture.pk)
            done.append(person)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=change, args=(one,), kwargs={"forwards": way})
        for one in people
        for way in (True, False)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == len(threads)
    assert differences() == []
    assert sum(pictures for pictures, *_ in held("team").values()) == 4 * 6 * 3


@pytest.mark.django_db(transaction=True)
def test_emptied_tables_leave_no_counts_and_a_calendar() -> None:
    make_picture(make_generation(make_person()))
    with ledger_guard.changes_allowed():
        call_command("flush", interactive=False, verbosity=0)
    assert not MonthCount.objects.exists()
    assert CalendarMonth.objects.get(name="2026-11").starts_at == datetime(2026, 11, 1, tzinfo=UTC)
