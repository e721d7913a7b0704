"""The audit log in words, with the queries of its links."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlencode

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omixa_studio.catalogue.records import N_
from omixa_studio.models import Act, ActKind, Person, Role
from omixa_studio.presenters.targets import target_name
from omixa_studio.queries.acts import SoughtActs, acts
from omixa_studio.templatetags.studio import money

PAGE = 100
FAILED = (ActKind.LOGIN_FAILED, ActKind.PROOF_FAILED)
# Acts on requests: without a person or a thing they concern everyone's requests.
OF_REQUESTS = (ActKind.PAUSED, ActKind.RESUMED, ActKind.CANCELLED)
# Their things are names that people chose, shown as they are.
OF_PRESETS = (ActKind.PRESET_UNSHARED, ActKind.PRESET_DELETED, ActKind.PRESET_RESTORED)
THINGS = {
    "studio": N_("The whole studio"),
    "limit": N_("over the limit"),
    "costs": N_("Costs"),
    "log": N_("Log"),
}
# The names under which a change of a model is logged.
WRITTEN = re.compile(r"(?:^|, )(enabled|image_price|like|name) = ")


@dataclass(frozen=True)
class ActLine:
    """A row of the log: `whom` is the person or thing affected, `change` the old and new value.

    `failed` marks failed password attempts.
    """

    at: datetime
    what: str
    who: str
    whom: str
    change: str
    address: str
    failed: bool


@dataclass(frozen=True)
class ActSheet:
    """What the page shows besides its form. The queries begin with "?"; "" means no link.

    `name` is the text of the people field: the search words, or the username of the one person.
    """

    lines: Sequence[ActLine]
    sought: SoughtActs
    name: str
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
        name=sought.words or _name_of(sought.person_id),
        kinds=[(str(value), str(label)) for value, label in ActKind.choices],
        older=older,
        export=query,
        is_narrowed=bool(query),
    )


def _name_of(person_id: int | None) -> str:
    person = Person.objects.filter(pk=person_id).first() if person_id else None
    return person.username if person else ""


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
    return _("Somebody") if stranger and act.address else _("The studio")


def _whom(act: Act) -> str:
    """Return the affected person, or "Everyone", and the affected thing."""
    if act.kind == ActKind.LOGIN_FAILED and not act.whom_name:
        return _("Unknown username")
    whose = act.whom_name or (_("Everyone") if _is_of_all(act) else "")
    return " · ".join(filter(None, (whose, _thing(act))))


def _is_of_all(act: Act) -> bool:
    return act.kind in OF_REQUESTS and not act.thing.startswith(("run ", "G-"))


def _thing(act: Act) -> str:
    """Return the name of an affected thing; "" for the requests of the current gateway."""
    if act.kind in OF_PRESETS:
        return act.thing
    if act.kind == ActKind.TEST_CLOSED:
        return _("blind test %(number)s") % {"number": act.thing.removeprefix("test ")}
    if act.thing.startswith("run "):
        return _("run %(number)s") % {"number": act.thing.removeprefix("run ")[:8]}
    if act.thing in THINGS:
        return _(THINGS[act.thing])
    if not _is_of_all(act):
        return act.thing
    return "" if act.thing in ("", settings.GATEWAY_TARGET) else target_name(act.thing)


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
    return ngettext("%(count)s request", "%(count)s requests", count) % {"count": count}


def _reason(text: str) -> str:
    return _("the account is deactivated") if text == "inactive" else text


def _model(text: str) -> str:
    """Return a change of a model in words: "enabled = False" is "switched off"."""
    if text == "default_model":
        return _("default for everyone")
    before, *pairs = WRITTEN.split(text)
    if before or not pairs:
        return text
    return ", ".join(_written(*pair) for pair in zip(pairs[::2], pairs[1::2], strict=True))


def _written(name: str, value: str) -> str:
    if name == "enabled":
        return _("switched on") if value == "True" else _("switched off")
    if name == "image_price":
        return _("%(amount)s per picture") % {"amount": money(Decimal(value))}
    return (_("like %(model)s") if name == "like" else _("called %(model)s")) % {"model": value}


def _pause(text: str) -> str:
    """Return an admin's reason, or "an older copy of the database" with the number of calls."""
    key, _space, count = text.partition(" ")
    if key != "older_copy" or not count.isdecimal():
        return text
    older = _("an older copy of the database")
    return f"{older} · {_calls(count)}" if int(count) else older


# How the logged values of a kind are displayed; values of other kinds are shown as stored.
SAID: Mapping[str, Callable[[str], str]] = {
    ActKind.ROLE: _role,
    ActKind.PERSON_ADDED: _role,
    ActKind.LIMIT: _limit,
    ActKind.COST: _cost,
    ActKind.LOGIN_FAILED: _reason,
    ActKind.MODEL: _model,
    ActKind.PRICES_FORGOTTEN: _cost,
    ActKind.CANCELLED: _requests,
    ActKind.DEACTIVATED: _requests,
    ActKind.LOST_CLOSED: _calls,
    ActKind.PAUSED: _pause,
    ActKind.RESUMED: _pause,
}


def _query(sought: SoughtActs, *, before: int | None = None) -> str:
    given = {
        "q": sought.words,
        "person": sought.person_id,
        "kind": sought.kind,
        "from": sought.first,
        "to": sought.last,
        "before": before,
    }
    kept = {name: value for name, value in given.items() if value not in (None, "")}
    return f"?{urlencode(kept)}" if kept else ""
