"""Requests for more money: asked once, answered once, told to whom they concern."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.gateway.errors import Told
from omixa_studio.models import (
    ActKind,
    BudgetRequest,
    Limit,
    LimitRaise,
    Person,
    RequestState,
    StudioSettings,
    WebhookEvent,
    dollars,
)
from omixa_studio.queries.budget import Room, keys_now, rooms, tightest
from omixa_studio.queries.budget_requests import (
    OPEN_REQUESTS,
    approvers,
    outdated_requests,
    rooms_in_the_way,
    spans_periods,
)

from . import audit, kept_orders, notices, outbox
from .audit import Actor
from .budget import BudgetRefused
from .kept_orders import Kept
from .refusals import ChoiceRefused
from .submission import OrderRefused

# More would only bury those who answer.
MOST_OPEN = 20
NO_LIMIT = N_("No limit stops you, so there is nothing to ask for.")


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a person asks for: micro-dollars more until a moment, with a message."""

    amount_micros: int
    until: datetime
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """What an approver allows: micro-dollars more until a moment, with a note."""

    amount_micros: int
    until: datetime
    note: str = ""


def ask_for(
    person: Person, refusal: BudgetRefused, wish: Wish, *, target: str, click: str | None = None
) -> BudgetRequest:
    """Ask for what a budget refused; what was to be queued waits for the answer.

    The same click again returns the same request; what waits has its own, and `click` is for what
    cannot wait. Raises ChoiceRefused for too many open requests, and for a click whose request was
    withdrawn or answered with no.
    """
    order = refusal if isinstance(refusal, OrderRefused) else None
    click = (order.drafts[0].row.click if order else click) or uuid.uuid4().hex
    request = _request(person, refusal.room, wish, click=click, target=target)
    if order is not None:
        request.kept = kept_orders.keep(order)
        request.held_micros = sum(draft.row.held_micros for draft in order.drafts)
    return _save(request, kept_orders.images_in(order.drafts) if order else ())


def ask_under_tightest(person: Person, wish: Wish, *, click: str, target: str) -> BudgetRequest:
    """Ask for more under the limit that leaves least, with nothing that waits for it.

    Like `ask_for`; raises ChoiceRefused also where there is no limit.
    """
    room = tightest(rooms(keys_now(target, person)))
    if room is None:
        raise ChoiceRefused(Fault("", NO_LIMIT, {}))
    return _save(_request(person, room, wish, click=click, target=target))


def withdraw(request: BudgetRequest) -> bool:
    """Withdraw a request; return False if it was answered, and what waited for it was sent."""
    states = (RequestState.WAITING,) if request.kept is None else OPEN_REQUESTS
    there = BudgetRequest.objects.filter(pk=request.pk, state__in=states)
    withdrawn = bool(there.update(state=RequestState.WITHDRAWN))
    if withdrawn:
        notices.settle(_key(request))
    return withdrawn


def put_away(request: BudgetRequest) -> None:
    """Show the card about an answered request no more."""
    BudgetRequest.objects.filter(pk=request.pk).exclude(state__in=OPEN_REQUESTS).update(closed=True)


def grant(request: BudgetRequest, answer: Allowance, *, by: Actor) -> bool:
    """Raise every limit in the way; return False if it was already answered or withdrawn."""
    waiting = BudgetRequest.objects.filter(pk=request.pk, state=RequestState.WAITING)
    with transaction.atomic():
        if not waiting.update(
            state=RequestState.GRANTED,
            granted_micros=answer.amount_micros,
            granted_until=answer.until,
            note=answer.note,
            **_by(by),
        ):
            return False
        LimitRaise.objects.bulk_create(
            LimitRaise(
                limit_id=pk,
                extra_micros=answer.amount_micros,
                until=answer.until,
                granted_by_name=by.shown,
                reason=request.message[:200],
            )
            for pk in limits_to_raise(request)
        )
        audit.write(
            ActKind.BUDGET_GRANTED,
            by=by,
            whom=request.person,
            before=dollars(request.amount_micros),
            after=f"{dollars(answer.amount_micros)} {answer.until.isoformat()}",
        )
    _tell_answer(request, "budget_granted", answer.amount_micros, by, answer.note, answer.until)
    return True


def decline(request: BudgetRequest, note: str, *, by: Actor) -> bool:
    """Decline a request; return False if it was already answered or withdrawn."""
    waiting = BudgetRequest.objects.filter(pk=request.pk, state=RequestState.WAITING)
    with transaction.atomic():
        if not waiting.update(state=RequestState.DECLINED, note=note, **_by(by)):
            return False
        amount = dollars(request.amount_micros)
        audit.write(ActKind.BUDGET_DECLINED, by=by, whom=request.person, before=amount)
    _tell_answer(request, "budget_declined", request.amount_micros, by, note)
    return True


def limits_to_raise(request: BudgetRequest) -> list[int]:
    """Return the ids of the limits that a grant raises: those that refuse what waits now."""
    if request.kept is not None:
        moves = kept_orders.moves_in(request.kept, request.person, request.target)
        return [room.limit_id for room, _missing in rooms_in_the_way(moves)]
    same = {"scope": request.scope, "subject": request.subject, "period": request.period}
    return list(Limit.objects.filter(hard=True, **same).values_list("pk", flat=True))


def missing_for(refusal: BudgetRefused) -> int:
    """Return how much a refused submission lacks under the limit with the most missing."""
    if not isinstance(refusal, OrderRefused):
        return refusal.room.missing_for(refusal.needed_micros)
    row = refusal.drafts[0].row
    return _missing(kept_orders.keep(refusal), row.person, row.target) if row.person else 0


def missing_now(request: BudgetRequest) -> int:
    """Return how much what waits for a request lacks now, in micro-dollars; 0 for nothing."""
    return _missing(request.kept, request.person, request.target) if request.kept else 0


def let_managers_answer(allowed: bool, *, by: Actor) -> None:
    """Set whether managers may answer requests too."""
    with transaction.atomic():
        row, _is_new = StudioSettings.objects.select_for_update().get_or_create(pk=1)
        if row.managers_approve == allowed:
            return
        StudioSettings.objects.filter(pk=row.pk).update(managers_approve=allowed)
        before, after = ("yes", "no") if row.managers_approve else ("no", "yes")
        audit.write(ActKind.APPROVERS, by=by, thing="managers", before=before, after=after)


def expire(target: str) -> int:
    """End the requests that nobody answered in time, and tell their people; return how many."""
    ended = 0
    for request in outdated_requests(target, timezone.now()).select_related("person"):
        waiting = BudgetRequest.objects.filter(pk=request.pk, state=RequestState.WAITING)
        if waiting.update(state=RequestState.EXPIRED):
            ended += 1
            facts: dict[str, object] = {"amount_micros": request.amount_micros}
            facts |= _period(request, request.until)
            _tell_person(request, "budget_expired", facts)
            notices.settle(_key(request))
    return ended


def _missing(kept: Kept, person: Person, target: str) -> int:
    found = rooms_in_the_way(kept_orders.moves_in(kept, person, target))
    return max((missing for _room, missing in found), default=0)


def _request(person: Person, room: Room, wish: Wish, *, click: str, target: str) -> BudgetRequest:
    return BudgetRequest(
        person=person,
        target=target,
        scope=room.scope,
        subject=room.subject,
        period=room.period,
        amount_micros=wish.amount_micros,
        until=wish.until,
        message=wish.message,
        click=click,
    )


def _save(request: BudgetRequest, images: Iterable[int] = ()) -> BudgetRequest:
    person = request.person
    with transaction.atomic():
        # One after the other, so that a form sent twice is one request.
        Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        same = BudgetRequest.objects.filter(person=person)
        if made := same.filter(click=request.click).first():
            if made.state not in (*OPEN_REQUESTS, RequestState.SENT):
                raise ChoiceRefused(Fault("click", N_("This form has been sent already."), {}))
            return made
        if same.filter(target=request.target, state=RequestState.WAITING).count() >= MOST_OPEN:
            raise ChoiceRefused(_too_many())
        request.save(force_insert=True)
        request.images.set(images)
        outbox.tell_studio(WebhookEvent.BUDGET_ASKED, _for_webhooks(request))
    facts = {
        "who": person.name,
        "amount_micros": request.amount_micros,
        "until_at": request.until.isoformat(),
        "text": request.message,
        **_period(request, request.until),
    }
    others = approvers().exclude(pk=person.pk)
    notices.tell(others, "budget_asked", facts, path=_path(), key=_key(request))
    return request


def _for_webhooks(request: BudgetRequest) -> dict[str, object]:
    return {
        "request": request.pk,
        "target": request.target,
        "person": request.person_id,
        "scope": request.scope,
        "subject": request.subject,
        "period": request.period,
        "amount": f"{dollars(request.amount_micros):.6f}",
        "until": request.until.isoformat(),
        "message": request.message,
    }


def _tell_answer(
    request: BudgetRequest,
    kind: str,
    amount_micros: int,
    by: Actor,
    note: str,
    until: datetime | None = None,
) -> None:
    facts: dict[str, object] = {"who": by.shown, "amount_micros": amount_micros, "text": note}
    facts |= _period(request, until or request.until)
    if until is not None:
        facts["until_at"] = until.isoformat()
    if by.person_id != request.person_id:
        _tell_person(request, kind, facts)
    notices.settle(_key(request))


def tell_stopped(request: BudgetRequest, why: Sequence[Told]) -> None:
    """Tell a person why what waited for a granted request was not sent."""
    _tell_person(request, "budget_stopped", {"why": list(why)})


def _tell_person(request: BudgetRequest, kind: str, facts: dict[str, object]) -> None:
    path = _path() if request.kept is None else reverse("studio")
    notices.tell([request.person], kind, facts, path=path, key=f"{_key(request)}-{kind}")


def _period(request: BudgetRequest, until: datetime) -> dict[str, object]:
    """Return as a fact for notices of which period an amount is, if it counts in several."""
    return {"amount_period": request.period} if spans_periods(request, until) else {}


def _by(by: Actor) -> dict[str, object]:
    return {
        "answered_by_id": by.person_id,
        "answered_by_name": by.shown,
        "answered_at": Now(),
    }


def _key(request: BudgetRequest) -> str:
    return f"budget-request-{request.pk}"


def _path() -> str:
    return reverse("budget_requests")


def _too_many() -> Fault:
    template = N_("You are waiting for %(most)s answers already. Withdraw a request first.")
    return Fault("", template, {"most": MOST_OPEN})
