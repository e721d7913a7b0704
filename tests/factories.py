"""Rows for tests, with keyword defaults; pictures are drawn here and really stored."""

import hashlib
import importlib
import io
import itertools
import uuid
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from django.utils import timezone
from PIL import Image

from omixa_studio import storage
from omixa_studio.catalogue import load_catalogue
from omixa_studio.forms.collections import CollectionText
from omixa_studio.models import (
    AnswerFile,
    BillDay,
    BillEntry,
    BillFile,
    BillMatch,
    BlindTest,
    BudgetRequest,
    Charge,
    Collection,
    Comment,
    Contestant,
    Export,
    GatewayKey,
    Generation,
    GuestLink,
    LostCall,
    Person,
    Picture,
    Preset,
    Project,
    Report,
    Run,
    Sample,
    Scope,
    State,
    TopUp,
    Webhook,
    aspect_of,
)
from omixa_studio.queries.budget import current_month
from omixa_studio.services import bill_files, gateway_keys, ledger, used_prompts
from omixa_studio.services.audit import Actor
from omixa_studio.services.budget import set_limit
from omixa_studio.services.claims import claim_next
from omixa_studio.services.collecting import add_pictures
from omixa_studio.services.collecting import make_collection as make_collection_of
from omixa_studio.services.comments import Author, add_comment
from omixa_studio.services.guest_links import LinkTerms
from omixa_studio.services.guest_links import make_link as make_guest_link
from omixa_studio.services.presets import save_preset
from omixa_studio.services.renditions import Rendered, render
from omixa_studio.services.submission import Choice, submit
from omixa_studio.services.webhooks import Hook, events_for
from omixa_studio.services.webhooks import make_webhook as make_webhook_of

numbers = itertools.count(1)
# Enough for all pictures of a test, and few enough to be drawn once each.
COLOURS = [(n * 37 % 256, n * 91 % 256, n * 53 % 256) for n in range(64)]
colours = itertools.cycle(COLOURS)
# What the rows of older versions hold, read as the migration leaves it.
in_old_words = importlib.import_module("omixa_studio.migrations.0010_errors_as_keys").as_keys

PASSWORD = "a long enough password"


def make_person(username: str = "", *, role: str = "member", **fields: Any) -> Person:
    """A person who can log in with PASSWORD."""
    return Person.objects.create_user(
        username or f"person{next(numbers)}", password=PASSWORD, role=role, **fields
    )


def make_generation(person: Person | None, *, state: str = "done", **fields: Any) -> Generation:
    """A generation in any state, billed $0.04 when it is done; its `error` in old words."""
    running = state == State.RUNNING
    defaults: dict[str, Any] = {
        "target": "sandbox",
        "model": "imagen-4.0-generate-001",
        "operation": "generate",
        "prompt": f"A harbour at dawn, number {next(numbers)}",
        "options": {"aspect_ratio": "1:1"},
        "body": "{}",
        "body_sha256": hashlib.sha256(b"{}").hexdigest(),
        "month": current_month(),
        "estimate_micros": 40_000,
        "held_micros": 40_000,
        "attempt": uuid.uuid4() if running else None,
        "lease": timezone.now() + timedelta(seconds=15) if running else None,
        "file_token": uuid.uuid4().hex,
    }
    if state == State.DONE:
        defaults |= {"billed_micros": 40_000, "charged": "yes", "seconds": 4.2, "settled_by": "t"}
    if state in (State.FAILED, State.CANCELLED):
        defaults |= {"charged": "no", "settled_by": "t"}
    if isinstance(fields.get("error"), str):
        fields["error"] = in_old_words(fields["error"])
    row = Generation(person=person, state=state, **(defaults | fields))
    used_prompts.note([row])
    row.save(force_insert=True)
    return row


def make_picture(generation: Generation, *, index: int = 0, **fields: Any) -> Picture:
    """A stored picture of a generation, 64 × 48 pixels unless `size` says otherwise."""
    data = draw_png(fields.pop("size", (64, 48)), fields.pop("colour", None))
    rendered = _rendered(data)
    name, thumb = storage.new_name("pictures", ".png"), storage.new_name("thumbs", ".jpg")
    storage.put(name, data)
    storage.put(thumb, rendered.thumb.data)
    defaults: dict[str, Any] = {
        "person": generation.person,
        "model": generation.model,
        "operation": generation.operation,
        "used_prompt_id": generation.used_prompt_id,
        "project_id": generation.project_id,
        "name": name,
        "thumb": thumb,
        "sha256": hashlib.sha256(data).hexdigest(),
        "format": "png",
        "width": rendered.width,
        "height": rendered.height,
        "aspect": aspect_of(rendered.width, rendered.height),
        "bytes": len(data),
        "cost_micros": 40_000,
    }
    return Picture.objects.create(generation=generation, index=index, **(defaults | fields))


def make_many(person: Person, count: int, *, prompt: str = "A cat", **fields: Any) -> list[int]:
    """Ids of pictures that share their files, the oldest first; three of each moment."""
    pattern = make_picture(make_generation(person, prompt=prompt), **fields)
    same = (
        "person",
        "model",
        "used_prompt_id",
        "project_id",
        "name",
        "thumb",
        "sha256",
        "format",
        "width",
    )
    more = ("project_id", "height", "bytes", "shared", "aspect")
    values = {name: getattr(pattern, name) for name in (*same, *more)}
    rows = Picture.objects.bulk_create(
        Picture(
            generation=pattern.generation,
            index=n,
            created_at=pattern.created_at + timedelta(milliseconds=(n - 1) // 3 + 1),
            **values,
        )
        for n in range(1, count)
    )
    return [pattern.pk, *(row.pk for row in rows)]


def make_project(*members: Person, name: str = "", **fields: Any) -> Project:
    """An open project with some members."""
    project = Project.objects.create(name=name or f"Project {next(numbers)}", **fields)
    for person in members:
        project.memberships.create(person=person)
    return project


def make_gateway_key(name: str = "", secret: str = "", **fields: Any) -> GatewayKey:
    """A key of the sandbox, on a bill of its own, with a secret that no other has."""
    number = next(numbers)
    told = {"target": "sandbox", "on_own_bill": True, **fields}
    return gateway_keys.make(
        told.pop("target"),
        name or f"Key {number}",
        secret or f"omx_live_of_tests_{number:08}",
        by=Actor(name="Mara"),
        **told,
    )


def make_budget_request(person: Person, **fields: Any) -> BudgetRequest:
    """A request for $5 more of one's own month until tomorrow, for which nothing waits."""
    defaults: dict[str, Any] = {
        "target": "sandbox",
        "scope": Scope.PERSON,
        "subject": str(person.pk),
        "period": "month",
        "amount_micros": 5_000_000,
        "until": timezone.now() + timedelta(days=1),
        "click": uuid.uuid4().hex,
    }
    return BudgetRequest.objects.create(person=person, **(defaults | fields))


def make_webhook(person: Person | None, **hook: Any) -> Webhook:
    """A webhook of a person, or the studio's without one, that is told of everything it may be."""
    by = Actor(person.pk, person.username) if person else Actor()
    defaults = {
        "url": "https://hooks.example.org/omixa",
        "events": events_for(person.pk if person else None),
    }
    return make_webhook_of(person, Hook(**(defaults | hook)), by=by)[0]


def make_preset(person: Person, name: str = "Linen", **fields: Any) -> Preset:
    """A preset of Imagen in 16:9."""
    defaults: dict[str, Any] = {
        "team": False,
        "model": "imagen-4.0-generate-001",
        "texts": {"aspect_ratio": "16:9"},
    }
    return save_preset(person, name, **(defaults | fields))


def make_link(person: Person, *pictures: Picture, **terms: Any) -> GuestLink:
    """A guest link of a person's to pictures, one of their own if none is given.

    It ends in thirty days, and allows everything except what `terms` say.
    """
    allowed = {"title": "", "password": "", "downloads": True, "prompts": False, "comments": True}
    collection, ends = terms.pop("collection", None), timezone.now() + timedelta(days=30)
    shown = [one.pk for one in pictures]
    if not shown and collection is None:
        shown = [make_picture(make_generation(person)).pk]
    return make_guest_link(
        person,
        LinkTerms(**{"expires_at": ends, **allowed, **terms}),
        by=Actor(person.pk, person.username),
        pictures=shown,
        collection=collection,
    )


def make_comment(picture: Picture, person: Person, text: str = "Lovely.", **said: Any) -> Comment:
    """A comment of a person's on a picture."""
    return add_comment(picture, Author(person=person), text, **said)


def make_collection(person: Person, *pictures: Picture, name: str = "", **text: str) -> Collection:
    """A collection of a person, with pictures in this order."""
    made = make_collection_of(person, CollectionText(name or f"Mood {next(numbers)}", **text))
    add_pictures(made, person, [picture.pk for picture in pictures])
    return made


def make_answer_file(
    generation: Generation, data: bytes = b"no picture", index: int = 0
) -> AnswerFile:
    """Bytes that came with a generation and are no picture."""
    name = storage.new_name("answers", ".bin")
    storage.put(name, data)
    digest = hashlib.sha256(data).hexdigest()
    return AnswerFile.objects.create(
        generation=generation, index=index, name=name, sha256=digest, bytes=len(data)
    )


def make_export(person: Person, data: bytes = b"PK", **fields: Any) -> Export:
    """An export that is ready, of no picture in particular."""
    name = storage.new_name("exports", ".zip")
    storage.put(name, data)
    asked = {"pack": "internal", "format": "original", "quality": 85, "template": "{n}"}
    made = {"ids": [], "pictures": 1, "file": name, "bytes": len(data), "ready_at": timezone.now()}
    return Export.objects.create(person=person, **(asked | made | fields))


def make_report(*people: Person, **fields: Any) -> Report:
    """A report by model, each Monday at eight."""
    report = Report.objects.create(**({"name": "Costs", "every": "week"} | fields))
    report.people.set(people)
    return report


def make_lost_call(*, answer: bytes = b"", **fields: Any) -> LostCall:
    """A call that was sent and that this database has nothing of, perhaps with its answer."""
    name = storage.new_name("answers", ".bin") if answer else ""
    if answer:
        storage.put(name, answer)
    defaults = {"attempt": uuid.uuid4(), "generation_id": next(numbers), "target": "sandbox"}
    sent = {"sent_at": timezone.now(), "worker": "elsewhere:7", "name": name, "bytes": len(answer)}
    return LostCall.objects.create(**(defaults | sent | fields))


def make_bill_match(person: Person | None, **fields: Any) -> BillMatch:
    """A request of $0.04 of a person beside a line of the bill of $0.05, on a compared day."""
    generation = make_generation(person, sent_at=timezone.now())
    ledger.hold(generation)
    ledger.capture(generation, 40_000, "0.04")
    known = {"here_micros": 40_000, "bill_micros": 50_000, "calls_here": 1, "calls_bill": 1}
    day, _ = BillDay.objects.get_or_create(
        target="sandbox",
        source="log",
        day=timezone.now().date(),
        defaults={**known, "open": 1, "counts": {"amount": 1}, "matched_at": timezone.now()},
    )
    entry = BillEntry.objects.create(
        target="sandbox",
        source="log",
        key=f"k{generation.pk}",
        model=generation.model,
        at=timezone.now(),
        amount_micros=50_000,
        amount_text="0.05",
    )
    told: dict[str, Any] = {
        "kind": "amount",
        "proof": "near",
        "entry_id": entry.pk,
        "generation_id": generation.pk,
        "at": generation.sent_at,
        "model": generation.model,
        "here_micros": 40_000,
        "bill_micros": 50_000,
    }
    return BillMatch.objects.create(bill_day=day, **(told | fields))


def make_bill_file(text: str = "created,cost,model\n2026-11-20 12:00:00,0.04,m\n") -> BillFile:
    """A file with a bill, kept and not imported."""
    return bill_files.keep("sandbox", "bill.csv", text.encode(), by=Actor(name="Mara"))[0]


def make_top_up(amount_micros: int = 100_000_000, **fields: Any) -> TopUp:
    """$100 put into the wallet today."""
    told = {"target": "sandbox", "day": timezone.localdate(), "by_name": "Mara", **fields}
    return TopUp.objects.create(amount_micros=amount_micros, **told)


def hold(generation: Generation) -> None:
    """Hold the money of a generation on the day of its click, as the click itself does."""
    clicked = timezone.localdate(generation.created_at, timezone.get_default_timezone())
    ledger.hold(generation, day=clicked)


def make_charge(generation: Generation, kind: str = "capture", **fields: Any) -> Charge:
    """A ledger row of a generation, $0.04 unless `amount_micros` says otherwise."""
    person = generation.person
    defaults: dict[str, Any] = {
        "amount_micros": 40_000,
        "target": generation.target,
        "month": generation.month,
        "day": timezone.localdate(generation.created_at, timezone.get_default_timezone()),
        "generation_id": generation.pk,
        "person_id": person.pk if person else 0,
        "person_name": person.name if person else "",
        "model": generation.model,
        "operation": generation.operation,
    }
    charge = Charge(kind=kind, **(defaults | fields))
    ledger.append([charge])
    return charge


def make_limit(person_id: int | None, amount_micros: int | None) -> None:
    """A hard monthly limit of a person, or of the studio without one."""
    if person_id is None:
        set_limit(Scope.STUDIO, "", amount_micros)
    else:
        set_limit(Scope.PERSON, person_id, amount_micros)


def draw_png(size: tuple[int, int] = (64, 48), colour: tuple[int, int, int] | None = None) -> bytes:
    """The bytes of a plain PNG, of another colour than the last sixty-three."""
    return _drawn(size, colour or next(colours))


@cache
def _drawn(size: tuple[int, int], colour: tuple[int, int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


@cache
def _rendered(data: bytes) -> Rendered:
    return render(data, "png")


def claimed_generation(prompt: str = "A harbour", **values: Any) -> Generation:
    """One picture for $0.04 (or as `values` say), asked for as the form does, and claimed."""
    catalogue = load_catalogue(None)
    model = catalogue.find("imagen-4.0-generate-001")
    assert model is not None
    choice = Choice(model=model, values={"prompt": prompt, "size": "0.5K", **values})
    submit(make_person(), choice, catalogue=catalogue, wake=lambda: None)
    row = claim_next("sandbox", "w1")
    assert row is not None
    return row


def make_blind_test(
    person: Person | None = None,
    *,
    models: Sequence[str] = ("imagen-4.0-generate-001", "gpt-image-1.5"),
    prompts: int = 2,
    pictures: int = 1,
    state: str = "done",
    **fields: Any,
) -> BlindTest:
    """A blind test whose pictures were made, as its maker; `state` is that of its requests."""
    person = person or make_person()
    run = Run.objects.create(person=person, kind="blind", axis="model")
    defaults: dict[str, Any] = {
        "target": "sandbox",
        "name": "Which one?",
        "prompts": [f"A harbour, number {n}" for n in range(prompts)],
        "pictures_each": pictures,
        "pairs_each": 30,
    }
    test = BlindTest.objects.create(run=run, person=person, **(defaults | fields))
    for position, slug in enumerate(models):
        by = Contestant.objects.create(test=test, position=position, model=slug)
        for at, prompt in enumerate(test.prompts):
            row = make_generation(
                person, state=state, group=run.pk, model=slug, prompt=prompt, count=pictures
            )
            Sample.objects.create(generation=row, contestant=by, prompt=at)
            for index in range(pictures if state == State.DONE else 0):
                make_picture(row, index=index)
    return test
