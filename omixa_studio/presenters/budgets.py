"""Limits in words: whose they are, how long their period is, when they reset, whom to ask."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.timezone import get_default_timezone, localtime
from django.utils.translation import gettext as _

from omixa_studio.catalogue import load_catalogue
from omixa_studio.catalogue.records import N_
from omixa_studio.dates import date_format
from omixa_studio.directions import isolated
from omixa_studio.models import Period, Project, Role, Scope, Token
from omixa_studio.queries.budget import Room, tightest
from omixa_studio.queries.people import admins

MOST_NAMED = 3
OF_ROLES = {
    Role.MEMBER: N_("the limit of all members together"),
    Role.MANAGER: N_("the limit of all managers together"),
    Role.ADMIN: N_("the limit of all admins together"),
}
PER = {Period.DAY: N_("a day"), Period.WEEK: N_("a week"), Period.MONTH: N_("a month")}
RULES = {
    Period.DAY: N_("resets every day at 00:00, %(zone)s time"),
    Period.WEEK: N_("resets on Mondays at 00:00, %(zone)s time"),
    Period.MONTH: N_("resets on the 1st of each month at 00:00, %(zone)s time"),
}


def whose_limit(scope: str, subject: str) -> str:
    """Return whose limit it is, to a person whom it stops: their own is "your limit"."""
    if scope == Scope.PERSON:
        return _("your limit")
    if scope == Scope.ROLE:
        return _(OF_ROLES[Role(subject)])
    if scope == Scope.PROJECT:
        name = Project.objects.filter(pk=int(subject)).values_list("name", flat=True).first()
        return _("the limit of the project %(name)s") % {"name": isolated(name or subject)}
    if scope == Scope.TOKEN:
        name = Token.objects.filter(pk=int(subject)).values_list("name", flat=True).first()
        return _("the limit of the access token %(name)s") % {"name": isolated(name or subject)}
    if scope == Scope.MODEL:
        model = load_catalogue(settings.MODELS_TOML).find(subject)
        name = model.name if model else subject
        return _("the limit of the model %(name)s") % {"name": isolated(name)}
    return _("the studio's limit")


def per(period: str) -> str:
    """Return a period after an amount, such as "a week"."""
    return _(PER[Period(period)])


def reset_rule(period: str) -> str:
    """Return when limits of a period reset, as a rule."""
    return _(RULES[Period(period)]) % {"zone": get_default_timezone()}


def reset_moment(moment: datetime) -> str:
    """Return when a limit resets, such as "Monday, 30 November at 00:00, Europe/Berlin time"."""
    zone = get_default_timezone()
    day = date_format(localtime(moment, zone), "l, j E")
    return _("%(day)s at 00:00, %(zone)s time") % {"day": day, "zone": zone}


def whom_to_ask() -> str:
    """Return the names of admins, at most a few, as a list in words."""
    names = [isolated(person.name) for person in admins()]
    named, more = names[:MOST_NAMED], len(names[MOST_NAMED:])
    if more:
        named.append(_("%(n)s more") % {"n": more})
    if len(named) < 2:
        return "".join(named)
    return _("%(names)s or %(last)s") % {"names": ", ".join(named[:-1]), "last": named[-1]}


def facts_in_words(room: Room) -> Mapping[str, str]:
    """Return the parts of every sentence about a limit that stops somebody."""
    return {
        "whose": whose_limit(room.scope, room.subject),
        "per": per(room.period),
        "moment": reset_moment(room.resets_at),
        "names": whom_to_ask(),
    }


@dataclass(frozen=True)
class LimitLine:
    """A limit that applies to a person, in words; `is_tightest` of the hard one with least left."""

    room: Room
    whose: str
    per: str
    moment: str
    is_tightest: bool


def limit_lines(rooms: Sequence[Room]) -> list[LimitLine]:
    """Return the limits that apply to any request of a person, the one with least left first."""
    first = tightest(rooms)
    return [
        LimitLine(
            room=room,
            whose=whose_limit(room.scope, room.subject),
            per=per(room.period),
            moment=reset_moment(room.resets_at),
            is_tightest=room is first,
        )
        for room in sorted(rooms, key=lambda room: (not room.hard, room.left_micros))
    ]
