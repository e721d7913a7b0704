"""Rules of how long pictures are kept: told first, then erased, never what is held by something."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from omixa_studio import gallery_counts, kept_counts, storage
from omixa_studio.models import (
    Act,
    ActKind,
    Charge,
    GenerationInput,
    InputImage,
    Notice,
    Person,
    Picture,
    RetentionRule,
)
from omixa_studio.queries import balance_check
from omixa_studio.queries.retention import preview, trash_days_of
from omixa_studio.services import curating, people, retention
from omixa_studio.services.audit import STUDIO
from omixa_studio.services.retention import RetentionTerms, set_retention
from omixa_studio.worker import Worker, chores
from tests.factories import (
    make_charge,
    make_collection,
    make_generation,
    make_link,
    make_person,
    make_picture,
)

pytestmark = pytest.mark.django_db
OLD = timedelta(days=100)


@pytest.fixture
def jon() -> Person:
    return make_person("jon")


def old(person: Person, *, age: timedelta = OLD, **fields: Any) -> Picture:
    made = fields.pop("made", None) or make_generation(person)
    return make_picture(made, created_at=timezone.now() - age, **fields)


def rule(**days: int) -> None:
    set_retention("member", RetentionTerms(**days), by=STUDIO)


def begin() -> None:
    while retention.warn():
        continue
    Notice.objects.update(created_at=timezone.now() - timedelta(days=8))
    RetentionRule.objects.update(starts_at=timezone.now() - timedelta(seconds=1))


def test_it_is_off_until_somebody_says_so(jon: Person, worker: Worker) -> None:
    old(jon, verdict="rejected")
    old(jon)
    chores.empty(worker)
    assert Picture.objects.count() == 2


def test_it_tells_people_a_week_before(jon: Person, worker: Worker) -> None:
    admin = make_person(role="admin")
    old(jon, verdict="rejected")
    rule(rejected=30)
    for _ in range(2):
        chores.empty(worker)
    notice = Notice.objects.get()
    assert (notice.person, notice.kind) == (jon, "retention_begins")
    assert Picture.objects.count() == 1
    starts = RetentionRule.objects.get().starts_at
    assert starts is not None
    assert timedelta(days=6) < starts - timezone.now() <= timedelta(days=7)
    begin()
    chores.empty(worker)
    assert not Picture.objects.exists()
    assert Act.objects.get(kind=ActKind.ERASED).after == "1 rejected"
    assert admin


def test_a_sharper_rule_is_told_anew_and_a_milder_one_goes_on(jon: Person) -> None:
    rule(rejected=30)
    begin()
    rule(rejected=60)
    assert RetentionRule.objects.get().starts_at is not None
    rule(rejected=60, unkept=90)
    assert RetentionRule.objects.get().starts_at is None
    rule()
    assert not RetentionRule.objects.exists()
    assert Act.objects.filter(kind=ActKind.RETENTION).count() == 4


def test_it_erases_files_and_rows_and_leaves_sums_right(jon: Person, worker: Worker) -> None:
    made = make_generation(jon)
    make_charge(made, amount_micros=40_000)
    gone, young = old(jon, made=made), old(jon, age=timedelta(days=10))
    of_manager = old(make_person(role="manager"))
    rule(unkept=30)
    begin()
    chores.empty(worker)
    assert set(Picture.objects.all()) == {young, of_manager}
    assert storage.size(gone.name) is None
    assert Charge.objects.filter(generation_id=made.pk).count() == 1
    assert not gallery_counts.differences()
    assert not kept_counts.differences()
    assert not balance_check.differences()


def starred(picture: Picture) -> None:
    Picture.objects.filter(pk=picture.pk).update(winner=True, verdict="")


def shared(picture: Picture) -> None:
    Picture.objects.filter(pk=picture.pk).update(shared=True)


def downloaded(picture: Picture) -> None:
    Picture.objects.filter(pk=picture.pk).update(downloaded=True)


def collected(picture: Picture) -> None:
    assert picture.person
    make_collection(picture.person, picture)


def linked(picture: Picture) -> None:
    assert picture.person
    make_link(picture.person, picture)


def unclear(picture: Picture) -> None:
    type(picture.generation).objects.filter(pk=picture.generation_id).update(state="unknown")


def sent_along(picture: Picture) -> None:
    image = InputImage.objects.create(
        person=picture.person,
        sha256="1" * 64,
        name="inputs/x.png",
        mime="image/png",
        width=1,
        height=1,
        bytes=1,
        picture=picture,
    )
    waiting = make_generation(picture.person, state="queued")
    GenerationInput.objects.create(generation=waiting, image=image, position=0)


@pytest.mark.parametrize("hold", [starred, collected, linked, unclear, sent_along])
def test_it_never_erases_what_something_holds(
    jon: Person, worker: Worker, hold: Callable[[Picture], None]
) -> None:
    rejected, plain = old(jon, verdict="rejected"), old(jon)
    for picture in (rejected, plain):
        if hold is not sent_along or picture == plain:
            hold(picture)
    rule(rejected=1, unkept=1)
    begin()
    assert preview("member", trash=None, rejected=1, unkept=1)["unkept"].pictures == 0
    chores.empty(worker)
    left = set(Picture.objects.values_list("pk", flat=True))
    assert left >= {plain.pk}
    assert rejected.pk in left or hold is sent_along


@pytest.mark.parametrize("hold", [shared, downloaded])
def test_it_keeps_what_somebody_kept(
    jon: Person, worker: Worker, hold: Callable[[Picture], None]
) -> None:
    hold(old(jon))
    rule(unkept=1)
    begin()
    chores.empty(worker)
    assert Picture.objects.count() == 1


def test_the_trash_of_a_role_may_be_longer_or_shorter(jon: Person, worker: Worker) -> None:
    manager = make_person(role="manager")
    of_jon, of_manager = (
        make_picture(make_generation(one), trashed_at=timezone.now() - timedelta(days=10))
        for one in (jon, manager)
    )
    rule(trash=7)
    chores.empty(worker)
    assert trash_days_of(jon) == 30
    assert curating.restore(jon, of_jon.pk)
    assert curating.trash(jon, of_jon.pk)
    Picture.objects.update(trashed_at=timezone.now() - timedelta(days=10))
    begin()
    assert trash_days_of(jon) == 7
    assert not curating.restore(jon, of_jon.pk)
    chores.empty(worker)
    assert list(Picture.objects.all()) == [of_manager]
    set_retention("manager", RetentionTerms(trash=60), by=STUDIO)
    chores.empty(worker)
    assert not Notice.objects.filter(person=manager).exists(), "nothing more is erased"
    Picture.objects.update(trashed_at=timezone.now() - timedelta(days=50))
    chores.empty(worker)
    assert curating.restore(manager, of_manager.pk)


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="one writes at a time")
@pytest.mark.django_db(transaction=True)
def test_a_link_that_is_being_made_holds_its_picture(jon: Person) -> None:
    picture = old(jon)
    rule(unkept=1)
    begin()
    erasing = threading.Thread(target=in_thread, args=(retention.erase_due,))
    with transaction.atomic():
        make_link(jon, picture)
        erasing.start()
        until_somebody_waits()
    erasing.join()
    assert Picture.objects.filter(trashed_at=None).get() == picture


def in_thread(work: Callable[[], object]) -> None:
    try:
        work()
    finally:
        connection.close()


def until_somebody_waits() -> None:
    """Wait until a connection waits for a lock."""
    for _try in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits")


def test_who_comes_into_a_role_later_is_told_first(jon: Person, worker: Worker) -> None:
    ada = make_person("ada", role="manager")
    picture = old(ada)
    rule(unkept=1)
    begin()
    people.change_role(ada, "member", by=STUDIO)
    chores.empty(worker)
    assert Picture.objects.get() == picture
    assert Notice.objects.filter(person=ada, kind="retention_begins").count() == 1
    begin()
    chores.empty(worker)
    assert not Picture.objects.exists()


def test_it_goes_in_small_batches(jon: Person) -> None:
    for _ in range(3):
        old(jon)
    rule(unkept=1)
    begin()
    assert [retention.erase_due(most=2) for _ in range(3)] == [2, 1, 0]
