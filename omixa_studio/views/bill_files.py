"""Importing a bill from a file: upload, choose columns with a preview, start; for admins."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from omixa_studio import jobs
from omixa_studio.forms.bill_files import BillColumnsForm, initial_of, mapping_of
from omixa_studio.models import BillFile
from omixa_studio.presenters.bills.files import bill_file_sheet, fault_words
from omixa_studio.services import bill_files
from omixa_studio.services.background import TooManyJobs
from omixa_studio.services.bill_table import HowToRead, NoBill, mapped

from . import respond
from .access import admin_only
from .requests import PersonRequest, actor_of


@require_POST
@admin_only
def upload(request: PersonRequest) -> HttpResponse:
    """Keep a file, and go on to its columns; the same file again leads to the one there is."""
    file = request.FILES.get("file")
    if file is None or (file.size or 0) > settings.UPLOAD_BYTES:
        return _refused(request, "no_file" if file is None else "too_large")
    try:
        kept, is_new = bill_files.keep(
            settings.GATEWAY_TARGET, file.name or "", file.read(), by=actor_of(request)
        )
    except NoBill as reason:
        return _refused(request, str(reason))
    if not is_new:
        messages.info(request, _("This file is here already. Nothing of it is booked twice."))
    return respond.see_other(reverse("bill_file", args=[kept.pk]))


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def page(request: PersonRequest, pk: int) -> HttpResponse:
    """Choose the columns of a file with a preview; a POST shows it anew, or imports it."""
    file = get_object_or_404(BillFile, target=settings.GATEWAY_TARGET, pk=pk)
    how = bill_files.suggestion(file)
    sheet = bill_file_sheet(file, how)
    if request.method != "POST":
        form = BillColumnsForm(sheet.header, initial=initial_of(how.as_json()))
        return render(request, "matching/file.html", {"sheet": sheet, "form": form})
    form = BillColumnsForm(_header_of(request, file, how), request.POST)
    if not form.is_valid():
        return render(request, "matching/file.html", {"sheet": sheet, "form": form}, status=422)
    chosen = mapped(mapping_of(form))
    if "preview" in request.POST:
        shown = {"sheet": bill_file_sheet(file, chosen), "form": form}
        return render(request, "matching/file.html", shown)
    return _start(request, file, chosen)


def _start(request: PersonRequest, file: BillFile, how: HowToRead) -> HttpResponse:
    try:
        bill_files.start(file, how, person=request.user, by=actor_of(request), wake=jobs.wake)
    except TooManyJobs:
        message = _("You have too many jobs running. Wait until one of them is done.")
        messages.error(request, message)
    else:
        messages.success(request, _("The bill is being imported. It goes on if you leave."))
    return respond.see_other(reverse("matching") + "?source=file")


def _header_of(request: PersonRequest, file: BillFile, how: HowToRead) -> list[str]:
    """Return the header as the posted encoding and separator have it."""
    spelled = BillColumnsForm([], request.POST)
    spelled.is_valid()
    given = spelled.cleaned_data
    if "encoding" in given and "separator" in given:
        separator = "\t" if given["separator"] == "tab" else given["separator"]
        how = HowToRead(encoding=given["encoding"], separator=separator)
    return list(bill_file_sheet(file, how).header)


def _refused(request: PersonRequest, key: str) -> HttpResponse:
    messages.error(request, fault_words(key))
    return respond.see_other(reverse("matching") + "?source=file")
