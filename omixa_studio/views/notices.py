"""A person's notices: listed, opened, marked as read, mailed or not."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from omixa_studio.forms.generation import read_id
from omixa_studio.models import Notice
from omixa_studio.presenters.notices import notice_sheet
from omixa_studio.services import notices, people

from . import respond
from .requests import PersonRequest


@require_safe
def page(request: PersonRequest) -> HttpResponse:
    """Show the person's notices, newest first."""
    before = read_id(request.GET.get("before", ""))
    shown = {"sheet": notice_sheet(request.user, before=before)}
    return render(request, "notices/notices.html", shown)


@require_POST
def read(request: PersonRequest) -> HttpResponse:
    """Mark all notices up to the newest one that was shown as read."""
    notices.read_notices(request.user, up_to=read_id(request.POST.get("newest", "")) or 0)
    return respond.see_other(reverse("notices"))


@require_POST
def open_one(request: PersonRequest, pk: int) -> HttpResponse:
    """Mark a notice as read, and go to what it is about."""
    rows = Notice.objects.select_related("comment")
    notice = get_object_or_404(rows, pk=pk, person=request.user)
    notices.read_notices(request.user, only=pk)
    if notice.comment is None:
        return respond.see_other(notice.path)
    where = reverse("picture_comments", args=[notice.comment.picture_id])
    return respond.see_other(f"{where}#comment-{notice.comment_id}")


@require_POST
def choose_mail(request: PersonRequest) -> HttpResponse:
    """Save whether the person wants mail about notices."""
    people.choose(request.user, mail_notices=request.POST.get("mail") == "yes")
    messages.success(request, _("Saved."))
    return respond.see_other(reverse("account"))
