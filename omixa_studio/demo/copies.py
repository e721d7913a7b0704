"""Copies of a planned generation: another person, moment and wording, the same outcome and price.

Planning and preparing a generation takes most of the time of a demonstration, so that a large one
prepares each as values once and inserts it many times.
"""

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from omixa_studio.gateway.records import ImageRequest
from omixa_studio.gateway.wire import encode_body, stored_body
from omixa_studio.models import Charge, Generation, Kind, Person, Picture
from omixa_studio.models.search import searchable
from omixa_studio.services.hashes import request_key

from .bulk import Values, prepared, values_of
from .drawing import Original
from .plan import PlannedGeneration
from .rows import (
    Input,
    Setting,
    charge_rows,
    day_of,
    fortunes,
    generation_row,
    picture_rows,
    request_of,
)
from .words import LONGEST_PROMPT, vary

SHARE_VARIED = 0.6
MOMENTS = ("created_at", "started_at", "sent_at", "finished_at")


@dataclass(frozen=True)
class Template:
    """A generation with its rows as values, and what its copies need to know of it."""

    wish: PlannedGeneration
    person: Person
    given: Input | None
    request: ImageRequest
    originals: Sequence[Original]
    row: Generation
    generation: Values
    pictures: Sequence[Values]
    charges: Sequence[Values]

    @property
    def repeats(self) -> bool:
        """Whether copies keep the person and the prompt: the input is that person's own."""
        return self.given is not None


@dataclass(frozen=True)
class Copy:
    """The rows of one copy, still without the id of the generation."""

    template: Template
    at: datetime
    person: Person
    prompt: str
    generation: Values
    pictures: Sequence[Values]
    charges: Sequence[Values]

    def belongs_to(self, generation_id: int, used_prompt_id: int | None) -> None:
        """Write the ids into all rows."""
        self.generation.update(id=generation_id, used_prompt_id=used_prompt_id)
        for picture in self.pictures:
            picture.update(generation_id=generation_id, used_prompt_id=used_prompt_id)
        for charge in self.charges:
            charge["generation_id"] = generation_id


def template_of(
    wish: PlannedGeneration,
    person: Person,
    given: Input | None,
    originals: Sequence[Original],
    setting: Setting,
) -> Template:
    """Prepare a planned generation for copying; `originals` are those of its pictures."""
    row = generation_row(wish, person, given, setting)
    return Template(
        wish=wish,
        person=person,
        given=given,
        request=request_of(wish, given),
        originals=originals,
        row=row,
        generation=values_of(row),
        pictures=[values_of(one) for one in picture_rows(row, originals, setting)],
        charges=[values_of(one) for one in charge_rows(row, wish.came)],
    )


def exact_copy(template: Template, setting: Setting) -> Copy:
    """Return the planned generation itself."""
    return _copy(template, template.wish.at, template.person, template.wish.prompt, setting)


def other_copy(template: Template, at: datetime, person: Person, setting: Setting) -> Copy:
    """Return a copy by a person at a moment, often with a longer prompt."""
    prompt = template.wish.prompt
    if template.repeats:
        return _copy(template, at, template.person, prompt, setting)
    if prompt and setting.rng.random() < SHARE_VARIED:
        varied = vary(prompt, setting.rng)
        prompt = varied if len(varied) <= LONGEST_PROMPT else prompt
    return _copy(template, at, person, prompt, setting)


def _copy(template: Template, at: datetime, person: Person, prompt: str, setting: Setting) -> Copy:
    row = template.row
    later = at - template.wish.at
    end = (row.finished_at or row.created_at) + later
    moments = _moments(row, later)
    generation = template.generation | _identity(row, setting) | _worded(template, prompt)
    project = setting.projects.draw(person, at, setting.rng)
    own = {"person_id": person.pk, "project_id": project}
    generation |= moments | own | {"month": f"{day_of(at):%Y-%m}"}
    return Copy(
        template=template,
        at=at,
        person=person,
        prompt=prompt,
        generation=generation,
        pictures=[picture | own for picture in _pictures(template, generation, end, setting)],
        charges=[
            charge | {"project_id": project or 0} for charge in _charges(template, person, at, end)
        ],
    )


def _moments(row: Generation, later: timedelta) -> Values:
    known = {column: getattr(row, column) for column in MOMENTS}
    return {
        column: prepared(Generation, column, value and value + later)
        for column, value in known.items()
    }


def _identity(row: Generation, setting: Setting) -> Values:
    """Return the random columns; a row that was never claimed has fewer of them."""
    group = prepared(Generation, "group", uuid.UUID(setting.token()))
    if not row.file_token:
        return {"group": group}
    token = setting.token()
    return {
        "group": group,
        "attempt": prepared(Generation, "attempt", uuid.UUID(token)),
        "file_token": token,
        "request_id": f"req_{token[:20]}",
    }


def _worded(template: Template, prompt: str) -> Values:
    """Return the columns that depend on the prompt."""
    if prompt == template.wish.prompt:
        return {}
    request = replace(template.request, prompt=prompt)
    return {
        "prompt": prompt,
        "prompt_search": searchable(prompt),
        "request_key": request_key(request.model, prompt, request.options, []),
        "body": stored_body(request),
        "body_sha256": hashlib.sha256(encode_body(request)).hexdigest(),
    }


def _pictures(
    template: Template, generation: Values, end: datetime, setting: Setting
) -> Iterator[Values]:
    before, after = template.row.file_token, generation["file_token"]
    stems = f"{before[:2]}/{before}", f"{after[:2]}/{after}"
    created = prepared(Picture, "created_at", end)
    for picture in template.pictures:
        own = {name: picture[name].replace(*stems) for name in ("name", "thumb", "preview")}
        fate = fortunes(end, setting)
        chances = {
            "shared": fate["shared"],
            "picked": fate["winner"],
            "trashed_at": prepared(Picture, "trashed_at", fate["trashed_at"]),
        }
        yield picture | own | chances | {"created_at": created}


def _charges(template: Template, person: Person, at: datetime, end: datetime) -> Iterator[Values]:
    day = day_of(at)
    clicked, ended = (prepared(Charge, "created_at", moment) for moment in (at, end))
    own = {
        "person_id": person.pk,
        "person_name": person.name,
        "role": person.role,
        "month": f"{day:%Y-%m}",
        "day": prepared(Charge, "day", day),
    }
    for charge in template.charges:
        held = charge["kind"] == Kind.HOLD
        yield charge | own | {"created_at": clicked if held else ended}
