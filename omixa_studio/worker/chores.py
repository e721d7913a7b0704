"""What the worker does now and then besides calls, each repeated by a thread of `loops.py`."""

import logging
import math
from collections.abc import Callable

from django.conf import settings

from omixa_studio import jobs
from omixa_studio.presenters.costs.report_mail import mail_of_report
from omixa_studio.presenters.mail import mail_of, reset_mail
from omixa_studio.queries import backups, balance_check, cost_check
from omixa_studio.queries.pauses import is_older_copy
from omixa_studio.services import (
    background,
    backup_jobs,
    bill_jobs,
    budget_requests,
    carrying_on,
    collecting,
    cost_totals,
    curating,
    exports,
    inputs,
    kept,
    leaving,
    mailing,
    month_counts,
    password_resets,
    people,
    price_watch,
    reports,
    retention,
    sightings,
    soft_limits,
    wallet,
    webhook_sending,
)
from omixa_studio.services.background_kinds import OF_STUDIO

from .calls import Worker

log = logging.getLogger(__name__)

MOST_MERGED = 1000


def empty(worker: Worker) -> None:
    """Delete pictures long in the trash, unused inputs, old exports, messages and sessions.

    So are those that rules of retention name, after people were told. Private pictures of removed
    people are handed over or erased when their day has come. Also starts the background jobs that
    the studio itself needs.
    """
    batches = (
        leaving.carry_out,
        retention.warn,
        retention.erase_due,
        curating.empty_trash,
        inputs.forget_unused,
        exports.forget_old,
        webhook_sending.forget_old,
    )
    for batch in batches:
        _empty_all(batch, worker)
    exports.forget_leftovers()
    people.forget_expired_sessions()
    sightings.forget_old()
    background.tidy(worker.kinds)
    for kind in OF_STUDIO:
        background.ensure(kind)


def _empty_all(batch: Callable[[], int], worker: Worker) -> None:
    """Delete batch by batch; a file that cannot be deleted holds up nothing else."""
    try:
        while not worker.stopping.is_set() and batch():
            continue
    except OSError:
        log.exception("Not all could be deleted (%s); it is tried again.", batch.__name__)


def work_in_background(worker: Worker) -> None:
    """Work on background jobs, one at a time, until none is left; then wait to be woken."""
    while not worker.stopping.is_set() and background.take_turn(
        worker.kinds,
        worker.name,
        hand=worker.background,
        go_on=lambda: not worker.stopping.is_set(),
        lease_seconds=worker.times.lease,
    ):
        continue
    worker.woken.wait(worker.times.background)
    worker.woken.clear()


def back_up(worker: Worker) -> None:
    """Make the nightly backup if it is due, and tell admins if there was none."""
    folder = settings.BACKUP_DIR
    if folder is None:
        return
    backup_jobs.start_if_due()
    background.take_turn(
        {backups.KIND: backup_jobs.make_job(folder)},
        worker.name,
        hand=worker.backup,
        go_on=lambda: not worker.stopping.is_set(),
        seconds=math.inf,
        lease_seconds=worker.times.lease,
    )
    backup_jobs.tell_if_missing()


def mail(worker: Worker) -> None:
    """Mail links to people who forgot their password, and people's notices and reports.

    Of the latter an older copy mails nothing until it is resumed: the studio that it was copied
    from may mail them, too.
    """
    password_resets.mail_resets(lambda person, secret: reset_mail(person, secret).send())
    if is_older_copy(worker.target):
        return
    mailing.mail_notices(lambda person, notices: mail_of(person, notices).send())
    reports.send_due(lambda due: mail_of_report(due).send())


def carry_on(worker: Worker) -> None:
    """Queue what was granted but not sent, such as after a crash; end what nobody answered.

    Also tells of soft limits that were reached.
    """
    if not worker.stopping.is_set():
        carrying_on.carry_on_all(worker.target, catalogue=worker.tools.catalogue, wake=jobs.wake)
        budget_requests.expire(worker.target)
        soft_limits.tell_of_reached(worker.target)


def look_at_money(worker: Worker) -> None:
    """Warn of a low wallet and of prices that rose; start comparing the bill when it is due."""
    wallet.check(worker.target)
    price_watch.watch(worker.target, worker.tools.catalogue())
    if bill_jobs.start_if_due(worker.target):
        worker.woken.set()


def watch_wallet(worker: Worker) -> None:
    """Tell admins that the gateway found the wallet empty."""
    wallet.tell_of_empty(worker.target)


def add_up_costs(_worker: Worker) -> None:
    """Add new ledger rows to the totals of costs."""
    cost_totals.catch_up()


def merge_counts(worker: Worker) -> None:
    """Merge what changes added to the counts of pictures, in short batches."""
    collecting.recount_deleted_and_restored()
    for merge in (month_counts.merge, kept.merge):
        while not worker.stopping.is_set() and merge(most=MOST_MERGED) == MOST_MERGED:
            continue


def compare_counts(_worker: Worker) -> None:
    """Log an error if the counts of pictures differ from the pictures, and count anew."""
    if wrong := month_counts.repair():
        log.error("The counts of %s months of galleries were wrong: %s", len(wrong), wrong[:5])
    if wrong := kept.repair():
        log.error("%s counts of kept pictures were wrong: %s", len(wrong), wrong[:5])


def compare_totals(_worker: Worker) -> None:
    """Log which totals of costs differ from the ledger."""
    for (target, kind), above in cost_check.wrong_totals().items():
        log.error("Totals of costs %s of %s exceed the ledger by %s.", kind, target, above)


def compare_balances(_worker: Worker) -> None:
    """Log an error if a balance differs from the sum of its ledger rows."""
    for key, above in balance_check.differences().items():
        log.error("A balance differs from its ledger by %s micro-dollars: %s", above, key)
