"""What the page of accounts says of one, as the texts that `{% tiles %}` fills in."""

from dataclasses import dataclass

from omixa_studio.models import Role
from omixa_studio.models.money import MICRO
from omixa_studio.places import numbered
from omixa_studio.queries.people import PersonMonth
from omixa_studio.queries.storage_used import StorageUse
from omixa_studio.templatetags.studio import ago, initials, left, size, total

ROLES = dict(Role.choices)


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonFacts:
    """An account and its month; "" is what there is not.

    `path` is its page; `username` is set where it is not the name, `role` unless the account is
    switched off, `share` if there is a limit above zero: how much of it is spent, in percent.
    """

    number: str
    path: str
    initials: str
    name: str
    username: str
    email: str
    role: str
    spent: str
    limit: str
    share: str
    stopped: str
    seen: str
    room: str


def person_facts(month: PersonMonth, storage: StorageUse) -> PersonFacts:
    """Return what is said of an account, and how much its pictures take."""
    person, limit = month.person, month.limit_micros
    return PersonFacts(
        number=str(person.pk),
        path=numbered("person")(person.pk),
        initials=initials(person),
        name=person.name,
        username=person.username if person.name != person.username else "",
        email=person.email,
        role=str(ROLES[person.role]) if person.is_active else "",
        spent=total(month.spent_micros * MICRO),
        limit="" if limit is None else left(limit * MICRO),
        share=str(round(100 * month.spent_micros / limit)) if limit else "",
        stopped="low" if month.is_stopped else "",
        seen=ago(month.last_seen) if month.last_seen else "",
        room=size(storage.bytes) if storage.bytes else "",
    )
