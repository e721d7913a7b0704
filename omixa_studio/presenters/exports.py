"""Exports as the page lists them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from omixa_studio.dates import local
from omixa_studio.directions import isolated
from omixa_studio.forms.downloads import FORMATS, ORIGINAL
from omixa_studio.forms.exports import ExportAsked
from omixa_studio.models import BackgroundJob, Export, JobState, Pack, Picture
from omixa_studio.sentences import tell
from omixa_studio.services.exports import DAYS_TO_KEEP, EVERYTHING
from omixa_studio.services.file_names import USUAL, distinct, key_of, stem_of, values_of

from .background.words import JobLink, JobWords
from .pictures.download import FormatChoice, formats_for, sides_for
from .pictures.kinds import ending_of

HINTS = {
    Pack.INTERNAL: gettext_lazy("With prompt, settings, cost and origin of each picture."),
    Pack.CLIENT: gettext_lazy("Without prompt, cost and names."),
}
# What stands in braces in a name.
FIELDS = {
    "date": gettext_lazy("day"),
    "time": gettext_lazy("time"),
    "n": gettext_lazy("number in the export"),
    "id": gettext_lazy("number of the picture"),
    "prompt": gettext_lazy("words of the prompt"),
    "model": gettext_lazy("model"),
    "person": gettext_lazy("maker"),
    "project": gettext_lazy("project"),
    "operation": gettext_lazy("operation"),
    "size": gettext_lazy("size in pixels"),
}


@dataclass(frozen=True, kw_only=True)
class ExportCard:
    """An export in words: how far it is, or why there is no file, or until when it is kept."""

    export: Export
    title: str
    about: str
    state: str
    sentence: str
    done: int
    total: int
    kept_until: datetime | None

    @property
    def is_open(self) -> bool:
        return self.state in (JobState.QUEUED, JobState.RUNNING)


@dataclass(frozen=True, kw_only=True)
class ExportForm:
    """The form of an export: how many pictures, what is chosen, the first names, what is wrong.

    `sent` are the fields of the selection, which go along again.
    """

    count: int
    bytes: int
    pack: str
    packs: Sequence[tuple[str, str, str, bool]]
    formats: Sequence[FormatChoice]
    sides: Sequence[tuple[int, str]]
    side: int
    quality: int
    template: str
    fields: Sequence[tuple[str, str]]
    names: Sequence[str]
    sent: Sequence[tuple[str, str]]
    sample: Sequence[int]
    faults: Sequence[str]

    @property
    def more(self) -> bool:
        return self.count > len(self.names)


def form_of(
    asked: ExportAsked,
    sample: Sequence[Picture],
    *,
    count: int,
    sent: Sequence[tuple[str, str]],
    faults: Sequence[str],
) -> ExportForm:
    """Return the form for so many pictures, of which `sample` are the first."""
    return ExportForm(
        count=count,
        bytes=sum(one.bytes for one in sample) * count // max(len(sample), 1),
        pack=asked.pack,
        packs=[(one, str(one.label), str(HINTS[one]), one == asked.pack) for one in Pack],
        formats=formats_for(asked.copies, _("as received")),
        sides=sides_for(0),
        side=asked.copies.side,
        quality=asked.copies.quality,
        template=asked.template,
        fields=[(f"{{{name}}}", str(words)) for name, words in FIELDS.items()],
        names=names_of(asked, sample, among=count),
        sent=sent,
        sample=[one.pk for one in sample],
        faults=faults,
    )


def names_of(asked: ExportAsked, sample: Sequence[Picture], *, among: int) -> list[str]:
    """Return the names that the first pictures of an export get."""
    template, ending = asked.template or USUAL[Pack(asked.pack)], asked.copies.format
    taken: set[int] = set()
    names = []
    for n, picture in enumerate(sample, 1):
        made = local(picture.created_at)
        values = values_of(picture, n, among=among, made_at=made)
        stem = distinct(stem_of(template, values), n, taken)
        taken.add(key_of(stem))
        kind = picture.format if ending == ORIGINAL else ending
        names.append(f"{stem}.{ending_of(kind)}")
    return names


def cards_of(exports: Iterable[Export]) -> list[ExportCard]:
    """Return the exports of a person as the page lists them."""
    return [_card(export) for export in exports]


def file_name(export: Export) -> str:
    """Return the name under which the file of an export is saved."""
    made = local(export.created_at)
    if export.table == EVERYTHING:
        return f"everything-{export.whose.username if export.whose else ''}-{made:%Y-%m-%d}.zip"
    if export.table:
        return f"costs-{made:%Y-%m-%d-%H%M}.xlsx"
    return f"{'pictures' if export.pack == Pack.CLIENT else 'studio'}-{made:%Y-%m-%d-%H%M}.zip"


def _title(job: BackgroundJob) -> str:
    n = job.total or 0
    return ngettext("Export of %(n)d picture", "Export of %(n)d pictures", n) % {"n": n}


EXPORT_JOB = JobWords(
    title=_title,
    ended=lambda job: _("The export is ready.") if job.state == JobState.DONE else "",
    link=lambda job: JobLink(reverse("exports"), _("Show exports")),
)

SHEET_JOB = JobWords(
    title=lambda job: _("Spreadsheet of costs"),
    ended=lambda job: _("The spreadsheet is ready.") if job.state == JobState.DONE else "",
    link=lambda job: JobLink(reverse("exports"), _("Show exports")),
)


ARCHIVE_JOB = JobWords(
    title=lambda job: _("Archive of everything"),
    ended=lambda job: _("The archive is ready.") if job.state == JobState.DONE else "",
    link=lambda job: JobLink(reverse("exports"), _("Show exports")),
)


def _card(export: Export) -> ExportCard:
    job = export.job
    state = JobState.DONE if export.file else job.state if job else JobState.FAILED
    until = (export.ready_at or export.created_at) + timedelta(days=DAYS_TO_KEEP)
    return ExportCard(
        export=export,
        title=_words_of(export),
        about=_about(export),
        state=str(state),
        sentence=_sentence(export, state),
        done=job.done if job else 0,
        total=(job.total if job else None) or export.pictures,
        kept_until=until if export.file else None,
    )


def _words_of(export: Export) -> str:
    n = export.pictures
    if export.table == EVERYTHING and export.whose and export.whose != export.person:
        return _("Everything of %(name)s") % {"name": isolated(export.whose.name)}
    if export.table == EVERYTHING:
        return _("Everything of mine")
    if export.table:
        return ngettext("Costs of %(n)d request", "Costs of %(n)d requests", n) % {"n": n}
    return ngettext("%(n)d picture", "%(n)d pictures", n) % {"n": n}


def _about(export: Export) -> str:
    if export.table == EVERYTHING:
        n = export.pictures
        return ngettext("%(n)d picture", "%(n)d pictures", n) % {"n": n}
    if export.table:
        return _("Spreadsheet")
    parts = [Pack(export.pack).label, FORMATS.get(export.format, export.format)]
    if export.side:
        parts.append(_("%(n)d px") % {"n": export.side})
    return ", ".join(map(str, parts))


def _sentence(export: Export, state: str) -> str:
    if state == JobState.FAILED:
        return tell(export.job.error) if export.job else _("It could not be made.")
    if state == JobState.CANCELLED:
        return _("Cancelled.")
    if state == JobState.DONE and export.left_out:
        n = export.left_out
        return ngettext(
            "%(n)d picture could not go along.", "%(n)d pictures could not go along.", n
        ) % {"n": n}
    return ""
