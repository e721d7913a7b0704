"""Process the result of a call: store and record its answer, record or retry its refusal.

An answer is complete in the spool before it is parsed, and leaves the spool when its row is
settled.
"""

import logging
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from omixa_studio import database_file, storage
from omixa_studio.gateway.answer import read_answer
from omixa_studio.gateway.errors import GatewayError, told
from omixa_studio.gateway.records import ImageAnswer, RawAnswer
from omixa_studio.models import AnswerFile, Generation
from omixa_studio.models.generations import Charged
from omixa_studio.spool import Spooled, owner_of, read_spooled

from . import claims, folders, lost_calls, pauses, settling
from .keeping import NotThereYet, keep, keep_answer, keep_files
from .tools import Tools

log = logging.getLogger(__name__)

MOST_TRIES = 4
FIRST_WAIT_SECONDS = 2.0
# How long after the answer its pictures may take to become available at their addresses.
PATIENT_SECONDS = 600.0
HICCUP_SECONDS = 60.0
STORAGE_HICCUP_SECONDS = 10.0
GIVEN_UP = [told("given_up"), told("cost_none")]


def receive(generation: Generation, path: Path, tools: Tools) -> GatewayError | None:
    """Store and record the answer that just came; return the gateway's refusal, if any."""
    spooled = _read(path, tools)
    # If the row has changed meanwhile, the conditional update or the sweep handles it.
    return _understand(generation, path, spooled, tools, live=True) if spooled else None


def finish(path: Path, tools: Tools) -> GatewayError | None:
    """Settle a complete answer left by a crash, or one whose pictures are available late.

    Never pauses the queue, since the key may have changed after the answer came. The answer stays
    in the spool for another try while its pictures cannot be downloaded. Raises OSError if its
    pictures cannot be stored: the answer stays in the spool.
    """
    spooled = _read(path, tools)
    if spooled is None:
        return None
    generation = _waiting_row(path, spooled, tools)
    if generation is None:
        return None
    return _understand(generation, path, spooled, tools, live=False)


def may_forget(path: Path) -> bool:
    """Return whether an old leftover of the spool is no longer needed to decide a cost."""
    owner = owner_of(path)
    if owner is None:
        return False
    waiting = Generation.objects.filter(pk=owner[0], attempt=owner[1])
    return not waiting.filter(state__in=settling.MAY_STILL_SETTLE).exists()


def end_with(
    generation: Generation,
    error: GatewayError,
    tools: Tools,
    *,
    path: Path | None = None,
    seconds: float | None = None,
    live: bool = True,
    files: Sequence[AnswerFile] = (),
) -> GatewayError:
    """Record a refusal, or queue the generation again if it is certain that nothing was charged."""
    wait = error.retry_after or FIRST_WAIT_SECONDS * 2**generation.tries * random.uniform(1, 1.3)
    if live and error.pause != "no":
        pauses.pause(
            generation.target,
            error.kind,
            error=error.told,
            seconds=None if error.pause == "open" else wait,
            key=tools.key,
            gateway_key=pauses.key_paused_for(error.kind, generation.gateway_key_id),
        )
    may_retry = error.retryable and generation.tries + 1 < MOST_TRIES
    if may_retry and claims.hand_back(generation, tries=1, not_before_seconds=wait):
        if path:
            tools.spool.done_with(path)
        return error
    outcome = replace(settling.failed(error), seconds=seconds, files=files)
    if error.retryable:  # whose sentence promises a retry
        outcome = replace(outcome, error=GIVEN_UP)
    _book(generation, outcome, tools, path=path)
    return error


def _understand(
    generation: Generation, path: Path, spooled: Spooled, tools: Tools, *, live: bool
) -> GatewayError | None:
    """Store and record the content of an answer; return the gateway's refusal, if any.

    Raises OSError if it cannot be stored, after the row says so.
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
            return end_with(
                generation, error, tools, path=path, seconds=seconds, live=live, files=files
            )
    _book(generation, replace(outcome, seconds=spooled.seconds), tools, path=path)
    return None


def _read(path: Path, tools: Tools) -> Spooled | None:
    """Open a complete answer of the spool; move an unreadable one aside and return None.

    Also returns None, leaving the file, if the database file was replaced: the row would be settled
    in a file that nobody uses.
    """
    if database_file.is_replaced():
        return None
    try:
        return read_spooled(path)
    except FileNotFoundError:
        return None  # another process settled it first
    except ValueError as error:
        log.error("The answer %s cannot be read and was set aside: %s", path.name, error)
        tools.spool.set_aside(path)
        return None


def _waiting_row(path: Path, spooled: Spooled, tools: Tools) -> Generation | None:
    """Return the row that waits for an answer; if there is none, put the file away."""
    rows, label = Generation.objects.select_related("person"), spooled.label
    generation = rows.filter(pk=label.generation, attempt=label.attempt).first()
    if generation is None and lost_calls.keep_answer(
        label, spooled.raw, target=tools.target, worker=tools.worker, key=tools.key
    ):
        log.warning("The answer %s belongs to a call that is missing from the database.", path.name)
        tools.spool.park(path)
        return None
    if generation is None:
        log.warning("The answer %s belongs to no attempt and was set aside.", path.name)
        tools.spool.set_aside(path)
        return None
    if generation.settled_by and not _decided_by_person(generation):
        # Settled before a crash: only the row tells what could not be stored.
        lost = generation.error and generation.charged != Charged.NO
        (tools.spool.set_aside if lost else tools.spool.done_with)(path)
        return None
    return generation


def _decided_by_person(generation: Generation) -> bool:
    return (generation.settled_by or "").startswith("person:")


def _wait(
    generation: Generation, meanwhile: settling.Settlement, tools: Tools, *, hiccup: bool
) -> None:
    """Leave the row running during a short failure; after that mark its outcome as unknown."""
    if generation.state == meanwhile.state and generation.error == list(meanwhile.error):
        return
    if hiccup and claims.renew([generation], lease_seconds=tools.lease_seconds):
        return
    settling.settle(generation, meanwhile, settled_by="")


def _kept_of(
    generation: Generation, error: GatewayError, raw: RawAnswer, tools: Tools
) -> list[AnswerFile]:
    """Store the files of an answer without a picture that may have been paid for."""
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


def _book(
    generation: Generation, outcome: settling.Settlement, tools: Tools, *, path: Path | None
) -> None:
    """Settle, as a late answer if a person already decided, then put the spool file away."""
    settled = settling.settle(generation, outcome, settled_by=f"worker:{tools.worker}")
    if path is None:
        return
    if not settled:
        settling.settle_late(generation, outcome)
    if outcome.has_all and (settled or _is_settled(generation)):
        tools.spool.done_with(path)
    else:
        tools.spool.set_aside(path)


def _is_settled(generation: Generation) -> bool:
    row = Generation.objects.filter(pk=generation.pk, attempt=generation.attempt)
    return row.exclude(settled_by=None).exists()
