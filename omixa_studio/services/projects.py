"""Projects: make, change, close and reopen them, their members, and who may spend on them."""

from collections.abc import Collection, Sequence

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.models import (
    ActKind,
    Generation,
    Person,
    Project,
    ProjectMember,
    StudioSettings,
)
from omixa_studio.queries import projects as reads

from . import audit, gateway_keys
from .audit import Actor
from .refusals import ChoiceRefused, Refused

CLOSED = N_(
    "The project “%(project)s” is closed, and nothing more can be spent on it. Choose another "
    "project, or ask an admin to reopen this one."
)
NOT_YOURS = N_(
    "You are not in this project, or there is no such project. Choose another one, or ask an "
    "admin to add you."
)
REQUIRED = N_("Every request needs a project. Choose one under Project.")
REQUIRED_OF_NOBODY = N_(
    "Every request needs a project, and you are in no open one. Ask an admin to add you to a "
    "project."
)


class NameTakenError(Refused):
    """There is a project of this name already, open or closed."""

    reason = "taken"

    def __init__(self) -> None:
        super().__init__(Fault("name", N_("There is already a project of this name."), {}))


def take_up(rows: Collection[Generation]) -> None:
    """Refuse requests whose project is closed or not their person's, or missing if required.

    The others are named the keys of their projects. Call it in the transaction that queues them:
    their projects stay locked until its end. Raises ChoiceRefused.
    """
    for person in {row.person for row in rows if row.person}:
        pks = {row.project_id for row in rows if row.person == person}
        if None in pks and reads.is_project_required():
            there_are = reads.usable_by(person).exists()
            raise _refused(REQUIRED if there_are else REQUIRED_OF_NOBODY)
        wanted = {pk for pk in pks if pk is not None}
        standings = reads.locked_standings(person, wanted) if wanted else {}
        for pk in wanted:
            standing = standings.get(pk)
            if standing is None or not standing.may_use:
                raise _refused(NOT_YOURS)
            if not standing.is_open:
                raise _refused(CLOSED, project=standing.name)
        keys = {pk: one.gateway_key for pk, one in standings.items() if one.gateway_key}
        gateway_keys.name_keys([row for row in rows if row.person == person], keys)


def remember(person: Person, project_id: int | None) -> None:
    """Remember which project a person last chose, None for none."""
    if person.last_project_id != project_id:
        Person.objects.filter(pk=person.pk).update(last_project=project_id)


def make(name: str, *, by: Actor, note: str = "") -> Project:
    """Make a project without members. Raises NameTakenError."""
    try:
        with transaction.atomic():
            project = Project.objects.create(name=name, note=note)
            audit.write(ActKind.PROJECT_MADE, by=by, thing=name)
    except IntegrityError as error:
        raise NameTakenError from error
    return project


def change(project: Project, *, name: str, note: str, by: Actor) -> bool:
    """Give a project another name or note; return whether anything changed.

    Only names are logged. Raises NameTakenError.
    """
    try:
        with transaction.atomic():
            row = Project.objects.select_for_update().get(pk=project.pk)
            old = row.name
            if (old, row.note) == (name, note):
                return False
            row.name, row.note = name, note
            row.save(update_fields=["name", "name_search", "note"])
            before, after = ("", "") if old == name else (old, name)
            audit.write(ActKind.PROJECT_CHANGED, by=by, thing=old, before=before, after=after)
    except IntegrityError as error:
        raise NameTakenError from error
    return True


@transaction.atomic
def close(project: Project, *, by: Actor) -> bool:
    """Let nothing more be spent on a project; return False if it was closed already.

    What is queued by then goes on: it was asked for while the project was open.
    """
    changed = Project.objects.filter(pk=project.pk, closed_at=None).update(closed_at=Now())
    if changed:
        audit.write(ActKind.PROJECT_CLOSED, by=by, thing=project.name)
    return bool(changed)


@transaction.atomic
def reopen(project: Project, *, by: Actor) -> bool:
    """Let money be spent on a closed project again; return False if it was open already."""
    closed = Project.objects.filter(pk=project.pk, closed_at__isnull=False)
    changed = closed.update(closed_at=None)
    if changed:
        audit.write(ActKind.PROJECT_REOPENED, by=by, thing=project.name)
    return bool(changed)


@transaction.atomic
def add_members(project: Project, pks: Collection[int], *, by: Actor) -> list[Person]:
    """Add people to a project, and return those who are new; unknown ids are left out."""
    _lock(project)
    there = ProjectMember.objects.filter(project=project).values("person")
    new = list(Person.objects.filter(pk__in=pks).exclude(pk__in=there).order_by("pk"))
    ProjectMember.objects.bulk_create(ProjectMember(project=project, person=one) for one in new)
    _log_each(ActKind.PROJECT_MEMBER_ADDED, project, new, by)
    return new


@transaction.atomic
def remove_members(project: Project, pks: Collection[int], *, by: Actor) -> list[Person]:
    """Remove people from a project, and return those who were in it; what they spent stays."""
    _lock(project)
    members = ProjectMember.objects.filter(project=project, person__in=pks)
    gone = [row.person for row in members.select_related("person").order_by("person_id")]
    members.delete()
    _log_each(ActKind.PROJECT_MEMBER_REMOVED, project, gone, by)
    return gone


@transaction.atomic
def require_project(*, required: bool, by: Actor) -> bool:
    """Say whether each request has to name a project; return whether that is new."""
    row, _is_new = StudioSettings.objects.select_for_update().get_or_create(pk=1)
    if row.project_required == required:
        return False
    StudioSettings.objects.filter(pk=row.pk).update(project_required=required)
    before, after = ("no", "yes") if required else ("yes", "no")
    audit.write(ActKind.PROJECT_REQUIRED, by=by, before=before, after=after)
    return True


def _lock(project: Project) -> None:
    """Make others who change the same members wait, so that each change is logged once."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)


def _log_each(kind: ActKind, project: Project, people: Sequence[Person], by: Actor) -> None:
    audit.write_each(audit.row_of(kind, by=by, whom=one, thing=project.name) for one in people)


def _refused(template: str, **params: object) -> ChoiceRefused:
    return ChoiceRefused(Fault("project", template, params))
