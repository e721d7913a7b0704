"""Rows of planned generations, with a ledger that agrees to the micro-dollar."""

import hashlib
import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from omixa_studio.catalogue import estimate, hold_amount, key_of
from omixa_studio.gateway.errors import told
from omixa_studio.gateway.records import ImageRequest, InlineImage
from omixa_studio.gateway.wire import encode_body, stored_body
from omixa_studio.models import (
    Charge,
    Generation,
    InputImage,
    Kind,
    Person,
    Picture,
    aspect_of,
    micros,
)
from omixa_studio.services.claims import LEASE_SECONDS
from omixa_studio.services.hashes import request_key
from omixa_studio.services.keeping import share_out
from omixa_studio.services.submission import operation_of

from .drawing import Original
from .plan import PlannedGeneration
from .projects import Projects

SHARE_SHARED = 0.5
SHARE_TRASHED = 0.02
SHARE_STARRED = 0.03
DAYS_IN_TRASH = 20
WORKER = "demo"


@dataclass(frozen=True)
class Input:
    """An uploaded picture of a person, with its bytes."""

    row: InputImage
    data: bytes


@dataclass(frozen=True)
class Setting:
    """What all rows of one run share."""

    target: str
    unknown_price_hold: Decimal
    now: datetime
    rng: random.Random
    projects: Projects = field(default_factory=Projects)

    def token(self) -> str:
        return f"{self.rng.getrandbits(128):032x}"


def generation_row(
    wish: PlannedGeneration, person: Person, given: Input | None, setting: Setting
) -> Generation:
    """Return the generation with its outcome; not saved."""
    request = request_of(wish, given)
    body = encode_body(request)
    key = key_of(wish.options, 1 if given else 0)
    hold = hold_amount(wish.model, key, wish.count, {}, setting.unknown_price_hold)
    guess = estimate(wish.model, key, wish.count, {}).amount
    return Generation(
        person=person,
        target=setting.target,
        group=uuid.UUID(setting.token()),
        model=wish.model.slug,
        operation=operation_of(wish.model, 1 if given else 0),
        prompt=wish.prompt,
        options=wish.options,
        count=wish.count,
        body=stored_body(request),
        body_sha256=hashlib.sha256(body).hexdigest(),
        request_key=request_key(
            wish.model.slug, wish.prompt, wish.options, [given.row] if given else []
        ),
        created_at=wish.at,
        month=f"{day_of(wish.at):%Y-%m}",
        estimate_micros=None if guess is None else micros(guess),
        held_micros=micros(hold),
        **_progress(wish, setting),
        **_end(wish, person, hold),
    )


def picture_rows(
    generation: Generation, originals: Sequence[Original], setting: Setting
) -> list[Picture]:
    """Return its pictures with their shares of the bill and file names of their own; not saved."""
    token = generation.file_token
    rows = [
        _picture(generation, original, f"{token[:2]}/{token}-{index}", index, setting)
        for index, original in enumerate(originals)
    ]
    share_out(generation.billed_micros, rows)
    return rows


def charge_rows(generation: Generation, came: int) -> Iterator[Charge]:
    """Yield the ledger rows that the studio itself would have written; not saved.

    `came` pictures count on the row that records the bill.
    """
    bill = Kind.ADJUSTMENT if generation.came_late else Kind.CAPTURE
    for kind, amount in _amounts(generation):
        at_the_click = kind == Kind.HOLD
        yield Charge(
            kind=kind,
            amount_micros=amount,
            received_text=generation.billed_text if kind == Kind.CAPTURE else "",
            target=generation.target,
            month=generation.month,
            day=day_of(generation.created_at),
            generation_id=generation.pk,
            person_id=generation.person_id or 0,
            person_name=generation.person.name if generation.person else "",
            model=generation.model,
            operation=generation.operation,
            pictures=came if kind == bill else 0,
            created_at=generation.created_at if at_the_click else _finished(generation),
        )


def fortunes(finished: datetime, setting: Setting) -> dict[str, Any]:
    """Return what became of a picture since: whether shared, starred or moved to the trash."""
    rng = setting.rng
    when = setting.now - timedelta(days=DAYS_IN_TRASH * rng.random())
    return {
        "shared": rng.random() < SHARE_SHARED,
        "winner": rng.random() < SHARE_STARRED,
        "trashed_at": max(when, finished) if rng.random() < SHARE_TRASHED else None,
    }


def request_of(wish: PlannedGeneration, given: Input | None) -> ImageRequest:
    """Return what was sent to the gateway."""
    return ImageRequest(
        model=wish.model.slug,
        prompt=wish.prompt if wish.model.takes_prompt else None,
        options=wish.options,
        images=(InlineImage(given.data, given.row.mime),) if given else (),
        mask=None,
    )


def _progress(wish: PlannedGeneration, setting: Setting) -> dict[str, object]:
    """Return the fields of its progress: claimed, sent, finished."""
    if wish.fate.state in ("queued", "cancelled"):
        finished = wish.at + timedelta(seconds=4) if wish.fate.state == "cancelled" else None
        return {"finished_at": finished}
    started = wish.at + timedelta(milliseconds=20)
    under_way = wish.fate.state == "running"
    return {
        "attempt": uuid.UUID(setting.token()),
        "file_token": setting.token(),
        "worker": WORKER,
        "lease": setting.now + timedelta(seconds=LEASE_SECONDS) if under_way else started,
        "started_at": started,
        "sent_at": started,
        "finished_at": None if under_way else started + timedelta(seconds=wish.seconds),
        "seconds": None if under_way else wish.seconds,
        "request_id": f"req_{setting.token()[:20]}",
    }


def _end(wish: PlannedGeneration, person: Person, hold: Decimal) -> dict[str, object]:
    """Return the fields of its outcome."""
    fate, bill = wish.fate, wish.bill
    fewer = fate.came == "one" and wish.count > 1
    settled = fate.state not in ("queued", "running", "unknown")
    return {
        "state": fate.state,
        "charged": fate.charged,
        "error_kind": fate.kind,
        "error": [told("too_few_came", came=1, asked=wish.count)] if fewer else list(fate.error),
        "status": fate.status,
        "billed_micros": None if bill is None else micros(bill),
        "billed_text": "" if bill is None else f"{bill:.6f}",
        "over_hold": bill is not None and bill > hold,
        "came_late": fate.late,
        "settled_by": (f"person:{person.username}" if fate.late else WORKER) if settled else None,
    }


def _picture(
    generation: Generation, original: Original, stem: str, index: int, setting: Setting
) -> Picture:
    rendered = original.rendered
    preview = f"previews/{stem}{rendered.preview.suffix}" if rendered.preview else ""
    return Picture(
        generation=generation,
        person=generation.person,
        model=generation.model,
        operation=generation.operation,
        used_prompt_id=generation.used_prompt_id,
        project_id=generation.project_id,
        index=index,
        name=f"pictures/{stem}.{original.format}",
        thumb=f"thumbs/{stem}{rendered.thumb.suffix}",
        preview=preview,
        sha256=original.sha256,
        format=original.format,
        width=rendered.width,
        height=rendered.height,
        aspect=aspect_of(rendered.width, rendered.height),
        bytes=len(original.data),
        transparent=rendered.transparent,
        perceptual_hash=rendered.perceptual_hash,
        created_at=_finished(generation),
        **fortunes(_finished(generation), setting),
    )


def day_of(at: datetime) -> date:
    """Return the day of a moment in the studio's time zone."""
    return timezone.localdate(at, timezone.get_default_timezone())


def _finished(generation: Generation) -> datetime:
    return generation.finished_at or generation.created_at


def _amounts(generation: Generation) -> Iterator[tuple[Kind, int]]:
    """Record amounts as services/settling.py does: while a cost is unknown, the hold stays."""
    yield Kind.HOLD, generation.held_micros
    if generation.charged not in ("yes", "no"):
        return
    yield Kind.RELEASE, -generation.held_micros
    if generation.billed_micros is None:
        return
    yield Kind.CAPTURE, 0 if generation.came_late else generation.billed_micros
    if generation.came_late:
        yield Kind.ADJUSTMENT, generation.billed_micros
