"""What pictures take is counted with them, and a full quota refuses at the click."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from omixa_studio import gallery_counts
from omixa_studio.catalogue import load_catalogue
from omixa_studio.forms.api_changes import PictureChange
from omixa_studio.models import Charge, Generation, MonthCount, Person, Picture, StorageQuota
from omixa_studio.presenters.pictures.steps import taken
from omixa_studio.queries.storage_used import largest, quota_of, use_of, used_by_all
from omixa_studio.services import curating, leaving, month_counts
from omixa_studio.services.audit import STUDIO
from omixa_studio.services.picture_changes import change_pictures
from omixa_studio.services.selections import take_now
from omixa_studio.services.storage_quotas import NO_ROOM, StorageFull, set_quota
from omixa_studio.services.submission import Choice, submit
from omixa_studio.services.verifying import Finding, verify
from tests.factories import make_generation, make_many, make_person, make_picture
from tests.present import present

pytestmark = pytest.mark.django_db


def sized(person: Person, size: int, **fields: Any) -> Picture:
    return make_picture(make_generation(person), bytes=size, **fields)


def ask(person: Person) -> Generation:
    catalogue = load_catalogue(None)
    model = present(catalogue.find("imagen-4.0-generate-001"))
    choice = Choice(model=model, values={"prompt": "A harbour"})
    return submit(person, choice, catalogue=catalogue, wake=lambda: None)


def test_it_counts_with_every_change() -> None:
    person, other = make_person(), make_person()
    first, second = sized(person, 1000, shared=True), sized(person, 500)
    assert (use_of(person).bytes, use_of(person).pictures) == (1500, 2)
    curating.trash(person, second.pk)
    assert (use_of(person).bytes, use_of(person).trashed) == (1000, 500)
    month_counts.merge()
    Picture.objects.filter(pk=first.pk).update(person=other)
    assert (use_of(person).bytes, use_of(other).bytes) == (0, 1000)
    assert [one for one, _use in largest(9)] == [other, person]
    assert used_by_all().bytes == 1000
    curating.erase([second])
    assert use_of(person).trashed == 0
    assert not gallery_counts.differences()


def test_verify_tells_a_wrong_sum() -> None:
    sized(make_person(), 1000)
    MonthCount.objects.filter(kind="mine").update(bytes=999)
    said = [one.sentence for one in verify(read_files=False) if isinstance(one, Finding)]
    assert any("A count of a gallery" in sentence for sentence in said)
    month_counts.repair()
    assert not gallery_counts.differences()


def test_it_reads_no_picture() -> None:
    person = make_person()
    make_many(person, 20)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        use_of(person)
    [statement] = asked.captured_queries
    assert Picture._meta.db_table not in statement["sql"]


def test_ones_own_quota_replaces_that_of_the_role() -> None:
    person = make_person()
    assert quota_of(person) is None
    set_quota("role", "member", 1000, by=STUDIO)
    assert quota_of(person) == 1000
    set_quota("person", str(person.pk), 5000, by=STUDIO)
    assert quota_of(person) == 5000
    set_quota("person", str(person.pk), None, by=STUDIO)
    set_quota("role", "member", None, by=STUDIO)
    assert quota_of(person) is None
    assert not StorageQuota.objects.exists()


def test_a_full_quota_refuses_before_anything_is_written() -> None:
    person = make_person()
    picture = sized(person, 1000)
    set_quota("role", "member", 1001, by=STUDIO)
    ask(person)
    set_quota("role", "member", 1000, by=STUDIO)
    before = (Generation.objects.count(), Charge.objects.count())
    with pytest.raises(StorageFull) as refused:
        ask(person)
    assert (refused.value.reason, refused.value.used) == ("storage_full", 1000)
    assert (Generation.objects.count(), Charge.objects.count()) == before
    curating.trash(person, picture.pk)
    ask(person)


def test_what_was_paid_for_is_kept_beyond_the_quota() -> None:
    person = make_person()
    under_way = make_generation(person, state="running")
    set_quota("role", "member", 0, by=STUDIO)
    make_picture(under_way)
    assert use_of(person).pictures == 1


def test_it_follows_what_is_handed_over() -> None:
    admin, jon, heir = make_person(role="admin"), make_person(), make_person()
    sized(jon, 700)
    leaving.remove(jon, heir=heir, days=1, by=STUDIO)
    jon.leaving.due_at = jon.leaving.created_at
    jon.leaving.save(update_fields=["due_at"])
    leaving.carry_out()
    assert (use_of(jon).bytes, use_of(heir).bytes) == (0, 700)
    assert admin


def test_the_trash_is_no_way_past_a_quota() -> None:
    person = make_person()
    big, small = sized(person, 800), sized(person, 200)
    set_quota("role", "member", 1000, by=STUDIO)
    curating.trash_several(person, [big.pk, small.pk])
    made = sized(person, 700)
    with pytest.raises(StorageFull) as refused:
        curating.restore(person, big.pk)
    assert refused.value.faults[0].template == NO_ROOM
    with pytest.raises(StorageFull):
        change_pictures(person, [small.pk, big.pk], PictureChange(trashed=False))
    assert use_of(person).bytes == 700
    assert curating.restore_several(person, [big.pk, small.pk]) == [small.pk]
    assert curating.without_room([big.pk, small.pk]) == 1
    curating.trash(person, made.pk)
    assert curating.restore(person, big.pk)
    assert use_of(person).bytes == 1000
    assert not curating.restore(person, big.pk), "it is not in the trash"


def test_several_that_do_not_fit_are_told() -> None:
    person = make_person()
    pks = [sized(person, 600).pk for _n in range(3)]
    curating.trash_several(person, pks)
    set_quota("role", "member", 1300, by=STUDIO)
    job = take_now(person, "restore", pks)
    assert job.result == {"changed": 2, "withheld": 1}
    assert taken(job) == (
        "2 pictures restored. 1 stays in the trash: your pictures may take no more room."
    )
