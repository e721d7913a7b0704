"""The list of projects, a new one, whether each request needs one."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from omixa_studio.forms.projects import ProjectForm, ProjectsForm
from omixa_studio.presenters.projects import project_list
from omixa_studio.sentences import say
from omixa_studio.services import projects
from omixa_studio.services.projects import NameTakenError

from . import respond
from .access import admin_only
from .requests import PersonRequest, actor_of


@require_safe
def page(request: PersonRequest) -> HttpResponse:
    """Show the projects a person may see, open ones first, with the words `q` in their names."""
    return _page(request, ProjectForm())


@require_POST
@admin_only
def new(request: PersonRequest) -> HttpResponse:
    """Make a project and open it, so that people can be added."""
    form = ProjectForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    given = form.cleaned_data
    try:
        made = projects.make(given["name"], note=given["note"], by=actor_of(request))
    except NameTakenError as refusal:
        form.add_error("name", say(refusal.faults[0]))
        return _page(request, form, status=422)
    messages.success(request, _("Project made. Now add the people who work on it."))
    return respond.see_other(reverse("project", args=[made.pk]))


@require_POST
@admin_only
def require(request: PersonRequest) -> HttpResponse:
    """Say with `required` whether each request has to name a project, with an undo."""
    asked = request.POST.get("required", "") or request.GET.get("required", "")
    required = asked == "yes"
    if projects.require_project(required=required, by=actor_of(request)):
        undo = f"undo:{reverse('projects_require')}?required={'no' if required else 'yes'}"
        said = (
            _("Every request needs a project now.")
            if required
            else _("Requests without a project are possible again.")
        )
        messages.success(request, said, extra_tags=undo)
    return respond.see_other(reverse("projects"))


def _page(request: PersonRequest, form: ProjectForm, *, status: int = 200) -> HttpResponse:
    asked = ProjectsForm(request.GET)
    found = project_list(settings.GATEWAY_TARGET, request.user, asked.text("q"), asked.number)
    shown = {"list": found, "form": form, "paged": found.paged}
    return render(request, "projects/projects.html", shown, status=status)
