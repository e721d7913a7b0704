"""Every kind of background job, and how it works."""

from . import bill_files, bill_jobs, cost_sheets, exporting, old_hashes, selections, taking_away
from .background import JobKind
from .bill_asking import Ask

KINDS: dict[str, JobKind] = {
    selections.STEP: JobKind(work=selections.work_on_step),
    selections.UNDO: JobKind(work=selections.work_on_undo),
    bill_files.KIND: bill_files.JOB,
    exporting.KIND: exporting.JOB,
    cost_sheets.KIND: cost_sheets.JOB,
    taking_away.KIND: taking_away.JOB,
    old_hashes.KIND: JobKind(work=old_hashes.work),
}


def kinds_asking(ask: Ask) -> dict[str, JobKind]:
    """Return every kind, those that ask the gateway among them."""
    return {**KINDS, bill_jobs.KIND: bill_jobs.job_of(ask)}


# Each of these is done once in the life of a studio, as far as its version needs it.
OF_STUDIO = (old_hashes.KIND,)
