"""Projects as pages show them: the list, one with its people, choices of forms and filters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from omixa_studio.catalogue import Fault
from omixa_studio.models import Person, Project
from omixa_studio.queries import projects as reads
from omixa_studio.queries.people import by_name
from omixa_studio.sentences import say

PAGE = 50
Row = TypeVar("Row", Project, Person)


@dataclass(frozen=True)
class ProjectOption:
    """A project to choose in a form."""

    pk: int
    name: str
    chosen: bool


@dataclass(frozen=True)
class ProjectField:
    """The choice of a project in a form; `closed` is the name of one that it can no longer be."""

    options: tuple[ProjectOption, ...]
    required: bool
    error: str = ""
    closed: str = ""

    @property
    def is_shown(self) -> bool:
        """Return whether there is anything to choose or to say."""
        return bool(self.options or self.required or self.error)

    @property
    def chosen(self) -> int:
        """Return the id of the project it begins with, 0 for none."""
        return next((one.pk for one in self.options if one.chosen), 0)

    @property
    def has_chosen(self) -> bool:
        return bool(self.chosen)


@dataclass(frozen=True)
class Paged:
    """Where a page lies in a list, from 1, and the queries of its neighbours, "" for none."""

    first: int
    last: int
    found: int
    earlier: str
    later: str


@dataclass(frozen=True, kw_only=True)
class ProjectLine:
    """A project with its people, and what was billed for it, in micro-dollars.

    `costs` is the address of its costs: everybody's, or one's own.
    """

    project: Project
    people: int
    month_micros: int
    all_micros: int
    costs: str


@dataclass(frozen=True, kw_only=True)
class ProjectList:
    """A page of the projects that a person may see; the money is `own` or everybody's."""

    lines: Sequence[ProjectLine]
    words: str
    paged: Paged
    own: bool
    required: bool
    may_change: bool


@dataclass(frozen=True, kw_only=True)
class ProjectPage:
    """One project with a page of its people, and of the others if they can be added."""

    line: ProjectLine
    members: Sequence[Person]
    paged: Paged
    words: str
    own: bool
    may_change: bool
    find: str = ""
    others: Sequence[Person] = ()
    others_found: int = 0


def project_list(target: str, person: Person, words: str, number: int) -> ProjectList:
    """Draw the page of a number, from 1, of the projects that words find."""
    paged, found = _paged(reads.found_for(person, words), number, {"q": words})
    return ProjectList(
        lines=_lines(target, person, found),
        words=words,
        paged=paged,
        own=not person.sees_costs,
        required=reads.is_project_required(),
        may_change=person.is_admin,
    )


def project_page(
    target: str, person: Person, project: Project, *, words: str, number: int, find: str
) -> ProjectPage:
    """Draw a project with its people whom `words` find, for admins with those to add."""
    members = by_name(reads.members_of(project, words))
    paged, shown = _paged(members, number, {"q": words, "find": find})
    others = reads.others_of(project, find) if person.is_admin else Person.objects.none()
    return ProjectPage(
        line=_lines(target, person, [project])[0],
        members=shown,
        paged=paged,
        words=words,
        own=not person.sees_costs,
        may_change=person.is_admin,
        find=find,
        others=list(by_name(others)[:PAGE]),
        others_found=others.count(),
    )


def project_field(
    person: Person, begin: int | None = None, faults: Sequence[Fault] = ()
) -> ProjectField:
    """Draw the choice of a project, beginning with an id, 0 for none, None for the last one chosen.

    One that the person may not spend on gives way to the last one, or to none.
    """
    found = reads.choices_for(person)
    usable = {one.pk for one in found}
    last = person.last_project_id if person.last_project_id in usable else 0
    chosen = begin if begin is not None and begin in usable | {0} else last
    errors = [say(fault) for fault in faults if fault.field == "project"]
    return ProjectField(
        options=tuple(ProjectOption(one.pk, one.name, one.pk == chosen) for one in found),
        required=reads.is_project_required(),
        error=" ".join(errors),
        closed=_closed(person, begin) if begin and begin not in usable and not errors else "",
    )


def _closed(person: Person, pk: int) -> str:
    return reads.project_named(person, pk).get(pk, "")


def _lines(target: str, person: Person, projects: Sequence[Project]) -> list[ProjectLine]:
    pks = [one.pk for one in projects]
    people = reads.counted_members(pks)
    spent = reads.spent_on(target, pks, by=None if person.sees_costs else person)
    return [
        ProjectLine(
            project=one,
            people=people.get(one.pk, 0),
            month_micros=spent.get(one.pk, (0, 0))[0],
            all_micros=spent.get(one.pk, (0, 0))[1],
            costs=f"{reverse('costs' if person.sees_costs else 'spending')}?project={one.pk}",
        )
        for one in projects
    ]


def _paged(rows: QuerySet[Row], number: int, asked: Mapping[str, str]) -> tuple[Paged, list[Row]]:
    found = rows.count()
    number = min(number, max(1, -(-found // PAGE)))
    before = (number - 1) * PAGE
    shown = list(rows[before : before + PAGE])

    def query(page: int) -> str:
        parts = {**asked, "page": str(page)}
        return "?" + urlencode({name: text for name, text in parts.items() if text})

    earlier = query(number - 1) if number > 1 else ""
    later = query(number + 1) if before + PAGE < found else ""
    return Paged(before + 1, before + len(shown), found, earlier, later), shown
