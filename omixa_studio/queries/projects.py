"""Read projects: who may spend on them, and who may see them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import (
    Case,
    Count,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from omixa_studio.models import Person, Picture, Project, ProjectMember
from omixa_studio.models.ledger import today
from omixa_studio.models.search import searchable
from omixa_studio.models.spans import Span

from .cost_sums import LedgerSum, cost_sums
from .people import found_people
from .prepared import Prepared
from .studio_settings import studio_settings

# A longer list is hard to choose from, and no page should have to load it.
MOST_LISTED = 200
MOST_WORDS = 5
# Before any studio.
BEGIN = date(2020, 1, 1)


@dataclass(frozen=True)
class Standing:
    """A project as one person stands to it, read while its row is locked."""

    name: str
    is_open: bool
    may_use: bool
    gateway_key: int | None = None


def visible_to(person: Person) -> QuerySet[Project]:
    """Return the projects a person may see, closed ones too: managers all, others their own."""
    rows = Project.objects.all()
    return rows if person.sees_costs else rows.filter(Exists(_membership(person)))


def usable_by(person: Person) -> QuerySet[Project]:
    """Return the open projects a person may spend on: managers all, others those they are in."""
    return visible_to(person).filter(closed_at=None)


def choices_for(person: Person) -> Sequence[Project]:
    """Return the projects to choose from, by name."""
    return _CHOICES.rows(person)


_CHOICES = Prepared(lambda person: usable_by(person).order_by("name_search")[:MOST_LISTED])


def usable_among(person: Person, pks: Sequence[int | None]) -> int | None:
    """Return the first of some ids of projects that a person may spend on; None without one."""
    wanted = [pk for pk in pks if pk]
    found = set(usable_by(person).filter(pk__in=wanted).values_list("pk", flat=True))
    return next((pk for pk in wanted if pk in found), None)


def found_for(person: Person, words: str) -> QuerySet[Project]:
    """Return projects that a person may see with words in their names: open ones first, by name."""
    rows = visible_to(person)
    for word in searchable(words).split()[:MOST_WORDS]:
        rows = rows.filter(name_search__contains=word)
    is_closed = Case(When(closed_at=None, then=0), default=1)
    return rows.order_by(is_closed, "name_search")


def members_of(project: Project, words: str = "") -> QuerySet[Person]:
    """Return the people in a project whom words find, unordered."""
    return found_people(words).filter(project_memberships__project=project)


def others_of(project: Project, words: str = "") -> QuerySet[Person]:
    """Return the active people outside a project whom words find, unordered."""
    there = ProjectMember.objects.filter(project=project, person=OuterRef("pk"))
    return found_people(words).filter(~Exists(there), is_active=True)


def counted_members(pks: Collection[int]) -> dict[int, int]:
    """Return how many people are in each of some projects, by id; no entry for none."""
    rows = ProjectMember.objects.filter(project__in=pks).order_by().values_list("project")
    return dict(rows.annotate(count=Count("pk")))


def spent_on(
    target: str, pks: Collection[int], *, by: Person | None = None
) -> dict[int, tuple[int, int]]:
    """Return what was billed for projects this month and in all, in micro-dollars, by id.

    By everybody, or by one person alone; no entry for a project without requests.
    """
    day = today()
    whose = by.pk if by else None
    spans = [Span(day.replace(day=1), day, person_id=whose), Span(BEGIN, day, person_id=whose)]
    month, ever = (
        cost_sums(target, span, ("project",), only={"project": list(pks)}) for span in spans
    )
    none = LedgerSum()
    return {key[0]: (month.get(key, none).billed, one.billed) for key, one in ever.items()}


def project_named(viewer: Person, chosen: int) -> dict[int, str]:
    """Return the name of a project by its id, if a person may see it."""
    return project_names(viewer, [chosen])


def project_names(viewer: Person, pks: Collection[int]) -> dict[int, str]:
    """Return the names of those of some projects that a person may see, by id."""
    return dict(visible_to(viewer).filter(pk__in=pks).values_list("pk", "name"))


def known_names(viewer: Person, pks: Collection[int]) -> dict[int, str]:
    """Return the names of some projects by id, of those that a person may see or made pictures in.

    So one's own costs keep their names after leaving a project.
    """
    rows = Project.objects.filter(pk__in=pks)
    if not viewer.sees_costs:
        made = Picture.objects.filter(person=viewer, project=OuterRef("pk"), trashed_at=None)
        rows = rows.filter(Exists(_membership(viewer)) | Exists(made))
    return dict(rows.values_list("pk", "name"))


def name_for(viewer: Person) -> Coalesce | Case:
    """Return the name of a picture's project as a column, "" for one that a person may not see.

    Makers see where their own pictures belong, also after they left the project.
    """
    names = Project.objects.filter(pk=OuterRef("project")).values("name")
    name = Coalesce(Subquery(names), Value(""))
    if viewer.sees_costs:
        return name
    there = ProjectMember.objects.filter(project=OuterRef("project"), person=viewer)
    return Case(When(Q(person=viewer) | Exists(there), then=name), default=Value(""))


def is_project_required() -> bool:
    """Return whether each request has to name a project."""
    return studio_settings().project_required


def locked_standings(person: Person, pks: Collection[int]) -> dict[int, Standing]:
    """Lock projects until the end of the transaction; return how a person stands to each.

    Whoever closes one comes before, or waits. A project that does not exist has no entry.
    """
    rows = Project.objects.filter(pk__in=pks).annotate(is_member=Exists(_membership(person)))
    return {
        row.pk: Standing(
            row.name, row.is_open, person.sees_costs or row.is_member, row.gateway_key_id
        )
        for row in rows.select_for_update(no_key=True).order_by("pk")
    }


def _membership(person: Person) -> QuerySet[ProjectMember]:
    return ProjectMember.objects.filter(project=OuterRef("pk"), person=person)
