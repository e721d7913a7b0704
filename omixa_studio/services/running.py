"""One claimed generation, from its body to its end. Never inside a transaction.

At most once: the send guard is the last thing before the first byte, and after it nothing
is ever sent again unless the gateway itself said that nothing was charged.
"""

import hashlib
import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from omixa_studio import storage
from omixa_studio.catalogue import Catalogue, check_choice
from omixa_studio.gateway.answer import read_answer
from omixa_studio.gateway.errors import GatewayError, Told, told
from omixa_studio.gateway.rebuild import STANDS_FOR, restore_body
from omixa_studio.gateway.records import AnswerSink, ImageAnswer, InlineImage, RawAnswer
from omixa_studio.models import AnswerFile, Generation, GenerationInput
from omixa_studio.models.generations import Charged
from omixa_studio.sent import Journal, Sent
from omixa_studio.sentences import as_told
from omixa_studio.spool import (
    IncomingAnswer,
    Label,
    Spool,
    Spooled,
    owner_of,
    read_spooled,
)

from . import claims, folders, lost_calls, pauses, settling
from .fetching import Fetch
from .keeping import NotThereYet, keep, keep_answer, keep_files
from .space import Space

log = logging.getLogger(__name__)

MOST_TRIES = 4
MOST_SECONDS_TO_SEND = 5.0
RESERVED_PER_PICTURE = 16 * 2**20
FIRST_WAIT_SECONDS = 2.0
# How long pictures may take to be there after their addresses came.
PATIENT_SECONDS = 600.0
HICCUP_SECONDS = 60.0
STORAGE_HICCUP_SECONDS = 10.0
GIVEN_UP = [told("given_up"), told("cost_none")]


class Send(Protocol):
    """The paid call; `before_send` runs with the connection made, before the first byte."""

    def __call__(
        self, body: bytes, sink: AnswerSink, *, before_send: Callable[[], None]
    ) -> None: ...


class NotSent(Exception):
    """The send guard refused: another worker or a person has taken the row."""


class NotWrittenDown(Exception):
    """The journal of what was sent refused its line; the call must not be sent."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error)
        self.error = error


class SentTooLate(Exception):
    """The process stood still between the send guard and the first byte."""


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What a worker hands in: the gateway's two verbs, its folders, its clock and its turn.

    `unpacking` lets in as many answers at a time as there are cores, fewer where they are large;
    `worker` is its name.
    """

    send: Send
    fetch: Fetch
    spool: Spool
    journal: Journal
    catalogue: Callable[[], Catalogue]
    unpacking: Space
    key: str
    target: str = ""
    worker: str = ""
    clock: Callable[[], float] = time.monotonic
    lease_seconds: float = claims.LEASE_SECONDS


def run(generation: Generation, tools: Tools) -> GatewayError | None:
    """Send a claimed generation, keep and book what comes; return what the gateway refused."""
    try:
        uses = _inputs_of(generation)
        body = rebuild_body(generation, uses)
        _check_again(generation, uses, tools.catalogue())
    except GatewayError as error:
        return _end_with(generation, error, tools)
    label = Label(generation.pk, str(generation.attempt))
    try:
        incoming = tools.spool.reserve(label, RESERVED_PER_PICTURE * generation.count)
    except OSError as error:
        claims.hand_back(generation)
        folders.pause(generation.target, error, tools.spool.folder)
        return None
    try:
        answer = _receive(generation, body, incoming, tools)
    except NotSent:
        return None
    except NotWrittenDown as refusal:
        claims.hand_back(generation)
        folders.pause(generation.target, refusal.error, tools.journal.folder)
        return None
    except GatewayError as error:
        return _end_with(generation, error, tools)
    spooled = _read(answer, tools)
    # What happened to the row meanwhile is left to the conditional update, or to the sweep.
    return _understand(generation, answer, spooled, tools, live=True) if spooled else None


def finish(path: Path, tools: Tools) -> GatewayError | None:
    """Settle a complete answer that a crash left, or one whose pictures come late.

    It never pauses the queue: since it came the key may be another. It stays in the spool
    for another try while pictures of it cannot be fetched.
    Raises OSError when its pictures cannot be stored: the answer stays in the spool.
    """
    spooled = _read(path, tools)
    if spooled is None:
        return None
    generation = _waiting_row(path, spooled, tools)
    if generation is None:
        return None
    return _understand(generation, path, spooled, tools, live=False)


def _understand(
    generation: Generation, path: Path, spooled: Spooled, tools: Tools, *, live: bool
) -> GatewayError | None:
    """Keep and book what an answer holds; return what the gateway refused.

    Raises OSError when it cannot be stored, once the row says so.
    """
    try:
        return _understand_stored(generation, path, spooled, tools, live=live)
    except OSError as error:
        said = told("answer_waits", worker=tools.worker)
        meanwhile = settling.stored_later(said, folders.cause_of(error, storage.place()))
        _wait(generation, meanwhile, tools, hiccup=spooled.age < STORAGE_HICCUP_SECONDS)
        raise


def _understand_stored(
    generation: Generation, path: Path, spooled: Spooled, tools: Tools, *, live: bool
) -> GatewayError | None:
    with tools.unpacking.taken(len(spooled.raw.body)):
        try:
            answer = read_answer(spooled.raw, asked=generation.count)
            outcome = _outcome(
                generation, answer, spooled.raw, tools, patient=spooled.age < PATIENT_SECONDS
            )
        except NotThereYet:
            hiccup = spooled.age < HICCUP_SECONDS
            _wait(generation, settling.awaited(answer), tools, hiccup=hiccup)
            return None
        except GatewayError as error:
            files = _kept_of(generation, error, spooled.raw, tools)
            seconds = spooled.seconds
            return _end_with(
                generation, error, tools, path=path, seconds=seconds, live=live, files=files
            )
    _book(generation, replace(outcome, seconds=spooled.seconds), tools, path=path)
    return None


def _read(path: Path, tools: Tools) -> Spooled | None:
    """Open a complete answer of the spool; None, and it is put away, where it is none."""
    try:
        return read_spooled(path)
    except FileNotFoundError:
        return None  # another settler was faster
    except ValueError as error:
        log.error("The answer %s cannot be read; it is set aside: %s", path.name, error)
        tools.spool.set_aside(path)
        return None


def _waiting_row(path: Path, spooled: Spooled, tools: Tools) -> Generation | None:
    """The row that an answer belongs to; None, and it is put away, where nothing waits."""
    rows, label = Generation.objects.select_related("person"), spooled.label
    generation = rows.filter(pk=label.generation, attempt=label.attempt).first()
    if generation is None and lost_calls.keep_answer(
        label, spooled.raw, target=tools.target, worker=tools.worker, key=tools.key
    ):
        log.warning("The answer %s belongs to a call that the database lost.", path.name)
        tools.spool.park(path)
        return None
    if generation is None:
        log.warning("The answer %s belongs to no attempt; it is set aside.", path.name)
        tools.spool.set_aside(path)
        return None
    if generation.settled_by and not _decided_by_person(generation):
        # Settled before a crash: what could not be kept of it is told in the row alone.
        lost = generation.error and generation.charged != Charged.NO
        (tools.spool.set_aside if lost else tools.spool.done_with)(path)
        return None
    return generation


def may_forget(path: Path) -> bool:
    """Say whether an old leftover of the spool is of no more use to whoever decides."""
    owner = owner_of(path)
    if owner is None:
        return False
    waiting = Generation.objects.filter(pk=owner[0], attempt=owner[1])
    return not waiting.filter(state__in=settling.MAY_STILL_SETTLE).exists()


def _inputs_of(generation: Generation) -> list[GenerationInput]:
    if STANDS_FOR not in generation.body:
        return []
    return list(generation.sent_inputs.select_related("image"))


def rebuild_body(generation: Generation, uses: Sequence[GenerationInput]) -> bytes:
    """Return the body exactly as it was at the click, from its inputs with their images.

    Raises GatewayError when it cannot be.
    """
    try:
        images = {
            use.image.sha256: InlineImage(storage.get(use.image.name), use.image.mime)
            for use in uses
        }
        body = restore_body(generation.body, images)
    except (OSError, KeyError) as error:
        log.error("An input of generation %s is gone: %s", generation.pk, error)
        body = b""
    if hashlib.sha256(body).hexdigest() != generation.body_sha256:
        raise _ours(told("not_rebuilt"))
    return body


def _check_again(
    generation: Generation, uses: Sequence[GenerationInput], catalogue: Catalogue
) -> None:
    """Between click and call, models.toml may have changed."""
    model = catalogue.find(generation.model)
    if model is None or not model.enabled:
        raise _ours(told("switched_off", model=generation.model))
    values = dict(generation.options)
    if model.takes_prompt:
        values["prompt"] = generation.prompt
    masks = [use.is_mask for use in uses]
    faults = check_choice(model, values, images=masks.count(False), mask=True in masks)
    if faults:
        raise _ours(told("nothing_sent", why=as_told(faults[0])))


def _receive(generation: Generation, body: bytes, incoming: IncomingAnswer, tools: Tools) -> Path:
    """Send, and return the complete answer; else the spool keeps only what came of a body."""
    try:
        tools.send(body, incoming, before_send=_guard(generation, tools))
        return incoming.complete()
    except SentTooLate:
        raise _stood_still() from None
    except OSError as error:
        raise _disk_failed(error, tools.spool.folder) from error
    finally:
        incoming.leave()


def _guard(generation: Generation, tools: Tools) -> Callable[[], None]:
    def before_send() -> None:
        began = tools.clock()
        if not claims.pass_send_guard(generation, lease_seconds=tools.lease_seconds):
            raise NotSent
        _write_down(generation, tools)
        if tools.clock() - began > MOST_SECONDS_TO_SEND:
            raise SentTooLate

    return before_send


def _write_down(generation: Generation, tools: Tools) -> None:
    line = Sent(
        database=tools.journal.database,
        target=generation.target,
        generation=generation.pk,
        created=generation.created_at.isoformat(),
        nth=generation.tries,
        attempt=str(generation.attempt),
        files=generation.file_token,
        body=generation.body_sha256,
        worker=tools.worker,
    )
    try:
        tools.journal.write(line)
    except OSError as error:
        raise NotWrittenDown(error) from error


def _wait(
    generation: Generation, meanwhile: settling.Settlement, tools: Tools, *, hiccup: bool
) -> None:
    """Leave the row running for a hiccup; after that say openly that its end is not known."""
    if generation.state == meanwhile.state and generation.error == list(meanwhile.error):
        return
    if hiccup and claims.renew([generation], lease_seconds=tools.lease_seconds):
        return
    settling.settle(generation, meanwhile, settled_by="")


def _kept_of(
    generation: Generation, error: GatewayError, raw: RawAnswer, tools: Tools
) -> list[AnswerFile]:
    """What an answer without a picture held, where it may have been paid for."""
    if error.charged == "no":
        return []
    files = keep_files(generation, error.remains)
    if error.remains.answer:
        files.append(keep_answer(generation, raw.body, key=tools.key))
    return files


def _outcome(
    generation: Generation, answer: ImageAnswer, raw: RawAnswer, tools: Tools, *, patient: bool
) -> settling.Settlement:
    kept = keep(generation, answer, tools.fetch, patient=patient)
    if kept.lost or answer.remains.answer:
        whole = keep_answer(generation, raw.body, key=tools.key)
        kept = replace(kept, files=(*kept.files, whole))
    build = settling.succeeded if kept.pictures else settling.nothing_usable
    return build(
        kept,
        billed=answer.billed,
        billed_text=answer.billed_text,
        request_id=answer.request_id,
    )


def _end_with(
    generation: Generation,
    error: GatewayError,
    tools: Tools,
    *,
    path: Path | None = None,
    seconds: float | None = None,
    live: bool = True,
    files: Sequence[AnswerFile] = (),
) -> GatewayError:
    """Book a refusal, or queue the row again where that is certain to be free."""
    wait = error.retry_after or FIRST_WAIT_SECONDS * 2**generation.tries * random.uniform(1, 1.3)
    if live and error.pause != "no":
        pauses.pause(
            generation.target,
            error.kind,
            error=error.told,
            seconds=None if error.pause == "open" else wait,
            key=tools.key,
        )
    may_retry = error.retryable and generation.tries + 1 < MOST_TRIES
    if may_retry and claims.hand_back(generation, tries=1, not_before_seconds=wait):
        if path:
            tools.spool.done_with(path)
        return error
    outcome = replace(settling.failed(error), seconds=seconds, files=files)
    if error.retryable:  # whose sentence promises another try
        outcome = replace(outcome, error=GIVEN_UP)
    _book(generation, outcome, tools, path=path)
    return error


def _book(
    generation: Generation, outcome: settling.Settlement, tools: Tools, *, path: Path | None
) -> None:
    """Settle; where a person was faster, as a late answer. Then put the spool file away."""
    settled = settling.settle(generation, outcome, settled_by=f"worker:{tools.worker}")
    if path is None:
        return
    if not settled:
        settling.settle_late(generation, outcome)
    row = Generation.objects.filter(pk=generation.pk, attempt=generation.attempt)
    if outcome.has_all and (settled or row.exclude(settled_by=None).exists()):
        tools.spool.done_with(path)
    else:
        tools.spool.set_aside(path)


def _decided_by_person(generation: Generation) -> bool:
    return (generation.settled_by or "").startswith("person:")


def _ours(said: Told) -> GatewayError:
    return GatewayError(said, kind="ours", charged="no")


def _stood_still() -> GatewayError:
    return GatewayError(told("stood_still"), kind="ours", charged="unknown")


def _disk_failed(error: OSError, folder: Path) -> GatewayError:
    return GatewayError(
        told("disk_failed"),
        folders.cause_of(error, folder),
        told("cost_possible"),
        kind="ours",
        charged="unknown",
        detail=str(error),
    )
