"""How much room pictures take and how long they are kept; for admins."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from omixa_studio.forms.fields import StudioForm
from omixa_studio.forms.storage import QuotaForm, RetentionForm
from omixa_studio.presenters.admin.storage import (
    RetentionPreview,
    SentForm,
    retention_preview,
    storage_sheet,
)
from omixa_studio.queries.people import subject_of
from omixa_studio.services.retention import RetentionTerms, set_retention
from omixa_studio.services.storage_quotas import set_quota

from . import respond
from .access import admin_only
from .proof import admin_act
from .requests import PersonRequest, actor_of


@require_safe
@admin_only
def page(request: PersonRequest) -> HttpResponse:
    """Show what pictures take, and the quotas of roles and people."""
    return _page(request)


@require_POST
@admin_act
def quota(request: PersonRequest) -> HttpResponse:
    """Set or remove the quota of a role or a person."""
    form = QuotaForm(request.POST, known=subject_of)
    if not form.is_valid():
        return _page(request, form)
    given = form.cleaned_data
    set_quota(given["scope"], given["subject"], form.size, by=actor_of(request))
    messages.success(request, _("The quota is saved."))
    return respond.see_other(reverse("storage"))


@require_POST
@admin_act
def retention(request: PersonRequest) -> HttpResponse:
    """Show what a rule of how long pictures are kept would erase; once confirmed, save it."""
    form = RetentionForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    role, days = form.cleaned_data["role"], form.days
    if not form.is_confirmed:
        return _page(request, preview=retention_preview(role, days, form.to_confirm))
    set_retention(role, RetentionTerms(**days), by=actor_of(request))
    messages.success(request, _("The rule is saved."))
    return respond.see_other(reverse("storage"))


def _page(
    request: PersonRequest,
    refused: StudioForm | None = None,
    *,
    preview: RetentionPreview | None = None,
) -> HttpResponse:
    """Show the page; a form that was refused keeps what was typed."""
    shown = {"sheet": storage_sheet(), "fault": "", "preview": preview, "typed": {}}
    if refused:
        typed = request.POST.dict()
        shown |= {"sheet": storage_sheet(SentForm(typed, list(refused.errors))), "typed": typed}
        shown["fault"] = refused.sentence
    return render(request, "people/storage.html", shown, status=422 if refused else 200)
