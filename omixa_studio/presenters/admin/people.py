"""The page of accounts: each with its month, its waiting requests, and its brake."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from omixa_studio.models import Brake, Person
from omixa_studio.presenters.admin.backups import BackupLine, backup_line
from omixa_studio.presenters.admin.person_facts import PersonFacts, person_facts
from omixa_studio.presenters.factors import RoleDuty, role_duties
from omixa_studio.presenters.targets import target_name
from omixa_studio.queries import budget
from omixa_studio.queries import people as accounts
from omixa_studio.queries.brakes import Waiting, brakes_by_person, waiting_by_person
from omixa_studio.queries.elsewhere import Elsewhere, waiting_elsewhere
from omixa_studio.queries.invitations import open_invitations
from omixa_studio.queries.past_limits import Past, of_person, of_studio, past_limits
from omixa_studio.queries.people import PersonMonth
from omixa_studio.queries.storage_used import StorageUse, use_of, used_by

PAGE = 25
Sort = Callable[[QuerySet[Person], str, str], QuerySet[Person]]
# In the order in which they are offered; the first is the default.
SORTS: dict[str, tuple[Promise, Sort]] = {
    "name": (_("Name"), lambda people, target, month: accounts.by_name(people)),
    "spent": (_("Spending"), accounts.by_spending),
    "seen": (_("Last seen"), lambda people, target, month: accounts.by_last_seen(people)),
}


@dataclass(frozen=True)
class SoughtPeople:
    """A search for people: the words, a key of SORTS, and the page number, from 1."""

    words: str = ""
    sort: str = "name"
    page: int = 1

    def query(self, **other: object) -> str:
        """Return the query of the same list with some values replaced; defaults are left out."""
        asked = {"q": self.words, "sort": self.sort, "page": self.page, **other}
        plain = {"q": "", "sort": "name", "page": 1}
        return "?" + urlencode({name: asked[name] for name in asked if asked[name] != plain[name]})


@dataclass(frozen=True, kw_only=True)
class PersonLine:
    """An account on the page."""

    month: PersonMonth
    waiting: Waiting
    brake: Brake | None
    past: Past | None
    storage: StorageUse

    @property
    def facts(self) -> list[PersonFacts]:
        """Return what is said of the account, alone in a list."""
        return [person_facts(self.month, self.storage)]

    @property
    def anchor(self) -> str:
        """Return the fragment that leads to the account on the page."""
        return f"#person-{self.month.person.pk}"

    @property
    def has_requests(self) -> bool:
        """Return whether requests of the account wait or run, or are held back."""
        return self.waiting != Waiting() or self.brake is not None or self.past is not None


@dataclass(frozen=True, kw_only=True)
class PeoplePage:
    """A page of accounts and the studio's figures.

    `invited` is how many invitations are open, `found` how many of the `accounts` match the words;
    `first` and `last` are the positions of the first and last one on this page. `ceiling` and
    `spent` are micro-dollars. The queries begin with "?"; "" means no link. `elsewhere` lists what
    waits for other gateways, with their names.
    """

    lines: Sequence[PersonLine]
    sought: SoughtPeople
    sorts: Sequence[tuple[Promise, str, bool]]
    accounts: int
    invited: int
    found: int
    first: int
    last: int
    earlier: str
    later: str
    waiting: Waiting
    brake: Brake | None
    past: Past | None
    elsewhere: Sequence[tuple[str, Elsewhere]]
    backup: BackupLine
    duties: Sequence[RoleDuty]
    ceiling: int | None
    spent: int
    resets: datetime


def people_page(target: str, sought: SoughtPeople) -> PeoplePage:
    """Draw a page of accounts and the studio's figures in this month, for one target."""
    month = budget.current_month()
    matching = accounts.found_people(sought.words)
    found = matching.count()
    page = min(sought.page, max(1, -(-found // PAGE)))
    before = (page - 1) * PAGE
    _label, ordered = SORTS[sought.sort]
    pks = list(
        ordered(matching, target, month).values_list("pk", flat=True)[before : before + PAGE]
    )
    studio = accounts.studio_month(target, month, pks)
    brakes, waiting = brakes_by_person(target), waiting_by_person(target)
    past = past_limits(target) if waiting else {}
    uses = used_by(pks)
    return PeoplePage(
        lines=[
            PersonLine(
                month=row,
                waiting=waiting.get(row.person.pk, Waiting()),
                brake=brakes.get(row.person.pk),
                past=of_person(past, row.person.pk),
                storage=uses.get(row.person.pk, StorageUse()),
            )
            for row in studio.people
        ],
        sought=sought,
        sorts=[
            (label, sought.query(sort=name, page=1), name == sought.sort)
            for name, (label, _ordered) in SORTS.items()
        ],
        accounts=Person.objects.count() if sought.words else found,
        invited=open_invitations().count(),
        found=found,
        first=before + 1,
        last=before + len(pks),
        earlier=sought.query(page=page - 1) if page > 1 else "",
        later=sought.query(page=page + 1) if before + PAGE < found else "",
        waiting=sum(waiting.values(), Waiting()),
        brake=brakes.get(None),
        past=of_studio(past),
        elsewhere=[(target_name(one.target), one) for one in waiting_elsewhere(target)],
        backup=backup_line(),
        duties=role_duties(),
        ceiling=studio.limit_micros,
        spent=studio.spent_micros,
        resets=budget.next_month_starts(month),
    )


def person_line(target: str, person: Person) -> PersonLine:
    """Draw one account in this month, for one target."""
    waiting = waiting_by_person(target, person)
    return PersonLine(
        month=accounts.person_month(target, budget.current_month(), person),
        waiting=waiting.get(person.pk, Waiting()),
        brake=brakes_by_person(target).get(person.pk),
        past=of_person(past_limits(target), person.pk) if waiting else None,
        storage=use_of(person),
    )
