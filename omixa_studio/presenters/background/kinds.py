"""The words of every kind of background job."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omixa_studio.presenters.exports import ARCHIVE_JOB, EXPORT_JOB, SHEET_JOB
from omixa_studio.presenters.pictures.steps import STEP_JOB, UNDO_JOB
from omixa_studio.services import (
    bill_files,
    bill_jobs,
    cost_sheets,
    exporting,
    old_hashes,
    selections,
    taking_away,
)

from .words import JobLink, JobWords

HASHES_JOB = JobWords(
    title=lambda job: _("Preparing older pictures to be found as similar"),
    ended=lambda job: _("Every picture is compared by now."),
)

MATCHING_JOB = JobWords(
    title=lambda job: _("Comparing the bill with the ledger"),
    ended=lambda job: (
        ngettext("%(n)s difference found.", "%(n)s differences found.", job.result.get("open", 0))
        % {"n": job.result.get("open", 0)}
    ),
    link=lambda job: JobLink(reverse("matching"), _("Show")),
)

IMPORT_JOB = JobWords(
    title=lambda job: _("Importing a bill"),
    ended=lambda job: (
        ngettext("%(n)s difference found.", "%(n)s differences found.", job.result.get("open", 0))
        % {"n": job.result.get("open", 0)}
    ),
    link=lambda job: JobLink(reverse("matching") + "?source=file", _("Show")),
)

WORDS: dict[str, JobWords] = {
    exporting.KIND: EXPORT_JOB,
    bill_files.KIND: IMPORT_JOB,
    cost_sheets.KIND: SHEET_JOB,
    taking_away.KIND: ARCHIVE_JOB,
    bill_jobs.KIND: MATCHING_JOB,
    old_hashes.KIND: HASHES_JOB,
    selections.STEP: STEP_JOB,
    selections.UNDO: UNDO_JOB,
}
