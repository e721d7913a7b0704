"""The effect of a new limit on the people whom it stops, as sentences for the admin."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omixa_studio.dates import date_format
from omixa_studio.directions import isolated
from omixa_studio.models import Person, Scope, dollars
from omixa_studio.queries import budget
from omixa_studio.queries.past_limits import past_limits
from omixa_studio.queries.people import PersonMonth, monthly_limit, studio_month
from omixa_studio.services.ledger import in_batches
from omixa_studio.templatetags.studio import money

# More names are not read; the count is enough.
MOST_NAMED = 20


@dataclass(frozen=True)
class LimitChange:
    """What one limit for several people would mean, before it is set.

    `amount_micros` None removes the limit. `changes` is how many people have another limit now;
    `stopped` lists the first of them who could not generate anything until the limit resets, and
    `more` counts the others.
    """

    people: Sequence[Person]
    amount_micros: int | None
    changes: int
    stopped: Sequence[PersonMonth]
    more: int
    resets: datetime

    @property
    def unchanged(self) -> int:
        return len(self.people) - self.changes

    @property
    def people_stamp(self) -> str:
        """Return a hash of exactly these people for the form, of the same length for any number."""
        ids = sorted(person.pk for person in self.people)
        return hashlib.sha256(",".join(map(str, ids)).encode()).hexdigest()


def change_for(people: Sequence[Person], amount_micros: int | None) -> LimitChange:
    """Return what a monthly limit would mean for several people."""
    target, month = settings.GATEWAY_TARGET, budget.current_month()
    pks = [person.pk for person in people]
    months = [row for batch in in_batches(pks) for row in studio_month(target, month, batch).people]
    changing = [row for row in months if row.limit_micros != amount_micros]
    stopped = [
        row for row in changing if amount_micros is not None and row.spent_micros >= amount_micros
    ]
    return LimitChange(
        people=people,
        amount_micros=amount_micros,
        changes=len(changing),
        stopped=stopped[:MOST_NAMED],
        more=len(stopped[MOST_NAMED:]),
        resets=budget.next_month_starts(month),
    )


def consequences(whom: Person | None) -> list[str]:
    """Return what a person's limit, or the studio's, stops now and how many requests wait."""
    target, month = settings.GATEWAY_TARGET, budget.current_month()
    scope, subject = (Scope.PERSON, str(whom.pk)) if whom else (Scope.STUDIO, "")
    limit = monthly_limit(scope, subject)
    counted = budget.counted(target, month, whom.pk if whom else None)
    if limit is None or counted < limit:
        return []
    day = date_format(budget.next_month_starts(month), "j E")
    told = {
        "name": isolated(whom.name) if whom else "",
        "counted": money(dollars(counted)),
        "day": day,
    }
    stops = (
        _("%(name)s has %(counted)s spent and reserved and cannot generate anything until %(day)s.")
        if whom
        else _(
            "%(counted)s is already spent and reserved: nobody can generate anything until %(day)s."
        )
    )
    past = past_limits(target).get((scope, subject))
    waits = past and ngettext(
        "%(n)s waiting request is over the limit. You can cancel it here free of charge.",
        "%(n)s waiting requests are over the limit. You can cancel them here free of charge.",
        past.count,
    ) % {"n": past.count}
    return [sentence for sentence in (stops % told, waits) if sentence]
