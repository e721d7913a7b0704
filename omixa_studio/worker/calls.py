"""The calls of the worker: claiming, running, renewing leases, sweeping and stopping."""

import errno
import logging
import os
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import close_old_connections, connection

from omixa_studio import database_file, logs, storage, tasks
from omixa_studio.catalogue import Catalogue, load_catalogue
from omixa_studio.gateway.client import Gateway
from omixa_studio.models import Generation
from omixa_studio.sent import Journal
from omixa_studio.services import (
    answers,
    background,
    claims,
    folders,
    gateway_secrets,
    models_file,
    older_copies,
    pauses,
    running,
    secret_marks,
    sightings,
)
from omixa_studio.services.background_kinds import kinds_asking
from omixa_studio.services.space import Space
from omixa_studio.services.tools import Tools
from omixa_studio.spool import Spool, owner_of

log = logging.getLogger(__name__)

DAYS_TO_KEEP_UNUSABLE = 30.0
# An answer and its picture stay in memory while waiting for space to decode. Uncompressed answers
# of 50 megapixels (189 MiB) are decoded alone.
MOST_UNPACKING, UNPACKING_BYTES = 4, 352 * 2**20
SECONDS_OF_FEWER_CALLS = 60.0
# How long one wait lasts; CPython can miss one of two signals that arrive together.
SECONDS_ASLEEP = 0.5


@dataclass(frozen=True, kw_only=True)
class Times:
    """All intervals of the worker, in seconds; tests shorten them."""

    lease: float = claims.LEASE_SECONDS
    renew: float = 5.0
    sweep: float = 5.0
    background: float = 2.0
    webhooks: float = 1.0
    stop: float = 30.0
    seen: float = sightings.SECONDS_BETWEEN_SIGHTS
    gone: float = sightings.SECONDS_UNTIL_GONE


def steady_seconds() -> float:
    """Return a clock that includes time suspended, where the system has one; in seconds."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def _catalogue() -> Catalogue:
    """Return the image models with what an admin has just changed, perhaps on another machine."""
    try:
        models_file.catch_up(settings.MODELS_TOML)
    except OSError as error:
        log.warning("What was changed elsewhere cannot be written here: %s", error)
    return load_catalogue(settings.MODELS_TOML)


class Worker:
    """The running calls, the free slots of the pool, and the threads around them."""

    def __init__(
        self,
        *,
        threads: int,
        times: Times,
        target: str,
        gateway: Gateway,
        least_free_bytes: int = storage.LEAST_FREE_BYTES,
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.threads, self.times, self.target = threads, times, target
        self.least_free_bytes = least_free_bytes
        self.spool, self.journal = Spool(settings.SPOOL_DIR), Journal(settings.SENT_DIR)
        self.tools = Tools(
            send=gateway.generate,
            send_with_key=gateway.generate,
            fetch=gateway.fetch,
            spool=self.spool,
            journal=self.journal,
            catalogue=_catalogue,
            unpacking=Space(UNPACKING_BYTES, turns=min(os.cpu_count() or 1, MOST_UNPACKING)),
            key=settings.GATEWAY_KEY,
            target=target,
            worker=self.name,
            clock=steady_seconds,
            lease_seconds=times.lease,
        )
        self.stopping = threading.Event()
        self.stopped = threading.Event()
        # Keyed by attempt: a row whose lease was lost can be claimed again while its old call still
        # ends.
        self.in_hand: dict[UUID | None, Generation] = {}
        self.woken = threading.Event()
        self.background, self.backup = background.Hand(), background.Hand()
        self.kinds = kinds_asking(tasks.ask_about_usage)
        self._room = threading.Condition()
        self._comparing = threading.Lock()
        self._connected = threading.local()
        self._taken = 0
        self._fewer_until = 0.0
        self._silences: dict[str, sightings.Silence] = {}
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="call")

    # Claiming and running

    def hand_out(self, *, wait: bool = True) -> None:
        """Claim and start as many generations as fit; with `wait`, wait for a free slot."""
        while self._take_room(wait=wait):
            generation = self._claim_or_give_room()
            if generation is None:
                return
            self.in_hand[generation.attempt] = generation
            self._pool.submit(self._call, generation)

    def _claim_or_give_room(self) -> Generation | None:
        generation = None
        try:
            if self._has_disk() and self.compare():
                generation = claims.claim_next(
                    self.target, self.name, lease_seconds=self.times.lease
                )
        finally:
            if generation is None:
                self._give_room()
        return generation

    def _take_room(self, *, wait: bool) -> bool:
        with self._room:
            if wait:
                self._room.wait_for(lambda: self.stopping.is_set() or self._has_room())
            if self.stopping.is_set() or not self._has_room():
                return False
            self._taken += 1
            return True

    def _give_room(self) -> None:
        with self._room:
            self._taken -= 1
            self._room.notify_all()

    def _has_room(self) -> bool:
        fewer = steady_seconds() < self._fewer_until
        return self._taken < (max(self.threads // 2, 1) if fewer else self.threads)

    def _has_disk(self) -> bool:
        try:
            if self.spool.free_bytes() >= self.least_free_bytes:
                return True
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            folders.pause(self.target, error, self.spool.folder)
        return False

    def compare(self, *, always: bool = False) -> bool:
        """Detect an older copy of the database before a claim; return whether the check succeeded.

        Runs at the start, at every sweep, and after each new connection to the database.
        """
        with self._comparing:
            if database_file.is_replaced():
                self._leave()
                return False
            # Now, so that what follows asks no database that this thread has not compared.
            connection.cursor().close()
            if not (always or self.journal.doubted or self._has_new_connection()):
                return True
            try:
                if not (self.journal.database and older_copies.is_same(self.journal)):
                    self.spool.take_up(older_copies.compare(self.journal, self.target))
            except OSError as error:
                self.journal.doubted = True
                folders.pause(self.target, error, self.journal.folder)
                return False
            self._connected.lately = False
        return True

    def _has_new_connection(self) -> bool:
        """Return whether this thread has connected since it compared."""
        return bool(getattr(self._connected, "lately", False))

    def _leave(self) -> None:
        """Stop: the database file was replaced, and only a new start can compare the new one."""
        if not self.stopping.is_set():
            log.critical(
                "The database file %s was replaced or deleted while the studio was running. The "
                "worker stops; start the studio again.",
                connection.settings_dict["NAME"],
            )
            database_file.set_aside()
        self.stopping.set()

    def doubt(self, **signal: object) -> None:
        """Note a new connection: the address may lead to another database by now.

        Each thread has its own, and others may have compared that of before meanwhile.
        """
        self.journal.doubted = True
        self._connected.lately = True

    def _call(self, generation: Generation) -> None:
        try:
            with logs.about(generation=generation.pk):
                error = running.run(generation, self.tools)
            if error is not None and error.kind == "rate":
                self._fewer_until = steady_seconds() + SECONDS_OF_FEWER_CALLS
        except Exception:  # the thread returns to the pool; the sweep settles the row
            log.exception("Generation %s failed because of an error in the studio.", generation.pk)
        finally:
            close_old_connections()
            self.in_hand.pop(generation.attempt, None)
            self._give_room()

    # Renewing leases and sweeping

    def renew(self) -> None:
        """Renew the leases of all running calls, and of the background job in hand."""
        if calls := list(self.in_hand.values()):
            claims.renew(calls, lease_seconds=self.times.lease)
        for hand in (self.background, self.backup):
            if job := hand.job:
                background.renew(job, lease_seconds=self.times.lease)

    def sweep(self) -> None:
        """Settle rows of crashed workers, end expired pauses, hand out queued generations."""
        # Renew our own leases first: a clock change must not expire a row whose call is still
        # running.
        self.renew()
        self.compare(always=True)
        if self.stopping.is_set():
            return
        self.spool.trim_parts()  # complete answers among them are settled, not marked unknown
        claims.expire()
        self._cancel_for_the_gone()
        claims.cancel_of_nobody(self.target)
        gateway_secrets.learn()
        others = gateway_secrets.digests(self.target)
        pauses.end_outdated(self.target, settings.GATEWAY_KEY, others)
        self._tidy()
        self.hand_out(wait=False)

    def be_seen(self) -> None:
        """Record that this worker is alive, for the workers of other targets; and its secret."""
        sightings.be_seen(self.name, self.target)
        secret_marks.compare(self.name)

    def _cancel_for_the_gone(self) -> None:
        sightings.cancel_for_the_gone(
            self.target,
            self._silences,
            clock=steady_seconds,
            until_gone=self.times.gone,
            longest_look=self.times.seen,
        )

    def settle(self) -> None:
        """Settle answers left by crashed workers, and those whose pictures are downloaded late."""
        for answer in self.spool.whole_answers():
            if not self._is_in_hand(answer) and not self.stopping.is_set():
                self._finish(answer)

    def _finish(self, answer: Path) -> None:
        try:
            answers.finish(answer, self.tools)
        except Exception:  # an error in one answer must not delay the others
            log.exception(
                "The answer %s could not be stored yet; it stays in the spool.", answer.name
            )
            close_old_connections()

    def _is_in_hand(self, answer: Path) -> bool:
        owner = owner_of(answer)
        return owner is not None and owner[1] in self.in_hand

    def _tidy(self) -> None:
        storage.forget_parts()
        for leftover in self.spool.old_leftovers(DAYS_TO_KEEP_UNUSABLE):
            if answers.may_forget(leftover):
                self.spool.done_with(leftover)

    # Stopping

    def stop(self) -> None:
        """Stop claiming, wait for calls in flight, then settle the rest."""
        self.stopping.set()
        with self._room:
            self._room.notify_all()
        deadline = steady_seconds() + self.times.stop
        while self._is_busy() and steady_seconds() < deadline:
            continue
        for generation in list(self.in_hand.values()):
            claims.abandon(generation)
        for hand in (self.background, self.backup):
            if job := hand.job:
                background.hand_back(job)
        self.stopped.set()

    def _is_busy(self) -> bool:
        """Wait briefly for calls to end, then return whether any are still in flight."""
        wait = min(SECONDS_ASLEEP, self.times.stop)
        with self._room:
            return not self._room.wait_for(lambda: not self._taken, timeout=wait)
