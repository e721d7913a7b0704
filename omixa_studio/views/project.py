"""One project: what was spent on it, its people, its name; close and reopen it."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from omixa_studio.forms.projects import ProjectForm, ProjectsForm, read_people, written
from omixa_studio.models import Project
from omixa_studio.presenters.gateway_keys import key_choice
from omixa_studio.presenters.projects import project_page
from omixa_studio.queries import projects as reads
from omixa_studio.sentences import say
from omixa_studio.services import projects
from omixa_studio.services.projects import NameTakenError

from . import respond, undos
from .access import admin_only
from .requests import PersonRequest, actor_of


@require_safe
def page(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a project with its people whom `q` finds, and for admins those whom `find` finds."""
    project = get_object_or_404(reads.visible_to(request.user), pk=pk)
    return _page(request, project)


@require_POST
@admin_only
def change(request: PersonRequest, pk: int) -> HttpResponse:
    """Give a project another name and note, with an undo."""
    project = get_object_or_404(Project, pk=pk)
    former = written(project)
    form = ProjectForm(undos.sent_or_kept(request, "name"))
    if not form.is_valid():
        return _page(request, project, form=form, status=422)
    given = form.cleaned_data
    try:
        changed = projects.change(project, **given, by=actor_of(request))
    except NameTakenError as refusal:
        form.add_error("name", say(refusal.faults[0]))
        return _page(request, project, form=form, status=422)
    if changed:
        path = reverse("project_change", args=[pk])
        undo = f"undo:{path}?{undos.keep(request, former)}" if "name" in request.POST else ""
        messages.success(request, _("Saved."), extra_tags=undo)
    return _back(pk)


@require_POST
@admin_only
def close(request: PersonRequest, pk: int) -> HttpResponse:
    """Let nothing more be spent on a project, with an undo."""
    project = get_object_or_404(Project, pk=pk)
    if projects.close(project, by=actor_of(request)):
        undo = f"undo:{reverse('project_reopen', args=[pk])}"
        messages.success(request, _("Project closed."), extra_tags=undo)
    return _back(pk)


@require_POST
@admin_only
def reopen(request: PersonRequest, pk: int) -> HttpResponse:
    """Let money be spent on a project again, with an undo."""
    project = get_object_or_404(Project, pk=pk)
    if projects.reopen(project, by=actor_of(request)):
        undo = f"undo:{reverse('project_close', args=[pk])}"
        messages.success(request, _("Project reopened."), extra_tags=undo)
    return _back(pk)


@require_POST
@admin_only
def add(request: PersonRequest, pk: int) -> HttpResponse:
    """Add the `people`, or with `whom=found` all whom `find` finds, with an undo."""
    project = get_object_or_404(Project, pk=pk)
    asked = read_people(_sent(request), "find")
    found = reads.others_of(project, asked.words).values_list("pk", flat=True)
    new = projects.add_members(
        project, list(found) if asked.all_found else asked.ids, by=actor_of(request)
    )
    said = ngettext("Added %(n)s person.", "Added %(n)s people.", len(new)) % {"n": len(new)}
    _tell(request, pk, said, "project_remove", [one.pk for one in new])
    return _back(pk)


@require_POST
@admin_only
def remove(request: PersonRequest, pk: int) -> HttpResponse:
    """Remove the `people`, or with `whom=found` all members whom `q` finds, with an undo."""
    project = get_object_or_404(Project, pk=pk)
    asked = read_people(_sent(request), "q")
    found = reads.members_of(project, asked.words).values_list("pk", flat=True)
    gone = projects.remove_members(
        project, list(found) if asked.all_found else asked.ids, by=actor_of(request)
    )
    said = ngettext("Removed %(n)s person.", "Removed %(n)s people.", len(gone)) % {"n": len(gone)}
    _tell(request, pk, said, "project_add", [one.pk for one in gone])
    return _back(pk)


def _sent(request: PersonRequest) -> QueryDict:
    return request.POST if _is_form(request) else undos.sent_or_kept(request, "people")


def _is_form(request: PersonRequest) -> bool:
    """Return whether a form was sent, and not an undo."""
    return "people" in request.POST or "whom" in request.POST


def _tell(request: PersonRequest, pk: int, said: str, undo: str, people: list[int]) -> None:
    if not people:
        messages.info(request, _("Nobody was selected."))
        return
    kept = undos.keep(request, urlencode({"people": people}, doseq=True))
    tags = f"undo:{reverse(undo, args=[pk])}?{kept}" if _is_form(request) else ""
    messages.success(request, said, extra_tags=tags)


def _page(
    request: PersonRequest, project: Project, *, form: ProjectForm | None = None, status: int = 200
) -> HttpResponse:
    asked = ProjectsForm(request.GET)
    found = project_page(
        settings.GATEWAY_TARGET,
        request.user,
        project,
        words=asked.text("q"),
        number=asked.number,
        find=asked.text("find"),
    )
    texts = {"name": project.name, "note": project.note}
    shown = {
        "shown": found,
        "paged": found.paged,
        "project": project,
        "form": form or ProjectForm(initial=texts),
        "place": reverse("projects"),
        "keys": key_choice(project) if request.user.is_admin else None,
    }
    return render(request, "projects/project.html", shown, status=status)


def _back(pk: int) -> HttpResponse:
    return respond.see_other(reverse("project", args=[pk]))
