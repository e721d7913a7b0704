"""Queue what waited for money once it was granted: by itself, at most once, if still wanted."""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from django.db.models import QuerySet

from omixa_studio.catalogue import Catalogue
from omixa_studio.catalogue.records import N_
from omixa_studio.gateway.errors import Told, told
from omixa_studio.models import BudgetRequest, Generation, RequestState, Run, RunKind
from omixa_studio.queries.budget_requests import granted_requests
from omixa_studio.sentences import as_told

from . import blind_tests, runs, submission
from .budget import BudgetRefused
from .budget_requests import tell_stopped
from .kept_orders import choices_in
from .refusals import Refused
from .submission import Choice, GenerationDraft

log = logging.getLogger(__name__)

PRICE_ROSE = N_("Its price rose from %(before)s to %(now)s after you asked.")
STILL_NO_ROOM = N_("There was still too little left in a budget.")


class NotWanted(Refused):
    """The request was withdrawn, or another worker has sent it."""

    reason = "not_wanted"


class PriceRose(Refused):
    """It would now hold more than when its person confirmed it, in micro-dollars."""

    reason = "price_rose"

    def __init__(self, before_micros: int, now_micros: int) -> None:
        super().__init__()
        self.why = told(PRICE_ROSE, before_micros=before_micros, now_micros=now_micros)


def carry_on(request: BudgetRequest, *, catalogue: Catalogue, wake: Callable[[], None]) -> bool:
    """Queue what waited for a granted request; return whether it is queued.

    What cannot be queued any more ends with its reason, which its person is told. A crash at any
    point leaves the request as it was, and the next call finds what was queued by its click.
    """
    if request.kept is None:
        return False
    try:
        _submit(request, catalogue, wake)
    except NotWanted:
        return False
    except PriceRose as refusal:
        return _stop(request, [refusal.why])
    except BudgetRefused:
        return _stop(request, [told(STILL_NO_ROOM)])
    except Refused as refusal:
        return _stop(request, [as_told(fault) for fault in refusal.faults])
    return True


def carry_on_all(
    target: str, *, catalogue: Callable[[], Catalogue], wake: Callable[[], None]
) -> int:
    """Queue whatever waits although it was granted, such as after a crash; return how many.

    One that cannot be read or stored is logged, and keeps no other from going on.
    """
    waiting = list(granted_requests(target).select_related("person"))
    return sum(_carry_on_or_log(request, catalogue(), wake) for request in waiting)


def _carry_on_or_log(
    request: BudgetRequest, catalogue: Catalogue, wake: Callable[[], None]
) -> bool:
    try:
        return carry_on(request, catalogue=catalogue, wake=wake)
    except Exception:  # whatever it is, the others have nothing to do with it
        log.exception("Budget request %s could not go on; it is tried again.", request.pk)
        return False


def _submit(request: BudgetRequest, catalogue: Catalogue, wake: Callable[[], None]) -> None:
    """Queue the kept submission, and mark the request as sent in the same transaction."""
    kept = request.kept or {}
    submit = _submit_one if kept["run"] is None else _submit_run
    choices, first = choices_in(kept, catalogue), partial(_claim, request)
    submit(request, kept, choices, catalogue=catalogue, wake=wake, click=request.click, first=first)
    # What the same click had made already was queued without asking.
    _granted(request).update(state=RequestState.SENT)


def _submit_one(
    request: BudgetRequest, kept: Mapping[str, Any], choices: Sequence[Choice], **given: Any
) -> None:
    retry_of = Generation.objects.filter(pk=kept["retry_of"]).first()
    submission.submit(request.person, choices[0], retry_of=retry_of, **given)


def _submit_run(
    request: BudgetRequest, kept: Mapping[str, Any], choices: Sequence[Choice], **given: Any
) -> None:
    run = kept["run"]
    given |= {"confirmed": True, "cap_micros": run["cap_micros"]}
    if test := kept.get("test"):
        blind_tests.submit(request.person, test, choices, **given)
        return
    runs.submit_run(
        request.person,
        choices,
        kind=RunKind(run["kind"]),
        axis=run["axis"],
        made_from=Run.objects.filter(pk=run["made_from"]).first(),
        **given,
    )


def _claim(request: BudgetRequest, drafts: Sequence[GenerationDraft]) -> None:
    """Make sure that what is about to be queued is wanted, at this price, by this call alone."""
    held = sum(draft.row.held_micros for draft in drafts)
    if held > request.held_micros:
        raise PriceRose(request.held_micros, held)
    if not _granted(request).update(state=RequestState.SENT):
        raise NotWanted


def _stop(request: BudgetRequest, why: Sequence[Told]) -> bool:
    if _granted(request).update(state=RequestState.STOPPED, why=list(why)):
        tell_stopped(request, why)
    return False


def _granted(request: BudgetRequest) -> QuerySet[BudgetRequest]:
    return BudgetRequest.objects.filter(pk=request.pk, state=RequestState.GRANTED)
