"""Run one claimed generation, from building its body to its end. Never in a transaction.

At most once: the send guard is the last step before the first byte, and after it nothing is ever
sent again unless the gateway itself said that nothing was charged.
"""

from collections.abc import Callable
from pathlib import Path

from omixa_studio import storage
from omixa_studio.gateway.errors import GatewayError, told
from omixa_studio.models import ENVIRONMENT, Generation
from omixa_studio.models.pauses import Reason
from omixa_studio.sent import Sent
from omixa_studio.spool import IncomingAnswer, Label

from . import answers, bodies, claims, folders, gateway_secrets, pauses
from .gateway_secrets import KeyPaused
from .sealing import NotReadable
from .tools import Tools

MOST_SECONDS_TO_SEND = 5.0
RESERVED_PER_PICTURE = 16 * 2**20


class NotSent(Exception):
    """The send guard refused: another worker or a person has taken the row."""


class NotWrittenDown(Exception):
    """The journal of sent requests could not be written; the call must not be sent."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error)
        self.error = error


class SentTooLate(Exception):
    """The process was suspended between the send guard and the first byte."""


def run(generation: Generation, tools: Tools) -> GatewayError | None:
    """Send a claimed generation, store and record the answer; return the refusal, if any."""
    try:
        tools = _with_its_key(generation, tools)
    except (KeyPaused, NotReadable) as why:
        _wait_for_key(generation, why)
        return None
    try:
        body = bodies.body_of(generation, tools.catalogue())
    except GatewayError as error:
        return answers.end_with(generation, error, tools)
    except storage.StorageAwayError as error:
        _hand_back(generation, error, storage.place())
        return None
    try:
        label = Label(generation.pk, str(generation.attempt))
        incoming = tools.spool.reserve(label, RESERVED_PER_PICTURE * generation.count)
    except OSError as error:
        _hand_back(generation, error, tools.spool.folder)
        return None
    try:
        answer = _send(generation, body, incoming, tools)
    except NotSent:
        return None
    except NotWrittenDown as refusal:
        _hand_back(generation, refusal.error, tools.journal.folder)
        return None
    except GatewayError as error:
        return answers.end_with(generation, error, tools)
    return answers.receive(generation, answer, tools)


def _with_its_key(generation: Generation, tools: Tools) -> Tools:
    """Return the tools for a call with the key that the request names. Raises as `secret_of`."""
    if generation.gateway_key_id is None:
        return tools
    secret = gateway_secrets.secret_of(generation.gateway_key_id, generation.target)
    return tools.with_key(secret)


def _wait_for_key(generation: Generation, why: Exception) -> None:
    """Requeue a row that was not sent, and pause its key if nobody can read its secret."""
    if isinstance(why, NotReadable):
        pauses.pause(
            generation.target,
            Reason.SEALED,
            error=[told("key_sealed")],
            gateway_key=generation.gateway_key_id,
        )
    claims.hand_back(generation)


def _hand_back(generation: Generation, error: OSError, folder: Path | str) -> None:
    """Requeue a row that was not sent, and pause the queue until its folder can be used."""
    claims.hand_back(generation)
    folders.pause(generation.target, error, folder)


def _send(generation: Generation, body: bytes, incoming: IncomingAnswer, tools: Tools) -> Path:
    """Send, and return the complete answer; otherwise the spool keeps only a partial body."""
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
        person=generation.person_id or 0,
        click=generation.click or "",
        key=generation.gateway_key_id or ENVIRONMENT,
    )
    try:
        tools.journal.write(line)
    except OSError as error:
        raise NotWrittenDown(error) from error


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
