"""Tell once per period that a soft limit was reached; it stops nothing."""

from collections.abc import Mapping

from django.urls import reverse

from omixa_studio.catalogue.records import N_
from omixa_studio.gateway.errors import Told, told
from omixa_studio.models import (
    Limit,
    Period,
    Person,
    Project,
    Role,
    Scope,
    Token,
)
from omixa_studio.models.ledger import today
from omixa_studio.queries.people import admins
from omixa_studio.queries.soft_limits import ReachedLimit, reached_soft_limits

from . import notices, outbox

PER: Mapping[str, str] = {
    Period.DAY: N_("a day"),
    Period.WEEK: N_("a week"),
    Period.MONTH: N_("a month"),
}
OF_ROLES: Mapping[str, str] = {
    Role.MEMBER: N_("The budget of all members together"),
    Role.MANAGER: N_("The budget of all managers together"),
    Role.ADMIN: N_("The budget of all admins together"),
}
OF_NAMED: Mapping[str, str] = {
    Scope.PERSON: N_("The budget of %(name)s"),
    Scope.PROJECT: N_("The budget of the project %(name)s"),
    Scope.MODEL: N_("The budget of the model %(name)s"),
    Scope.TOKEN: N_("The budget of the access token %(name)s"),
}


def tell_of_reached(target: str) -> int:
    """Tell of every soft limit that was reached; return how many.

    A person is told of their own, admins of all. Called by the worker, so that no click and no bill
    waits for it; the current period alone counts.
    """
    count = 0
    for reached in reached_soft_limits(target, today()):
        _tell(reached)
        # Last, so that a crash tells again; the key keeps it from being told twice.
        outbox.note_reached(
            reached.limit,
            target,
            starts_on=reached.starts_on,
            amount_micros=reached.limit.amount_micros,
            counted_micros=reached.counted_micros,
        )
        count += 1
    return count


def _tell(reached: ReachedLimit) -> None:
    limit = reached.limit
    key = f"soft-{limit.pk}-{reached.starts_on}-{limit.amount_micros}"
    facts: dict[str, object] = {
        "counted_micros": reached.counted_micros,
        "limit_micros": limit.amount_micros,
        "per": told(PER[limit.period]),
    }
    others = admins()
    if limit.scope == Scope.PERSON:
        own = Person.objects.filter(pk=int(limit.subject))
        notices.tell(own, "own_soft_limit", facts, path=reverse("account"), key=key)
        others = others.exclude(pk=int(limit.subject))
    about = {**facts, "whose": _whose(limit)}
    notices.tell(others, "soft_limit", about, path=reverse("budgets"), key=key)


def _whose(limit: Limit) -> Told:
    """Return whose limit it is, as a part of a sentence in any language."""
    if limit.scope == Scope.STUDIO:
        return told(N_("The studio's budget"))
    if limit.scope == Scope.ROLE:
        return told(OF_ROLES.get(limit.subject, OF_ROLES[Role.MEMBER]))
    name = limit.subject
    if limit.scope == Scope.PERSON:
        found = Person.objects.filter(pk=int(limit.subject)).first()
        name = found.name if found else name
    if limit.scope == Scope.PROJECT:
        names = Project.objects.filter(pk=int(limit.subject)).values_list("name", flat=True)
        name = names.first() or name
    if limit.scope == Scope.TOKEN:
        tokens = Token.objects.filter(pk=int(limit.subject)).values_list("name", flat=True)
        name = tokens.first() or name
    return told(OF_NAMED[limit.scope], name=name)
