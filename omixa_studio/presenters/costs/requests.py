"""Requests for more money in words: on the studio's board, and for those who answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.timezone import get_default_timezone, localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from omixa_studio.catalogue import load_catalogue
from omixa_studio.directions import isolated
from omixa_studio.forms.budget_requests import DATE, MoneyForm
from omixa_studio.models import BudgetRequest, Person, RequestState, Scope, dollars
from omixa_studio.presenters.budgets import per, whose_limit
from omixa_studio.presenters.news import moment, worded
from omixa_studio.queries import budget
from omixa_studio.queries.budget import Room
from omixa_studio.queries.budget_requests import (
    OPEN_REQUESTS,
    answered_requests,
    answers_requests,
    first_waiting,
    limits_of,
    on_board,
    requests_of,
    spans_periods,
)
from omixa_studio.queries.studio_settings import studio_settings
from omixa_studio.services.budget_requests import missing_now
from omixa_studio.templatetags.studio import money, plain_dollars

ICONS: Mapping[str, str] = {
    RequestState.WAITING: "clock",
    RequestState.GRANTED: "check",
    RequestState.SENT: "check",
    RequestState.STOPPED: "warn",
    RequestState.DECLINED: "close",
    RequestState.WITHDRAWN: "undo",
    RequestState.EXPIRED: "clock",
}


@dataclass(frozen=True, kw_only=True)
class RequestCard:
    """A request in words; `waits` is what waits for the money, "" for nothing.

    `answer` is who answered and what, `why` why it was not sent after all; `prompt` stands only on
    the card of the person who wrote it.
    """

    pk: int
    who: str
    amount: str
    until: str
    message: str
    state: str
    label: str
    icon: str
    limit: str
    waits: str
    missing: str = ""
    prompt: str = ""
    answer: str = ""
    note: str = ""
    why: str = ""
    at: datetime
    can_withdraw: bool = False
    form: MoneyForm | None = None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_REQUESTS

    @property
    def close_path(self) -> str:
        """Return where the card is taken off the board: withdrawn, or only put away."""
        return reverse("budget_withdraw" if self.is_open else "budget_close", args=[self.pk])


@dataclass(frozen=True)
class RequestBoard:
    """The cards of a person's requests on the studio's board."""

    cards: Sequence[RequestCard] = ()

    @property
    def stamp(self) -> str:
        """Return a short string that differs when the cards do."""
        return ".".join(f"{card.pk}{card.state[:2]}" for card in self.cards)

    @property
    def is_open(self) -> bool:
        """Return whether an answer may still come."""
        return any(card.is_open for card in self.cards)


@dataclass(frozen=True, kw_only=True)
class RequestSheet:
    """The page of requests: those that wait for this person's answer, their own, and the others.

    `managers_approve` is the setting for an admin, None for others.
    """

    waiting: Sequence[RequestCard]
    own: Sequence[RequestCard]
    answered: Sequence[RequestCard]
    answers: bool
    managers_approve: bool | None
    form: MoneyForm
    room: Room | None


def request_sheet(
    person: Person,
    *,
    refused: Mapping[int, MoneyForm] | None = None,
    form: MoneyForm | None = None,
) -> RequestSheet:
    """Read the page of requests for a person; the forms are those that were sent with mistakes.

    `refused` are those of answers, by request.
    """
    target, answers = settings.GATEWAY_TARGET, answers_requests(person)
    rows = list(first_waiting(target, person)) if answers else []
    own = requests_of(person, target)
    answered = answered_requests(target) if answers else []
    limits = limits_of([*rows, *own, *answered])
    return RequestSheet(
        waiting=[_to_answer(one, limits, (refused or {}).get(one.pk)) for one in rows],
        own=[own_card(one, limits) for one in own],
        answered=[_card(one, limits) for one in answered if one.person_id != person.pk],
        answers=answers,
        managers_approve=studio_settings().managers_approve if person.is_admin else None,
        form=form or MoneyForm(),
        room=budget.tightest(budget.rooms(budget.keys_now(target, person))),
    )


def board_of(person: Person) -> RequestBoard:
    """Return the cards of a person's requests that the studio shows."""
    return RequestBoard([own_card(one, {}) for one in on_board(person, settings.GATEWAY_TARGET)])


def own_card(request: BudgetRequest, limits: Mapping[int, int]) -> RequestCard:
    """Return the card of a request for the person who made it; `limits` is as of `limits_of`."""
    waits = request.state == RequestState.WAITING
    granted = request.state == RequestState.GRANTED and request.kept is not None
    return _card(request, limits, prompt=_prompt(request), can_withdraw=waits or granted)


def _to_answer(
    request: BudgetRequest, limits: Mapping[int, int], form: MoneyForm | None
) -> RequestCard:
    missing = missing_now(request)
    last = localtime(request.until - timedelta(seconds=1), get_default_timezone()).date()
    initial = {
        "dollars": plain_dollars(dollars(request.amount_micros)),
        "until": DATE,
        "date": last.isoformat(),
    }
    return _card(
        request,
        limits,
        missing=money(dollars(missing)) if missing else "",
        form=form or MoneyForm(initial=initial, auto_id=f"request-{request.pk}-%s"),
    )


def _card(request: BudgetRequest, limits: Mapping[int, int], **more: Any) -> RequestCard:
    return RequestCard(
        pk=request.pk,
        who=request.person.name,
        amount=_more(request, request.amount_micros, request.until),
        until=moment(request.until),
        message=request.message,
        state=request.state,
        label=str(RequestState(request.state).label),
        icon=ICONS[request.state],
        limit=_limit(request, limits.get(request.pk)),
        waits=_waits(request),
        answer=_answer(request),
        note=request.note,
        why=worded(request.why),
        at=request.created_at,
        **more,
    )


def _limit(request: BudgetRequest, amount_micros: int | None) -> str:
    """Return which limit refused, such as "personal limit: $20.00 a month"."""
    own = request.scope == Scope.PERSON
    whose = _("personal limit") if own else whose_limit(request.scope, request.subject)
    if amount_micros is None:
        return whose
    amount = money(dollars(amount_micros))
    return _("%(whose)s: %(amount)s %(per)s") % {
        "whose": whose,
        "amount": amount,
        "per": per(request.period),
    }


def _more(request: BudgetRequest, micros: int, until: datetime) -> str:
    """Return an amount, as "$5.00 a day" where a limit of days is raised for several."""
    amount = money(dollars(micros))
    return f"{amount} {per(request.period)}" if spans_periods(request, until) else amount


def _waits(request: BudgetRequest) -> str:
    """Return what waits, such as "4 pictures of Imagen 4, up to $0.16", without any prompt."""
    if request.kept is None:
        return ""
    choices = request.kept["choices"]
    count = sum(int(one["values"].get("n", 1)) for one in choices)
    catalogue = load_catalogue(settings.MODELS_TOML)
    slugs = list(dict.fromkeys(one["model"] for one in choices))
    known = [(slug, catalogue.find(slug)) for slug in slugs[:3]]
    names = [isolated(model.name if model else slug) for slug, model in known]
    said = ngettext("%(n)s picture", "%(n)s pictures", count) % {"n": count}
    return _("%(pictures)s · %(models)s · up to %(held)s") % {
        "pictures": said,
        "models": ", ".join(names) + ("…" if len(slugs) > len(known) else ""),
        "held": money(dollars(request.held_micros)),
    }


def _prompt(request: BudgetRequest) -> str:
    first = request.kept["choices"][0] if request.kept else {"values": {}}
    return str(first["values"].get("prompt", ""))


def _answer(request: BudgetRequest) -> str:
    if not request.answered_by_name:
        return ""
    who = {"who": isolated(request.answered_by_name)}
    if request.granted_micros is None or request.granted_until is None:
        return _("Declined by %(who)s") % who
    return _("%(amount)s until %(until)s, approved by %(who)s") % {
        **who,
        "amount": _more(request, request.granted_micros, request.granted_until),
        "until": moment(request.granted_until),
    }
