"""A selection is resolved by the server: ranges in the order of a gallery, all as of a picture."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from omixa_studio.forms.selections import SelectionUnusable, read_selection
from omixa_studio.models import BackgroundJob, Generation, Person, Picture
from omixa_studio.queries import selections
from omixa_studio.queries.selections import Tally
from omixa_studio.services import background, curating
from omixa_studio.services import selections as steps
from omixa_studio.services.background_kinds import KINDS
from tests.factories import make_many, make_person
from tests.servers import run_whole

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> Person:
    return make_person()


def resolved(person: Person, query: str, *, own: bool = False) -> list[int] | None:
    """The ids that a form selects, as a job reads them; None if an end of a range is gone."""
    selection = read_selection(QueryDict(query))
    assert selection.gallery
    gallery = selections.gallery_at(person, selection.gallery)
    assert gallery
    stretches = selections.stretches_of(person, gallery, selection.ranges)
    if stretches is None:
        return None
    found: list[int] = []
    cursor = None
    while True:
        pks, cursor = selections.ids_after(person, selection, stretches, cursor, own=own, most=4)
        if cursor is None:
            break
        found += pks
    assert selections.found_by(person, selection, stretches).count == len(found) or own
    return found


def start(person: Person, name: str, query: str, total: int = 0) -> BackgroundJob:
    selection = read_selection(QueryDict(query))
    assert selection.gallery
    gallery = selections.gallery_at(person, selection.gallery)
    assert gallery
    stretches = selections.stretches_of(person, gallery, selection.ranges)
    assert stretches is not None
    return steps.take_later(person, name, selection, stretches, total=total, wake=lambda: None)


def work(job: BackgroundJob, turns: int | None = None) -> BackgroundJob:
    """Work on jobs, one batch a turn, until nothing is left or so many turns are over."""
    while turns != 0 and background.take_turn(KINDS, "here:7", go_on=lambda: False):
        turns = None if turns is None else turns - 1
    job.refresh_from_db()
    return job


def test_ranges_follow_the_order_of_the_gallery(person: Person) -> None:
    newest = make_many(person, 12)[::-1]
    a, b, c, d = newest[1], newest[4], newest[8], newest[10]
    ranges = f"gallery=/gallery/&ranges={a}-{b},x{c}-{d}"
    assert resolved(person, ranges) == [*newest[1:5], *newest[9:11]]
    assert resolved(person, f"gallery=/gallery/&ranges=x{d}-") == newest[11:]
    assert resolved(person, f"gallery=/gallery/&ranges=-x{a}&ids={d},{a},{newest[0]}") == [
        newest[0],
        a,
        d,
    ]
    # Ranges that overlap are one.
    assert resolved(person, f"gallery=/gallery/&ranges={a}-{c},{b}-{d}") == newest[1:11]


def test_all_is_as_of_a_picture_and_without_some(person: Person) -> None:
    newest = make_many(person, 9)[::-1]
    query = f"gallery=/gallery/&all=1&as_of={newest[2]}&without={newest[4]},{newest[8]}"
    assert resolved(person, query) == [pk for n, pk in enumerate(newest) if n not in (0, 1, 4, 8)]


def test_filters_and_the_trash_are_galleries_too(person: Person) -> None:
    cats = make_many(person, 3)[::-1]
    dogs = make_many(person, 3, prompt="A dog")[::-1]
    assert resolved(person, "gallery=/gallery/?q=dog&all=1") == dogs
    assert resolved(person, "gallery=/gallery/%3Fq%3Dcat&all=1") == cats
    curating.trash_several(person, dogs)
    assert resolved(person, f"gallery=/trash/&ranges={dogs[0]}-{dogs[1]}&ids={dogs[2]}") == dogs
    assert resolved(person, f"gallery=/gallery/&ids={cats[0]},{dogs[0]}") == [cats[0]]


def test_others_pictures_are_seen_only_where_shared(person: Person) -> None:
    theirs = make_many(make_person(), 3, shared=True)
    hidden = make_many(make_person(), 3)
    mine = make_many(person, 3, shared=True)
    everything = f"gallery=/team/&all=1&ids={hidden[0]}"
    assert resolved(person, everything) == [*mine[::-1], *theirs[::-1]]
    assert resolved(person, everything, own=True) == mine[::-1]
    assert resolved(person, f"gallery=/team/&ranges={hidden[0]}-{mine[0]}") is None
    selection = read_selection(QueryDict(everything))
    assert selections.found_by(person, selection, [selections.Stretch()]) == Tally(6, 3)


def test_the_end_of_a_range_may_have_left_the_gallery(person: Person) -> None:
    newest = make_many(person, 6)[::-1]
    curating.trash(person, newest[1])
    assert resolved(person, f"gallery=/gallery/&ranges={newest[1]}-{newest[3]}") == newest[2:4]
    theirs = make_many(make_person(), 3, shared=True)[::-1]
    Picture.objects.filter(pk=theirs[1]).update(trashed_at=timezone.now())
    assert resolved(person, f"gallery=/team/&ranges={theirs[0]}-{theirs[1]}") == theirs[:1]
    Picture.objects.filter(pk=newest[1]).delete()
    assert resolved(person, f"gallery=/gallery/&ranges={newest[1]}-{newest[3]}") is None


@pytest.mark.parametrize(
    "odd",
    [
        "gallery=/costs/",
        "gallery=//evil.example/gallery/",
        "gallery=http://[",
        "gallery=/gallery/%00",
        "gallery=/" + "g" * 5000,
        "gallery=/gallery/&ranges=1",
        "gallery=/gallery/&ranges=1-2-3",
        "gallery=/gallery/&ranges=" + "9" * 19 + "-",
        "gallery=/gallery/&ranges=" + "1-2," * 201,
        "gallery=/gallery/&ranges=१-२",
        "gallery=/gallery/&all=1&as_of=x",
        "gallery=/gallery/&all=1&as_of=-1",
        "gallery=/gallery/&all=1&without=x",
        "gallery=/gallery/&ids=" + "1," * 1001,
        "ids=0",
    ],
)
def test_it_reads_no_odd_selection(odd: str) -> None:
    with pytest.raises(SelectionUnusable):
        read_selection(QueryDict(odd))


def test_a_job_goes_on_after_a_kill_and_does_nothing_twice(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[int] = []
    share = steps.STEPS["share"]

    def note(who: Person, pks: Sequence[int]) -> list[int]:
        taken.extend(pks)
        return share.take(who, pks)

    monkeypatch.setitem(steps.STEPS, "share", steps.Step(take=note, undo="private"))
    made = make_many(person, 1200)
    job = start(person, "share", "gallery=/gallery/&all=1", total=1200)
    work(job, turns=2)
    assert background._claim_next(KINDS, "killed:9", 15)
    BackgroundJob.objects.update(lease=timezone.now() - timedelta(seconds=1))
    work(job)
    assert (job.state, job.done, job.result["changed"]) == ("done", 1200, 1200)
    assert taken == made[::-1]


def test_a_cancelled_one_and_what_it_did_is_undone(person: Person) -> None:
    before = make_many(person, 100, shared=True)
    made = make_many(person, 600)
    job = start(person, "share", "gallery=/gallery/&all=1", total=700)
    work(job, turns=2)
    background.cancel(job)
    assert (work(job).state, job.result["changed"]) == ("cancelled", 500)
    undo = steps.undo(person, job, wake=lambda: None)
    with pytest.raises(background.AlreadyUndone):
        steps.undo(person, job, wake=lambda: None)
    assert not undo.is_open  # so few are undone at once
    assert set(Picture.objects.filter(shared=True).values_list("pk", flat=True)) == set(before)
    assert not Picture.objects.filter(pk__in=made, shared=True).exists()


def test_many_are_undone_in_the_background_and_nothing_else(person: Person) -> None:
    starred = make_many(person, 30, winner=True)
    Picture.objects.filter(pk__in=starred).update(winner=True)
    made = make_many(person, 900)
    work(start(person, "star", "gallery=/gallery/&all=1", total=930))
    job = BackgroundJob.objects.get(kind="step")
    curating.unstar(person, made[5])  # somebody changed their mind meanwhile
    undo = work(steps.undo(person, job, wake=lambda: None))
    assert (undo.state, undo.result["changed"]) == ("done", 899)
    assert set(Picture.objects.filter(winner=True).values_list("pk", flat=True)) == set(starred)


def test_what_goes_meanwhile_moves_nothing(person: Person) -> None:
    newest = make_many(person, 800)[::-1]
    job = start(person, "trash", "gallery=/gallery/&all=1", total=800)
    work(job, turns=1)
    curating.trash_several(person, newest[300:310])
    # Those of `make_many` follow each other by milliseconds, into the future.
    make_many(person, 5, created_at=timezone.now() + timedelta(minutes=1))
    work(job)
    assert (job.done, job.result["changed"]) == (790, 790)
    assert Picture.objects.filter(trashed_at=None).count() == 5
    assert Generation.objects.count() == 2


def test_a_job_fails_in_words_where_its_gallery_is_gone(person: Person) -> None:
    make_many(person, 3)
    job = start(person, "share", "gallery=/gallery/&all=1")
    job.parameters["selection"]["gallery"] = "/no/such/"
    job.save()
    assert (work(job).state, job.error[0]["key"]) == ("failed", "gallery_gone")


@pytest.mark.crash
def test_a_killed_worker_s_job_is_finished_by_the_next(surroundings: dict[str, str]) -> None:
    code, told = run_whole(["-m", "tests.services.killed_jobs"], surroundings)
    assert code == 0, told[-3000:]
