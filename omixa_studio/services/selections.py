"""Steps on many pictures: at once for a few, as a background job for more, undone as a whole.

Every step is recorded as a background job, with the ids that it really changed: the undo takes back
those and no others.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from omixa_studio.filters.selection import GalleryAddress, Selection
from omixa_studio.forms.selections import SelectionUnusable, read_gallery
from omixa_studio.gateway.errors import told
from omixa_studio.models import BackgroundJob, JobChange, JobState, Person
from omixa_studio.queries import selections
from omixa_studio.queries.selections import Position, Stretch
from omixa_studio.queries.tags import count_tagged, pictures_tagged

from . import background, collecting_many, curating, tagging
from .background import Batch, JobFailed

# So many pictures change within a request; more of them in the background.
MOST_AT_ONCE = 500
STEP, UNDO = "step", "undo"

# What a step needs to know besides its pictures: the id of a tag.
Values = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Step:
    """What can be done with many pictures: `take` returns the ids of those it changed.

    What it returns is what its undo is given. A step of STEPS_INTO also takes `into`: the id of
    what the pictures are put into or taken out of, or of both.

    `undo` is the step that takes it back, "" if none does. An `own` step takes only the person's
    own pictures. `withheld` counts those that it skips for now. With `of`, the name of a value,
    both take that value, too.
    """

    take: Callable[..., list[Any]]
    undo: str = ""
    own: bool = True
    withheld: Callable[..., int] | None = None
    of: str = ""


STEPS = {
    "share": Step(take=curating.share_several, undo="private", withheld=curating.judged_among),
    "private": Step(take=curating.hide_several, undo="share"),
    "star": Step(take=curating.star_several, undo="unstar", withheld=curating.rejected_among),
    "unstar": Step(take=curating.unstar_several, undo="star"),
    "reject": Step(take=curating.reject_several, undo="unreject", withheld=curating.starred_among),
    "unreject": Step(take=curating.unreject_several, undo="reject"),
    "tag": Step(take=tagging.tag_several, undo="untag", withheld=tagging.full_among, of="tag"),
    "untag": Step(take=tagging.untag_several, undo="tag", of="tag"),
    "trash": Step(take=curating.trash_several, undo="restore"),
    "restore": Step(take=curating.restore_several, undo="trash", withheld=curating.without_room),
}
STEPS_INTO = {
    "collect": Step(take=collecting_many.collect, undo="uncollect", own=False),
    "share_and_collect": Step(take=collecting_many.share_and_collect, undo="uncollect", own=False),
    "uncollect": Step(take=collecting_many.uncollect, undo="put_back", own=False),
    "put_back": Step(take=collecting_many.put_back, own=False),
    "tag_off": Step(take=tagging.take_tag_off, undo="tag_again"),
    "tag_again": Step(take=tagging.put_tag),
    "replace_tag": Step(take=tagging.replace_tag, undo="put_tag_back"),
    "put_tag_back": Step(take=tagging.put_tag_back),
}


def step_of(job: BackgroundJob) -> Step:
    """Return the step that a job takes."""
    return {**STEPS, **STEPS_INTO}[job.parameters["step"]]


def take_now(
    person: Person,
    name: str,
    pks: Sequence[Any],
    *,
    values: Values | None = None,
    undo_of: BackgroundJob | None = None,
) -> BackgroundJob:
    """Take a step on at most MOST_AT_ONCE pictures; return its record, which nobody has to see."""
    with transaction.atomic():
        result = {"changed": 0, "withheld": 0}
        job = BackgroundJob.objects.create(
            person=person,
            kind=UNDO if undo_of else STEP,
            parameters={"step": name, "values": dict(values or {})},
            state=JobState.DONE,
            done=len(pks),
            total=len(pks),
            undo_of=undo_of,
            closed=True,
            started_at=Now(),
            finished_at=Now(),
        )
        job.result = _take(job, step_of(job), pks, result)
        BackgroundJob.objects.filter(pk=job.pk).update(result=job.result)
    return job


def take_later(
    person: Person,
    name: str,
    selection: Selection,
    stretches: Sequence[Stretch],
    *,
    total: int,
    values: Values | None = None,
    wake: Callable[[], None],
) -> BackgroundJob:
    """Start a step on a selection in the background. Raises TooManyJobs."""
    chosen = _stored(selection, stretches)
    parameters = {"step": name, "values": dict(values or {}), "selection": chosen}
    return background.start(person, STEP, parameters, wake=wake, total=total)


def take_on_tagged(
    person: Person, name: str, tags: Sequence[int], *, wake: Callable[[], None]
) -> BackgroundJob:
    """Take a step on all of a person's pictures with the first of these tags.

    At once, or of many in the background. Raises TooManyJobs.
    """
    into = tags[0] if len(tags) == 1 else list(tags)
    pks = pictures_tagged(person, tags[0], most=MOST_AT_ONCE + 1)
    if len(pks) <= MOST_AT_ONCE:
        return take_now(person, name, pks, values={"into": into})
    parameters = {"step": name, "values": {"into": into}, "tagged": tags[0]}
    total = count_tagged(person, tags[0])
    return background.start(person, STEP, parameters, wake=wake, total=total)


def undo(person: Person, job: BackgroundJob, *, wake: Callable[[], None]) -> BackgroundJob:
    """Take back what a step has changed: at once, or many in the background.

    Raises AlreadyUndone, TooManyJobs, and JobFailed if what it was done to is gone.
    """
    name = step_of(job).undo
    changed, values = job.result.get("changed", 0), job.parameters.get("values", {})
    if changed > MOST_AT_ONCE:
        parameters = {"step": name, "values": values}
        return background.start(person, UNDO, parameters, wake=wake, total=changed, undo_of=job)
    with background.undoing(person, job):
        pks = [pk for ids in job.changes.order_by("pk").values_list("ids", flat=True) for pk in ids]
        return take_now(person, name, pks, values=values, undo_of=job)


def work_on_step(job: BackgroundJob) -> Batch:
    """Prepare the next batch of a step on a selection."""
    step = step_of(job)
    if job.person is None:
        raise JobFailed(told("job_failed"))
    if tag := job.parameters.get("tagged"):
        # Those of a batch have the tag no longer.
        pks = pictures_tagged(job.person, tag, most=selections.IDS_AT_A_TIME)
        return _batch(job, step, pks, tag if pks else None)
    selection, stretches = _read(job.parameters["selection"])
    pks, cursor = selections.ids_after(job.person, selection, stretches, job.cursor, own=step.own)
    return _batch(job, step, pks, cursor)


def work_on_undo(job: BackgroundJob) -> Batch:
    """Prepare the next batch of an undo: what one batch of the step changed."""
    if job.undo_of is None:
        raise JobFailed(told("undo_expired"))
    change = job.undo_of.changes.filter(pk__gt=job.cursor or 0).order_by("pk").first()
    pks, cursor = (change.ids, change.pk) if change else ([], None)
    return _batch(job, step_of(job), pks, cursor)


def _batch(job: BackgroundJob, step: Step, pks: Sequence[Any], cursor: Any) -> Batch:
    return Batch(
        cursor=cursor,
        handled=len(pks),
        finished=cursor is None,
        write=lambda: _take(job, step, pks, job.result),
    )


def _take(
    job: BackgroundJob, step: Step, pks: Sequence[Any], result: Mapping[str, int]
) -> dict[str, int]:
    """Take a step, note what it changed, and return the sums of the job."""
    values = job.parameters.get("values", {})
    changed = step.take(job.person, pks, **values) if job.person and pks else []
    if changed:
        JobChange.objects.create(job=job, ids=changed)
    withheld = step.withheld(pks, **values) if step.withheld and pks else 0
    return {
        "changed": result.get("changed", 0) + len(changed),
        "withheld": result.get("withheld", 0) + withheld,
    }


def _stored(selection: Selection, stretches: Sequence[Stretch]) -> dict[str, Any]:
    """Return a selection as JSON, its ranges as positions."""
    return {
        "ids": selection.ids,
        "gallery": selection.text,
        "without": selection.without,
        "as_of": selection.as_of,
        "stretches": [
            [_position_stored(stretch.first), _position_stored(stretch.last)]
            for stretch in stretches
        ],
    }


def _position_stored(position: Position | None) -> list[Any] | None:
    return [position.value, position.picture, position.inside] if position else None


def _read(stored: Mapping[str, Any]) -> tuple[Selection, list[Stretch]]:
    """Return a stored selection. Raises JobFailed if its gallery is gone."""
    gallery: GalleryAddress | None = None
    try:
        gallery = read_gallery(stored["gallery"]) if stored["gallery"] else None
    except SelectionUnusable:
        raise JobFailed(told("gallery_gone")) from None
    selection = Selection(
        ids=tuple(stored["ids"]),
        gallery=gallery,
        without=tuple(stored["without"]),
        as_of=stored["as_of"],
    )
    stretches = [
        Stretch(*(Position(*position) if position else None for position in ends))
        for ends in stored["stretches"]
    ]
    return selection, stretches
