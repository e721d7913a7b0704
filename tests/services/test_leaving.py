"""Removing a person: closed now, private pictures handed over or erased later, costs kept."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone

from omixa_studio import gallery_counts, kept_counts, storage
from omixa_studio.models import (
    Act,
    ActKind,
    AnswerFile,
    Charge,
    Collection,
    GenerationInput,
    Leaving,
    Notice,
    Person,
    Picture,
)
from omixa_studio.queries import balance_check, cost_check
from omixa_studio.services import inputs, leaving, people, verifying
from omixa_studio.services.audit import Actor
from omixa_studio.services.tagging import tag_pictures
from omixa_studio.services.verifying import Finding
from omixa_studio.worker import Worker, chores
from tests.factories import (
    draw_png,
    make_answer_file,
    make_charge,
    make_collection,
    make_export,
    make_generation,
    make_link,
    make_person,
    make_picture,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Person:
    return make_person("mara", role="admin")


@pytest.fixture
def jon() -> Person:
    return make_person("jon")


def by(person: Person) -> Actor:
    return Actor(person.pk, person.username)


def remove(person: Person, admin: Person, *, heir: Person | None = None) -> None:
    leaving.remove(person, heir=heir, days=30, by=by(admin))


def let_the_day_come() -> None:
    Leaving.objects.update(due_at=timezone.now() - timedelta(seconds=1))


def assert_sums_are_right() -> None:
    assert not gallery_counts.differences()
    assert not kept_counts.differences()
    assert not balance_check.differences()
    assert not cost_check.wrong_totals()


def test_it_closes_the_account_at_once_and_touches_no_picture(
    jon: Person, admin: Person, worker: Worker
) -> None:
    waiting = make_generation(jon, state="queued")
    private, link = make_picture(make_generation(jon)), make_link(jon)
    remove(jon, admin)
    chores.empty(worker)
    for row in (jon, waiting, private, link):
        row.refresh_from_db()
    assert (jon.is_active, waiting.state) == (False, "cancelled")
    assert link.revoked_at is not None
    assert private.person == jon
    due = Leaving.objects.get(person=jon).due_at
    assert timedelta(days=29) < due - timezone.now() < timedelta(days=30)
    assert Act.objects.get(kind=ActKind.REMOVED).after == "30"


def test_it_erases_what_was_private_and_keeps_what_was_shared(
    jon: Person, admin: Person, worker: Worker
) -> None:
    made = make_generation(jon)
    make_charge(made, amount_micros=40_000)
    private, shared = (
        make_picture(made, winner=True),
        make_picture(make_generation(jon), shared=True),
    )
    other = make_picture(make_generation(admin))
    answer = make_answer_file(make_generation(jon))
    remove(jon, admin)
    let_the_day_come()
    chores.empty(worker)
    assert set(Picture.objects.all()) == {shared, other}
    assert not AnswerFile.objects.exists()
    for name in (private.name, private.thumb, answer.name):
        assert storage.size(name) is None
    assert storage.size(shared.name)
    assert Charge.objects.get(generation_id=made.pk).person_name
    assert Leaving.objects.get(person=jon).handled == 1
    assert Act.objects.get(kind=ActKind.LEFT).after == "1"
    assert_sums_are_right()


def test_it_erases_uploads_copies_and_exports_of_the_person(
    jon: Person, admin: Person, worker: Worker
) -> None:
    private = make_picture(make_generation(jon), size=(96, 64))
    shared = make_picture(make_generation(jon), size=(64, 96), shared=True)
    upload = inputs.keep_upload(jon, BytesIO(draw_png((80, 80))))
    copies = [inputs.keep_picture(jon, one) for one in (private, shared)]
    other = inputs.keep_upload(admin, BytesIO(draw_png((80, 80))))
    names = [image.name for image in (upload, *copies, other)]
    for position, image in enumerate((upload, *copies)):
        GenerationInput.objects.create(generation=shared.generation, image=image, position=position)
    export = make_export(jon)
    remove(jon, admin)
    let_the_day_come()
    chores.empty(worker)
    assert [storage.size(name) is not None for name in names] == [False, False, True, True]
    assert shared.generation.sent_inputs.count() == 3, "what was made from what is still known"
    assert not [said for said in verifying.verify() if isinstance(said, Finding)]
    export.refresh_from_db()
    assert export.deleted_at
    people.reactivate(jon, by=by(admin))
    again = inputs.keep_upload(jon, BytesIO(draw_png((80, 80))))
    assert again.pk != upload.pk
    assert storage.size(again.name)


def test_a_file_that_cannot_be_deleted_keeps_one_removal_open_and_no_other(
    jon: Person, admin: Person, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = make_picture(make_generation(jon))
    eve = make_person("eve")
    make_picture(make_generation(eve))
    remove(jon, admin)
    remove(eve, admin)
    let_the_day_come()
    erase = storage.remove

    def refuse(name: str) -> None:
        if name == stuck.name:
            raise PermissionError(13, "Permission denied", name)
        erase(name)

    monkeypatch.setattr(storage, "remove", refuse)
    chores.empty(worker)
    assert list(Picture.objects.all()) == [stuck]
    assert list(Leaving.objects.exclude(done_at=None).values_list("person", flat=True)) == [eve.pk]
    monkeypatch.undo()
    chores.empty(worker)
    assert not Picture.objects.exists()
    assert not Leaving.objects.filter(done_at=None).exists()
    assert_sums_are_right()


def test_it_hands_pictures_over_with_tags_and_collections(
    jon: Person, admin: Person, worker: Worker
) -> None:
    mine = [make_picture(make_generation(jon)) for _ in range(3)]
    thrown = make_picture(make_generation(jon), trashed_at=timezone.now())
    tag_pictures(jon, [mine[0].pk], "harbour")
    collection = make_collection(jon, mine[0])
    heir = make_person("ada")
    remove(jon, admin, heir=heir)
    let_the_day_come()
    assert leaving.carry_out(most=2) == 2
    chores.empty(worker)
    assert set(Picture.objects.filter(person=heir)) == set(mine)
    assert Picture.objects.get(pk=thrown.pk).person == jon
    assert mine[0].tagged.get().person == heir
    assert Collection.objects.get(pk=collection.pk).owner == heir
    assert Notice.objects.get(person=heir).facts == {"whose": "jon", "n": 3}
    assert_sums_are_right()


@pytest.mark.parametrize("way", ["stay", "reactivate"])
def test_it_can_be_stopped_until_the_day(
    jon: Person, admin: Person, worker: Worker, way: str
) -> None:
    private = make_picture(make_generation(jon))
    remove(jon, admin)
    if way == "stay":
        assert leaving.stay(jon, by=by(admin))
    else:
        people.reactivate(jon, by=by(admin))
    chores.empty(worker)
    assert Picture.objects.get() == private
    assert not Leaving.objects.exists()
    remove(jon, admin)
    let_the_day_come()
    assert not leaving.stay(jon, by=by(admin))
    with pytest.raises(leaving.LeftError):
        remove(jon, admin)


def test_it_removes_neither_oneself_nor_the_last_admin(jon: Person, admin: Person) -> None:
    with pytest.raises(leaving.OneselfError):
        remove(admin, admin)
    with pytest.raises(people.LastAdminError):
        remove(admin, jon)
    admin.refresh_from_db()
    assert admin.is_active
    assert not Leaving.objects.exists()


def test_it_waits_for_an_heir_who_can_log_in(jon: Person, admin: Person, worker: Worker) -> None:
    private, heir = make_picture(make_generation(jon)), make_person("ada")
    with pytest.raises(leaving.HeirError):
        remove(jon, admin, heir=jon)
    remove(jon, admin, heir=heir)
    let_the_day_come()
    Person.objects.filter(pk=heir.pk).update(is_active=False)
    chores.empty(worker)
    assert Picture.objects.get() == private
    assert private.person == jon


@pytest.mark.parametrize("state", ["running", "unknown"])
def test_it_waits_for_what_may_still_come(
    jon: Person, admin: Person, worker: Worker, state: str
) -> None:
    under_way = make_generation(jon, state=state)
    remove(jon, admin)
    let_the_day_come()
    chores.empty(worker)
    late = make_picture(under_way)
    chores.empty(worker)
    assert not Picture.objects.filter(pk=late.pk).exists()
