"""The affected things of the audit log in words; rows keep keys, as old ones do."""

import re
from datetime import date

from django.conf import settings
from django.utils.translation import gettext as _

from omixa_studio.catalogue import load_catalogue
from omixa_studio.catalogue.records import N_
from omixa_studio.dates import date_format
from omixa_studio.models import Act, ActKind, Role
from omixa_studio.presenters.targets import target_name

from .budgets import TOGETHER

# Acts on requests: without a person or a thing they concern everyone's requests.
OF_REQUESTS = (ActKind.PAUSED, ActKind.RESUMED, ActKind.CANCELLED)
# Their things are names that people chose, shown as they are.
NAMED = (
    ActKind.PRESET_UNSHARED,
    ActKind.PRESET_DELETED,
    ActKind.PRESET_RESTORED,
    ActKind.PROJECT_MADE,
    ActKind.PROJECT_CHANGED,
    ActKind.PROJECT_CLOSED,
    ActKind.PROJECT_REOPENED,
    ActKind.PROJECT_MEMBER_ADDED,
    ActKind.PROJECT_MEMBER_REMOVED,
    ActKind.BILL_IMPORTED,
    ActKind.INVITED,
    ActKind.INVITATION_ACCEPTED,
    ActKind.INVITATION_REVOKED,
    ActKind.TOKEN_MADE,
    ActKind.TOKEN_REVOKED,
    ActKind.APP_CONNECTED,
    ActKind.APP_DISCONNECTED,
    ActKind.WEBHOOK_MADE,
    ActKind.WEBHOOK_CHANGED,
    ActKind.WEBHOOK_ROTATED,
    ActKind.WEBHOOK_ON,
    ActKind.WEBHOOK_OFF,
    ActKind.WEBHOOK_DELETED,
    ActKind.PASSKEY_RENAMED,
    ActKind.SSO_CONNECTED,
    ActKind.SSO_REFUSED,
)
OF_LIMITS = (ActKind.LIMIT, ActKind.LIMIT_RAISED)
OF_MODELS = (ActKind.MODEL, ActKind.PRICES_FORGOTTEN)
THINGS = {
    "studio": N_("The whole studio"),
    "limit": N_("over the limit"),
    "costs": N_("Costs"),
    "costs.xlsx": N_("Costs"),
    "review": N_("Review of costs"),
    "log": N_("Log"),
    "managers": N_("Managers"),
    "app": N_("Authenticator app"),
}
NUMBERED = {
    "link": N_("guest link %(number)s"),
    "picture": N_("picture %(number)s"),
    "export": N_("export %(number)s"),
    "bill": N_("line %(number)s of the bill"),
    "report": N_("report %(number)s"),
    "test": N_("blind test %(number)s"),
}
KINDS_OF_LIMITS = {
    "limit_day": N_("limit a day"),
    "limit_week": N_("limit a week"),
    "limit_month": N_("limit a month"),
    "notice_day": N_("soft limit a day"),
    "notice_week": N_("soft limit a week"),
    "notice_month": N_("soft limit a month"),
}
A_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def thing_of(act: Act) -> str:
    """Return the name of an affected thing; "" for the requests of the current gateway."""
    if act.kind in NAMED:
        return act.thing
    if act.kind in OF_MODELS:
        return model_name(act.thing)
    if act.kind in OF_LIMITS:
        return _limit(act.thing)
    if act.kind == ActKind.RULE and act.thing in Role.values:
        return str(Role(act.thing).label)
    if A_DAY.fullmatch(act.thing):
        return day_named(act.thing)
    return _other(act)


def is_of_all(act: Act) -> bool:
    """Return whether an act is on everybody's requests."""
    return act.kind in OF_REQUESTS and not act.thing.startswith(("run ", "G-"))


def model_name(slug: str) -> str:
    """Return what a model is called, its slug if it is not known any more."""
    model = load_catalogue(settings.MODELS_TOML).find(slug)
    return model.name if model else slug


def day_named(iso: str) -> str:
    """Return a day such as "3 May 2026"."""
    return date_format(date.fromisoformat(iso), "j E Y")


def _other(act: Act) -> str:
    what, _space, number = act.thing.partition(" ")
    if what in NUMBERED and number:
        return _(NUMBERED[what]) % {"number": number}
    if act.thing.startswith("blind-test-"):
        return _(NUMBERED["test"]) % {"number": act.thing.removeprefix("blind-test-")}
    if act.thing.startswith("run "):
        return _("run %(number)s") % {"number": act.thing.removeprefix("run ")[:8]}
    if act.thing in THINGS:
        return _(THINGS[act.thing])
    if not is_of_all(act):
        return act.thing
    return "" if act.thing in ("", settings.GATEWAY_TARGET) else target_name(act.thing)


def _limit(thing: str) -> str:
    """Return whose limit it is and for how long it counts.

    A limit of a month of a person or of the studio is logged without its kind.
    """
    kind, _space, whose = thing.partition(" ")
    if kind not in KINDS_OF_LIMITS:
        return _whose_limit(thing)
    return " · ".join(filter(None, (_whose_limit(whose), _(KINDS_OF_LIMITS[kind]))))


def _whose_limit(whose: str) -> str:
    """Return the subject of a limit, which older rows tell without its scope."""
    if whose == "default":
        return _("New people")
    scope, _space, subject = whose.partition(" ")
    if scope in ("project", "token") and subject:
        return subject
    named = subject if scope in ("role", "model") and subject else whose
    if named in TOGETHER:
        return str(TOGETHER[named])
    return _(THINGS["studio"]) if named == "studio" else model_name(named)
