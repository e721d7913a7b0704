"""The log of acts as finished words, and where its links lead."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omixa_studio.models import Act, ActKind, Person, Role
from omixa_studio.queries.acts import SoughtActs, acts
from omixa_studio.queries.people import everyone
from omixa_studio.templatetags.studio import money

PAGE = 100
FAILED = (ActKind.LOGIN_FAILED, ActKind.PROOF_FAILED)


@dataclass(frozen=True)
class ActLine:
    """A row of the log: `whom` is the person or thing it was done to, `change` what became.
    `failed` are guesses of a password."""

    at: datetime
    what: str
    who: str
    whom: str
    change: str
    address: str
    failed: bool


@dataclass(frozen=True)
class ActSheet:
    """What the page shows besides its form; the queries begin with "?", "" leads nowhere."""

    lines: Sequence[ActLine]
    sought: SoughtActs
    people: Sequence[Person]
    kinds: Sequence[tuple[str, str]]
    older: str
    export: str
    is_narrowed: bool


def act_sheet(sought: SoughtActs) -> ActSheet:
    """Read one page of the log."""
    rows = list(acts(sought)[: PAGE + 1])
    shown, query = rows[:PAGE], _query(sought)
    older = _query(sought, before=shown[-1].pk) if len(rows) > PAGE else ""
    return ActSheet(
        lines=[_line(act) for act in shown],
        sought=sought,
        people=list(everyone()),
        kinds=[(str(value), str(label)) for value, label in ActKind.choices],
        older=older,
        export=query,
        is_narrowed=bool(query),
    )


def _line(act: Act) -> ActLine:
    names = dict(ActKind.choices)
    return ActLine(
        at=act.created_at,
        what=str(names.get(act.kind, act.kind)),
        who=act.who_name or _nobody(act),
        whom=_whom(act),
        change=_change(act),
        address=act.address,
        failed=act.kind in FAILED,
    )


def _nobody(act: Act) -> str:
    stranger = act.kind in (ActKind.LOGIN_FAILED, ActKind.FIRST_ADMIN)
    return _("Somebody") if stranger and act.address else _("The studio itself")


def _whom(act: Act) -> str:
    """Name the person, and of a person's things the one it was done to."""
    thing = _thing(act)
    if not act.whom_name:
        return thing
    return f"{act.whom_name} · {thing}" if act.thing.startswith(("run ", "G-")) else act.whom_name


def _thing(act: Act) -> str:
    if act.kind == ActKind.LOGIN_FAILED:
        return _("A name that nobody has")
    if act.thing.startswith("run "):
        return _("run %(number)s") % {"number": act.thing.removeprefix("run ")[:8]}
    return _("The whole studio") if act.kind == ActKind.LIMIT else act.thing


def _change(act: Act) -> str:
    said = SAID.get(act.kind, str)
    if act.kind == ActKind.LIMIT:
        return f"{said(act.before)} → {said(act.after)}"
    return " → ".join(said(text) for text in (act.before, act.after) if text)


def _role(text: str) -> str:
    return str(dict(Role.choices).get(text, text))


def _limit(text: str) -> str:
    return money(Decimal(text)) if text else _("no limit")


def _cost(text: str) -> str:
    return money(Decimal(text)) if Decimal(text) else _("not charged")


def _requests(text: str) -> str:
    count = int(text)
    return ngettext("%(count)s request", "%(count)s requests", count) % {"count": count}


def _calls(text: str) -> str:
    count = int(text)
    return ngettext("%(count)s call", "%(count)s calls", count) % {"count": count}


def _reason(text: str) -> str:
    return _("the account is deactivated") if text == "inactive" else text


def _pause(text: str) -> str:
    """What an admin typed, or that the database was an older copy, with how many calls."""
    key, _space, count = text.partition(" ")
    if key != "older_copy" or not count.isdecimal():
        return text
    older = _("an older copy of the database")
    return f"{older} · {_calls(count)}" if int(count) else older


# How the plain values of a kind are said; those of others stand as they are.
SAID: Mapping[str, Callable[[str], str]] = {
    ActKind.ROLE: _role,
    ActKind.PERSON_ADDED: _role,
    ActKind.LIMIT: _limit,
    ActKind.COST: _cost,
    ActKind.LOGIN_FAILED: _reason,
    ActKind.CANCELLED: _requests,
    ActKind.DEACTIVATED: _requests,
    ActKind.LOST_CLOSED: _calls,
    ActKind.PAUSED: _pause,
    ActKind.RESUMED: _pause,
}


def _query(sought: SoughtActs, *, before: int | None = None) -> str:
    given = {
        "person": sought.person_id,
        "kind": sought.kind,
        "from": sought.first,
        "to": sought.last,
        "before": before,
    }
    kept = {name: value for name, value in given.items() if value not in (None, "")}
    return f"?{urlencode(kept)}" if kept else ""
