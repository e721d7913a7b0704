"""The audit log and its export, for admins."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from omixa_studio.forms.acts import ActsForm
from omixa_studio.presenters.admin.acts import act_sheet
from omixa_studio.queries.acts import COLUMNS, SoughtActs, act_rows
from omixa_studio.visitors import proved_lately

from . import csv_files
from .access import admin_only
from .proof import ask_first
from .requests import PersonRequest


@require_safe
@admin_only
def page(request: PersonRequest) -> HttpResponse:
    """Show a page of the log, unfiltered or by person, kind and days."""
    form = ActsForm(request.GET)
    if not form.is_valid():
        return _refused(request, form)
    shown = {
        "form": form,
        "sheet": act_sheet(_sought(form)),
        "downloads": "download" in request.GET and proved_lately(request),
    }
    return render(request, "acts/acts.html", shown)


@require_safe
@admin_only
def export(request: PersonRequest) -> HttpResponseBase:
    """Stream every matching act as CSV, with plain keys and figures.

    An admin who has to give the password first is led back to the log, which then starts the
    download: a browser redirected straight to a file would stay on the password page.
    """
    form = ActsForm(request.GET)
    if not form.is_valid():
        return _refused(request, form)
    if not proved_lately(request):
        query = urlencode({**request.GET.dict(), "download": "1"})
        return ask_first(request, f"{reverse('acts')}?{query}")
    sought = _sought(form)
    days = (sought.first, sought.last)
    return csv_files.csv_file(request, "log", COLUMNS, act_rows(sought), days=days)


def _refused(request: PersonRequest, form: ActsForm) -> HttpResponse:
    return render(request, "acts/acts.html", {"form": form}, status=422)


def _sought(form: ActsForm) -> SoughtActs:
    given = form.cleaned_data
    return SoughtActs(
        person_id=given["person"],
        words=given["q"],
        kind=given["kind"],
        first=given["from"],
        last=given["to"],
        before=given["before"],
    )
