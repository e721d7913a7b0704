"""The audit log in words, with the queries of its links."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omixa_studio.dates import date_format
from omixa_studio.models import Act, ActKind, Pack, Person, Role, TokenScope
from omixa_studio.queries.acts import SoughtActs, acts
from omixa_studio.services.single_sign_on import SENTENCES
from omixa_studio.templatetags.studio import money, size

from .act_things import A_DAY, day_named, is_of_all, model_name, thing_of

PAGE = 100
FAILED = (
    ActKind.LOGIN_FAILED,
    ActKind.PROOF_FAILED,
    ActKind.CODE_FAILED,
    ActKind.SSO_REFUSED,
    ActKind.LINK_PASSWORD_FAILED,
)
# Acts of people who are not logged in.
OF_STRANGERS = (
    ActKind.LOGIN_FAILED,
    ActKind.CODE_FAILED,
    ActKind.RECOVERY_CODE_USED,
    ActKind.SSO_CONNECTED,
    ActKind.SSO_REFUSED,
    ActKind.FIRST_ADMIN,
    ActKind.PASSWORD_ASKED,
    ActKind.LINK_OPENED,
    ActKind.LINK_PASSWORD_FAILED,
)
# Acts of which the value before is said even where there was none.
CHANGED_FROM = (ActKind.LIMIT, ActKind.QUOTA, ActKind.RETENTION, ActKind.FACTORS_REQUIRED)
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
    return _("Somebody") if act.kind in OF_STRANGERS and act.address else _("The studio")


def _whom(act: Act) -> str:
    """Return the affected person, or "Everyone", and the affected thing."""
    if act.kind == ActKind.LOGIN_FAILED and not act.whom_name:
        return _("Unknown username")
    whose = act.whom_name or (_("Everyone") if is_of_all(act) else "")
    return " · ".join(filter(None, (whose, thing_of(act))))


def _change(act: Act) -> str:
    said = SAID.get(act.kind, str)
    if act.kind == ActKind.RULE:
        return said(act.after)
    if act.kind in CHANGED_FROM:
        return f"{said(act.before)} → {said(act.after)}"
    return " → ".join(said(text) for text in (act.before, act.after) if text)


def _role(text: str) -> str:
    return str(dict(Role.choices).get(text, text))


def _limit(text: str) -> str:
    return money(Decimal(text)) if text else _("no limit")


def _raise(text: str) -> str:
    """Return an amount, and if given the moment until which it is more."""
    amount, _space, until = text.partition(" ")
    if not until:
        return money(Decimal(amount))
    day = localdate(datetime.fromisoformat(until) - timedelta(seconds=1))
    told = {"amount": money(Decimal(amount)), "day": date_format(day, "j E Y")}
    return _("%(amount)s more until %(day)s") % told


def _cost(text: str) -> str:
    return money(Decimal(text)) if Decimal(text) else _("not charged")


def _amount(text: str) -> str:
    return money(Decimal(text))


def _granted(text: str) -> str:
    """Return what was allowed; older rows tell the moment as a text."""
    amount, _until, moment = text.partition(" until ")
    if not moment:
        return _raise(text)
    return _("%(amount)s more until %(day)s") % {"amount": _amount(amount), "day": moment}


def _allowed(text: str) -> str:
    return _("may answer") if text == "yes" else _("may not answer")


def _days(text: str) -> str:
    """Return days such as "1 May 2026 – 31 May 2026"."""
    return A_DAY.sub(lambda day: day_named(day[0]), text)


def _ruled(text: str) -> str:
    """Return what a rule says: its amount, its number of pictures, models and values."""
    if text in ("free", "ruled"):
        return _("free of the rules") if text == "free" else _("the rules apply")
    return " · ".join(map(_part_of_rule, text.split(" · "))) if text else _("no rule")


def _part_of_rule(text: str) -> str:
    if text.startswith("$"):
        return _("dearest request %(amount)s") % {"amount": money(Decimal(text[1:]))}
    if text.startswith("n ≤ "):
        return _("most pictures %(n)s") % {"n": text.removeprefix("n ≤ ")}
    name, _sign, values = text.partition(" ≠ ")
    if values:
        return _("%(option)s not %(values)s") % {"option": name, "values": values}
    return _("only %(models)s") % {"models": ", ".join(map(model_name, text.split(", ")))}


def _requests(text: str) -> str:
    count = int(text)
    return ngettext("%(count)s request", "%(count)s requests", count) % {"count": count}


def _scopes(text: str) -> str:
    names = dict(TokenScope.choices)
    return ", ".join(str(names.get(scope, scope)) for scope in text.split())


def _roles(text: str) -> str:
    return ", ".join(map(_role, text.split())) or _("no role")


def _codes(text: str) -> str:
    count = int(text)
    return ngettext("%(count)s left", "%(count)s left", count) % {"count": count}


def _exported(text: str) -> str:
    """Return how many pictures were exported and for whom: "3 client" is "3 pictures · client"."""
    number, _space, pack = text.partition(" ")
    counted = ngettext("%(n)s picture", "%(n)s pictures", int(number)) % {"n": number}
    return f"{counted} · {dict(Pack.choices).get(pack, pack)}"


def _room(text: str) -> str:
    return size(int(text)) if text else _("no quota")


def _kept_for(text: str) -> str:
    """Return a rule of how long pictures are kept: "trash=7 rejected=30"."""
    names = {"trash": _("trash"), "rejected": _("rejected"), "unkept": _("not kept")}
    parts = (part.partition("=") for part in text.split())
    said = (f"{names.get(name, name)} {days}" for name, _sign, days in parts)
    return ", ".join(said) or _("kept for ever")


def _erased(text: str) -> str:
    """Return how many pictures were erased and why: "200 rejected"."""
    number, _space, why = text.partition(" ")
    counted = ngettext("%(n)s picture", "%(n)s pictures", int(number)) % {"n": number}
    return f"{counted} · {_('rejected') if why == 'rejected' else _('not kept')}"


def _removal(text: str) -> str:
    """Return what becomes of private pictures: "30" erases them after days, "30 jon" hands over."""
    days, _space, heir = text.partition(" ")
    n = int(days)
    if heir:
        told = ngettext(
            "private pictures go to %(heir)s after %(n)s day",
            "private pictures go to %(heir)s after %(n)s days",
            n,
        )
        return told % {"heir": heir, "n": n}
    return ngettext(
        "private pictures are erased after %(n)s day",
        "private pictures are erased after %(n)s days",
        n,
    ) % {"n": n}


def _removed(text: str) -> str:
    """Return how many pictures were erased, or went to whom: "12", "12 jon"."""
    number, _space, heir = text.partition(" ")
    counted = ngettext("%(n)s picture", "%(n)s pictures", int(number)) % {"n": number}
    return f"{counted} → {heir}" if heir else counted


def _calls(text: str) -> str:
    count = int(text)
    return ngettext("%(count)s request", "%(count)s requests", count) % {"count": count}


def _required(text: str) -> str:
    return _("required") if text == "yes" else _("optional")


def _reason(text: str) -> str:
    return _("the account is deactivated") if text == "inactive" else text


def _refusal(text: str) -> str:
    return _(SENTENCES[text]) if text in SENTENCES else _("the provider's answer was not usable")


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
    ActKind.PROJECT_REQUIRED: _required,
    ActKind.PERSON_ADDED: _role,
    ActKind.INVITED: _role,
    ActKind.TOKEN_MADE: _scopes,
    ActKind.TOKEN_REVOKED: _requests,
    ActKind.APP_CONNECTED: _scopes,
    ActKind.APP_DISCONNECTED: _requests,
    ActKind.FACTORS_REQUIRED: _roles,
    ActKind.RECOVERY_CODE_USED: _codes,
    ActKind.SSO_ROLE_KEPT: _role,
    ActKind.SSO_REFUSED: _refusal,
    ActKind.LIMIT: _limit,
    ActKind.LIMIT_RAISED: _raise,
    ActKind.BUDGET_GRANTED: _granted,
    ActKind.BUDGET_DECLINED: _amount,
    ActKind.APPROVERS: _allowed,
    ActKind.RULE: _ruled,
    ActKind.EXPORTED: _days,
    ActKind.COST: _cost,
    ActKind.LOGIN_FAILED: _reason,
    ActKind.MODEL: _model,
    ActKind.PRICES_FORGOTTEN: _cost,
    ActKind.BILL_ADJUSTED: _amount,
    ActKind.TOPPED_UP: _amount,
    ActKind.TOP_UP_CORRECTED: _amount,
    ActKind.WALLET_WARNING: _amount,
    ActKind.CANCELLED: _requests,
    ActKind.DEACTIVATED: _requests,
    ActKind.PICTURES_EXPORTED: _exported,
    ActKind.TAKEN_AWAY: _exported,
    ActKind.QUOTA: _room,
    ActKind.RETENTION: _kept_for,
    ActKind.ERASED: _erased,
    ActKind.REMOVED: _removal,
    ActKind.LEFT: _removed,
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
