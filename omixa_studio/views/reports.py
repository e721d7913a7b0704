"""Reports by mail: listed, made, changed, looked at before they go, sent, deleted."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from omixa_studio.forms.clicks import new_click
from omixa_studio.forms.reports import ReportForm
from omixa_studio.models import Report
from omixa_studio.presenters.costs.report_mail import preview_of
from omixa_studio.presenters.costs.reports import mail_is_configured, report_cards
from omixa_studio.queries.reports import days_of, may_get_reports
from omixa_studio.services import reports
from omixa_studio.services.reports import ReportTerms, TooManyReports

from . import respond
from .access import admin_only
from .once import came_before
from .requests import PersonRequest, actor_of

USUAL = {"when": "week-1", "hour": 8}
# A mail brings its own styles, and nothing else.
OF_MAIL = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'"
)


@require_safe
@admin_only
def page(request: PersonRequest) -> HttpResponse:
    """Show the reports and the form of a new one; `address` is that of its review."""
    about = {"address": request.GET.get("address", ""), "people": [request.user.pk]}
    return _page(request, ReportForm(initial=USUAL | about, among=may_get_reports()))


@require_POST
@admin_only
def add(request: PersonRequest) -> HttpResponse:
    """Make a report."""
    form = ReportForm(request.POST, among=may_get_reports())
    if not form.is_valid():
        return _page(request, form, status=422)
    if came_before(request):
        return _back()
    try:
        report = reports.make_report(_terms(form), by=actor_of(request))
    except TooManyReports:
        form.add_error(None, _("There are 50 reports already. Delete one first."))
        return _page(request, form, status=422)
    messages.success(request, _("The report will be mailed when it is due."))
    return _back(report.pk)


@require_POST
@admin_only
def change(request: PersonRequest, pk: int) -> HttpResponse:
    """Change what a report shows, when it is mailed, and to whom."""
    report = _report(pk)
    form = ReportForm(request.POST, auto_id=f"report-{pk}-%s", among=may_get_reports())
    if not form.is_valid():
        return _page(
            request,
            ReportForm(initial=USUAL, among=may_get_reports()),
            refused=form,
            pk=pk,
            status=422,
        )
    reports.change_report(report, _terms(form), by=actor_of(request))
    messages.success(request, _("Saved."))
    return _back(pk)


@require_safe
@admin_only
def preview(request: PersonRequest, pk: int) -> HttpResponse:
    """Show the mail of a report about the last whole week or month, as this admin would get it."""
    report = _report(pk)
    first, last = days_of(report, timezone.now())
    response = HttpResponse(preview_of(report, request.user, first, last))
    response["Content-Security-Policy"] = OF_MAIL
    return response


@require_POST
@admin_only
def send(request: PersonRequest, pk: int) -> HttpResponse:
    """Mail a report to oneself now."""
    report = _report(pk)
    if not mail_is_configured():
        messages.error(request, _("This studio sends no mail: EMAIL_URL is not set."))
    elif not request.user.email:
        messages.error(request, _("Your account has no e-mail address."))
    elif reports.send_now(report, request.user):
        messages.success(request, _("You get it in a minute or two."))
    else:
        messages.info(request, _("It is on its way already."))
    return _back(pk)


@require_POST
@admin_only
def again(request: PersonRequest, pk: int) -> HttpResponse:
    """Send the mails of a report again that failed, or of which nobody knows."""
    if reports.send_again(_report(pk)):
        messages.success(request, _("It will be tried again in a minute or two."))
    return _back(pk)


@require_POST
@admin_only
def delete(request: PersonRequest, pk: int) -> HttpResponse:
    """Delete a report, with an undo."""
    if reports.delete_report(_report(pk), by=actor_of(request)):
        undo = f"undo:{reverse('report_restore', args=[pk])}"
        messages.success(request, _("Report deleted."), extra_tags=undo)
    return _back()


@require_POST
@admin_only
def restore(request: PersonRequest, pk: int) -> HttpResponse:
    """Restore a deleted report."""
    if reports.restore_report(get_object_or_404(Report, pk=pk), by=actor_of(request)):
        messages.success(request, _("Restored."))
    return _back(pk)


def _report(pk: int) -> Report:
    return get_object_or_404(Report, pk=pk, deleted_at=None)


def _terms(form: ReportForm) -> ReportTerms:
    given = form.cleaned_data
    return ReportTerms(
        name=given["name"],
        query=given["address"],
        every=form.every,
        on=form.on,
        hour=given["hour"],
        people=list(given["people"]),
    )


def _page(
    request: PersonRequest,
    form: ReportForm,
    *,
    refused: ReportForm | None = None,
    pk: int = 0,
    status: int = 200,
) -> HttpResponse:
    shown = {
        "cards": report_cards(request.user, refused, pk),
        "form": form,
        "refused": pk,
        "sends": mail_is_configured(),
        "click": new_click(),
    }
    return render(request, "reports/reports.html", shown, status=status)


def _back(pk: int = 0) -> HttpResponse:
    anchor = f"#report-{pk}" if pk else ""
    return respond.see_other(reverse("reports") + anchor)
