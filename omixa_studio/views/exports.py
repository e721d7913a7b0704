"""Exports: listed, asked for, started, downloaded, deleted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from omixa_studio import jobs, storage
from omixa_studio.filters.selection import Selection
from omixa_studio.forms.exports import ExportAsked, read_export
from omixa_studio.forms.generation import read_id
from omixa_studio.forms.selections import SelectionUnusable, read_selection
from omixa_studio.models import Export, Pack, Person
from omixa_studio.presenters.exports import cards_of, file_name, form_of, names_of
from omixa_studio.queries import selections
from omixa_studio.queries.exports import exports_of, in_order
from omixa_studio.queries.selections import Stretch
from omixa_studio.services import exports
from omixa_studio.services.exports import ExportRefused, Wanted
from omixa_studio.services.file_names import USUAL

from . import respond
from .byte_ranges import FilePart, part_of
from .proof import own_act
from .requests import PersonRequest, actor_of

# How many names are shown before an export starts.
SAMPLE = 3
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The fields of a selection.
SELECTED = ("ids", "gallery", "ranges", "all", "without", "as_of")


@require_safe
def page(request: PersonRequest) -> HttpResponse:
    """Show the person's exports; those being made are drawn anew while they are."""
    cards = cards_of(exports_of(request.user))
    polls = any(card.is_open for card in cards)
    shown = {"cards": cards, "polls": polls, "days": exports.DAYS_TO_KEEP}
    template = "_list.html" if respond.wants_part(request) else "exports.html"
    return respond.part(request, f"exports/{template}", shown)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: PersonRequest) -> HttpResponse:
    """Ask what an export of a selection is to hold; with `step=start` start it."""
    data = request.POST if request.method == "POST" else request.GET
    asked, chosen = read_export(data), _chosen(request.user, data)
    faults = [*chosen.faults, *asked.faults]
    try:
        exports.check_template(asked.pack, asked.template)
        if data.get("step") == "start" and request.method == "POST" and not faults:
            return _start(request, asked, chosen)
    except ExportRefused as refusal:
        faults.append(_(str(refusal)) % refusal.values)
    return _asked(request, data, asked, chosen, faults)


@require_safe
def names(request: PersonRequest) -> HttpResponse:
    """Return the names of the first pictures (`sample`), as the form stands."""
    asked = read_export(request.GET)
    pks = [pk for pk in map(read_id, request.GET.getlist("sample")[:SAMPLE]) if pk is not None]
    count = read_id(request.GET.get("count", "")) or len(pks)
    fault = ""
    try:
        exports.check_template(asked.pack, asked.template)
    except ExportRefused as refusal:
        fault = _(str(refusal)) % refusal.values
    shown = names_of(asked, in_order(request.user, pks), among=count)
    context = {"names": shown, "fault": fault, "more": count > len(shown)}
    return respond.part(request, "exports/_names.html", context)


@require_safe
def file(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Return the file of an export, or the part of it that a Range header asks for."""
    export = get_object_or_404(exports_of(request.user).exclude(file=""), pk=pk)
    part = part_of(request.headers, export.bytes, tag=f'"{export.file}"')
    if part is None:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{export.bytes}"})
    try:
        content = FilePart(storage.open_at(export.file, part.start), len(part))
    except FileNotFoundError:
        messages.error(request, _("The file of this export is missing."))
        return respond.see_other(reverse("exports"))
    partial = len(part) < export.bytes
    response = FileResponse(
        content,
        as_attachment=True,
        filename=file_name(export),
        content_type=SHEET if export.table == "costs" else "application/zip",
        status=206 if partial else 200,
    )
    if partial:
        response["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{export.bytes}"
    response["Content-Length"] = len(part)
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = f'"{export.file}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@own_act
def everything(request: PersonRequest) -> HttpResponse:
    """Start the archive of all that belongs to the person."""
    person = request.user
    try:
        exports.start_everything(person, person, by=actor_of(request), wake=jobs.wake)
        messages.success(request, _("The archive is being made. You can go on working."))
    except ExportRefused as refusal:
        messages.error(request, _(str(refusal)))
    return _back(request)


@require_POST
def delete(request: PersonRequest, pk: int) -> HttpResponse:
    """Delete an export, with an undo; one being made is cancelled."""
    export = get_object_or_404(Export, pk=pk, person=request.user)
    if exports.delete(export):
        undo = f"undo:{reverse('export_restore', args=[pk])}" if export.file else ""
        messages.success(request, _("Export deleted."), extra_tags=undo)
    return _back(request)


@require_POST
def restore(request: PersonRequest, pk: int) -> HttpResponse:
    """Restore an export that was deleted within the last hour."""
    export = get_object_or_404(Export, pk=pk, person=request.user)
    try:
        if exports.restore(export):
            messages.success(request, _("Restored."))
        else:
            messages.error(request, _("It was deleted too long ago."))
    except ExportRefused as refusal:
        messages.error(request, _(str(refusal)))
    return _back(request)


@dataclass(frozen=True)
class Chosen:
    """A selection as it was found: how many pictures it has; `faults` if it has none."""

    selection: Selection = field(default_factory=Selection)
    stretches: Sequence[Stretch] = ()
    count: int = 0
    faults: tuple[str, ...] = ()

    def ids(self, person: Person, most: int) -> list[int]:
        """Return its first ids, at most so many."""
        found: list[int] = []
        cursor: Any = None
        while len(found) < most:
            left = most - len(found)
            pks, cursor = selections.ids_after(
                person, self.selection, self.stretches, cursor, own=False, most=left
            )
            if not pks:
                break
            found += pks
        return found


def _chosen(person: Person, data: QueryDict) -> Chosen:
    try:
        selection = read_selection(data)
    except SelectionUnusable:
        sentence = _("The selection cannot be read. Reload the page, select again.")
        return Chosen(faults=(sentence,))
    gallery = selections.gallery_at(person, selection.gallery) if selection.gallery else None
    in_trash = gallery is not None and gallery.kind == "trash"
    if in_trash or (selection.gallery and gallery is None):
        raise Http404
    found = selections.stretches_of(person, gallery, selection.ranges) if gallery else []
    if found is None:
        sentence = _("A picture at the end of the selection is gone. Select the range again.")
        return Chosen(faults=(sentence,))
    count = selections.found_by(person, selection, found).count
    if selection.ids and not count:
        raise Http404
    return Chosen(selection, found, count, () if count else (_(exports.NOTHING),))


def _start(request: PersonRequest, asked: ExportAsked, chosen: Chosen) -> HttpResponse:
    wanted = Wanted(
        pack=asked.pack,
        format=asked.copies.format,
        side=asked.copies.side,
        quality=asked.copies.quality,
        template=asked.template or USUAL[Pack(asked.pack)],
    )
    ids = chosen.ids(request.user, exports.MOST_PICTURES + 1)
    exports.start(request.user, wanted, ids, by=actor_of(request), wake=jobs.wake)
    if not respond.wants_part(request):
        return _back(request)
    link = format_html('<a href="{}">{}</a>', reverse("exports"), _("Show exports"))
    said = _("The export is being made. You can go on working.")
    messages.success(request, format_html("{} {}", said, link))
    return respond.part(request, "actions/_started.html", {"oob": True}, event="job-started")


def _asked(
    request: PersonRequest,
    data: QueryDict,
    asked: ExportAsked,
    chosen: Chosen,
    faults: Sequence[str],
) -> HttpResponse:
    sample = in_order(request.user, chosen.ids(request.user, SAMPLE))
    sent = [(key, text) for key in SELECTED for text in data.getlist(key)]
    form = form_of(asked, sample, count=chosen.count, sent=sent, faults=faults)
    script = respond.wants_part(request)
    template = "exports/_form.html" if script else "exports/new.html"
    response = respond.part(request, template, {"form": form, "in_dialog": script})
    response.status_code = 422 if faults and request.method == "POST" else 200
    return response


def _back(request: PersonRequest) -> HttpResponse:
    return respond.see_other(reverse("exports"))
