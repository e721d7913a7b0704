"""Reasons for a refusal, as sentences for the form."""

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.models import dollars
from omixa_studio.presenters.budgets import facts_in_words
from omixa_studio.services.budget import BudgetRefused
from omixa_studio.services.refusals import Refused
from omixa_studio.templatetags.studio import money

BUDGET = N_(
    "This reserves %(needed)s, but only %(left)s is left: %(whose)s is %(limit)s %(per)s. "
    "It resets on %(moment)s; an admin can raise it: %(names)s."
)


def faults_of(refusal: Refused) -> tuple[Fault, ...]:
    """Return the sentences on a refusal, each with its field."""
    if isinstance(refusal, BudgetRefused):
        return (budget_fault(refusal),)
    return refusal.faults


def budget_fault(refusal: BudgetRefused) -> Fault:
    """Return which limit was hit, how much is left, when it resets, and whom to ask."""
    room = refusal.room
    amounts = {
        "needed": refusal.needed_micros,
        "left": room.left_micros,
        "limit": room.limit_micros,
    }
    shown = {name: money(dollars(amount)) for name, amount in amounts.items()}
    return Fault("", BUDGET, {**shown, **facts_in_words(room)})
