"""What notices say that are not about a comment: the one table of their sentences.

A kind keeps its meaning as long as a row may hold it; values are described at services/notices.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from omixa_studio.catalogue.records import N_
from omixa_studio.dates import date_format
from omixa_studio.models import Notice, dollars
from omixa_studio.presenters.budgets import per
from omixa_studio.sentences import tell
from omixa_studio.templatetags.studio import money


@dataclass(frozen=True)
class News:
    """A kind of notice: its sentence, to be filled with facts, and the icon beside it."""

    sentence: str
    icon: str = "bell"


NEWS: Mapping[str, News] = {
    "budget_asked": News(N_("%(who)s asks for %(amount)s until %(until)s.")),
    "budget_granted": News(N_("%(who)s allowed you %(amount)s more until %(until)s."), "check"),
    "budget_declined": News(N_("%(who)s declined your request for %(amount)s."), "close"),
    "budget_expired": News(
        N_("Nobody answered your request for %(amount)s in time; it was not sent."), "clock"
    ),
    "own_soft_limit": News(
        N_(
            "You have spent or reserved %(counted)s, and reached your budget of %(limit)s %(per)s. "
            "It only warns; nothing is stopped."
        ),
        "warn",
    ),
    "soft_limit": News(
        N_(
            "%(whose)s is reached: %(counted)s of %(limit)s %(per)s are spent or reserved. It only "
            "warns; nothing is stopped."
        ),
        "warn",
    ),
    "bill_differs": News(
        N_("The gateway's bill and the ledger differ: %(n)s differences to look at."), "warn"
    ),
    "backup_failed": News(N_("The nightly backup failed: %(why)s"), "warn"),
    "backup_missing": News(N_("There was no backup for more than a day."), "warn"),
    "wallet_empty": News(
        N_("The Omixa wallet is empty, so the queue is paused. Top it up, then press Resume."),
        "warn",
    ),
    "wallet_empty_of_key": News(
        N_(
            "The wallet of the key “%(key)s” is empty, so its requests wait. Top it up, then press "
            "Resume."
        ),
        "warn",
    ),
    "price_rose": News(
        N_("%(model)s (%(choice)s) costs %(now)s a picture today, usually %(usual)s."), "warn"
    ),
    "wallet_low": News(
        N_("The Omixa wallet should hold only %(left)s. Top it up in time."), "warn"
    ),
    "report_retried": News(
        N_("The report “%(report)s” did not reach %(person)s. It will be mailed again."),
        "info",
    ),
    "report_failed": News(
        N_("The report “%(report)s” did not reach %(person)s after several tries."),
        "info",
    ),
    "report_unclear": News(
        N_("It is not certain that the report “%(report)s” was mailed to %(person)s."), "info"
    ),
    "token_made": News(
        N_(
            "An access token of your account was made: %(token)s. If that was not you, revoke it "
            "and change your password."
        ),
        "warn",
    ),
    "app_connected": News(
        N_(
            "An app was connected to your account: %(app)s (%(host)s). If that was not you, "
            "disconnect it and change your password."
        ),
        "warn",
    ),
    "app_replayed": News(
        N_(
            "The app %(app)s was disconnected: something that counts once was used twice, so "
            "somebody may have copied it. Connect the app anew."
        ),
        "warn",
    ),
    "retention_begins": News(
        N_("Old pictures of yours will be erased, from %(day)s on. Your account says which."),
        "warn",
    ),
    "pictures_inherited": News(
        N_("You have got the private pictures of %(whose)s, who was removed: %(n)s"), "info"
    ),
    "webhook_failing": News(
        N_(
            "The webhook to %(webhook)s failed for days, so it is switched off. Have its server "
            "looked at, then switch it on again: what waits is sent then."
        ),
        "warn",
    ),
    "webhook_gone": News(
        N_("The server %(webhook)s wants no more messages (410 Gone), so its webhook is off."),
        "warn",
    ),
    "factor_added": News(
        N_(
            "Your login got a second step: %(factor)s. If that was not you, remove it and change "
            "your password."
        ),
        "lock",
    ),
    "factor_removed": News(
        N_(
            "A second step of your login was removed: %(factor)s. If that was not you, change your "
            "password."
        ),
        "warn",
    ),
    "recovery_codes_made": News(
        N_(
            "New recovery codes were made for your account; the old ones are void. If that was not "
            "you, change your password."
        ),
        "lock",
    ),
    "recovery_code_used": News(
        N_(
            "Somebody logged in to your account with a recovery code; %(left)s are left. If that "
            "was not you, change your password and make new codes."
        ),
        "warn",
    ),
    "factors_reset": News(
        N_("Your two-step login was switched off by %(who)s. Set it up again."), "warn"
    ),
    "sso_connected": News(
        N_(
            "Your account was connected to the identity %(email)s, which logs in from now on. If "
            "that was not you, disconnect it and change your password."
        ),
        "lock",
    ),
    "sso_disconnected": News(N_("Your account was disconnected from single sign-on."), "warn"),
    "budget_stopped": News(N_("Your waiting request was not sent. %(why)s"), "info"),
}


def said(notice: Notice) -> str:
    """Return the sentence of a notice in the reader's language."""
    news = NEWS.get(notice.kind)
    # A row written by a newer version is still worth a look at where it leads.
    sentence = news.sentence if news else N_("There is something new.")
    return worded([{"key": sentence, "values": notice.facts}])


def worded(parts: Iterable[Mapping[str, Any]]) -> str:
    """Return stored parts as text like `sentences.tell`, with amounts and moments in words."""
    return tell([{"key": part["key"], "values": _filled(part["values"])} for part in parts])


def _filled(facts: Mapping[str, object]) -> dict[str, object]:
    """Return the values of a sentence; an amount with a period is "$5.00 a day"."""
    shown = dict(map(_shown, facts.items()))
    if "amount_period" in shown:
        shown["amount"] = f"{shown['amount']} {per(str(shown['amount_period']))}"
    return shown


def icon_of(notice: Notice) -> str:
    """Return the icon of a notice's kind."""
    news = NEWS.get(notice.kind)
    return news.icon if news else "bell"


def text_of(notice: Notice) -> str:
    """Return what a person wrote that the notice hands on, "" for nothing."""
    return str(notice.facts.get("text", ""))


def _shown(fact: tuple[str, object]) -> tuple[str, object]:
    """Return a fact as the sentence takes it: amounts as dollars, moments in words."""
    name, value = fact
    if name.endswith("_micros") and isinstance(value, int):
        return name.removesuffix("_micros"), money(dollars(value))
    if name.endswith("_at") and isinstance(value, str):
        return name.removesuffix("_at"), moment(datetime.fromisoformat(value))
    if isinstance(value, list):
        return name, worded(value)
    return name, value


def moment(at: datetime) -> str:
    """Return a moment in words in the studio's time zone: "27 November, 18:00".

    A midnight is the end of the day before.
    """
    local = timezone.localtime(at, timezone.get_default_timezone())
    if local.time() == time.min:
        return _("the end of %(day)s") % {"day": date_format(local - timedelta(hours=1), "j E")}
    day = date_format(local, "j E")
    return _("%(day)s, %(time)s") % {"day": day, "time": date_format(local, "H:i")}
