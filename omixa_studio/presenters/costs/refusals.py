"""Reasons for a refusal, as sentences for the form."""

from django.utils.formats import date_format
from django.utils.timezone import localtime

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.models import Period, Scope, dollars
from omixa_studio.services.budget import BudgetRefused
from omixa_studio.services.refusals import Refused
from omixa_studio.templatetags.studio import money

SENTENCES = {
    (Scope.PERSON, Period.MONTH): N_(
        "This needs %(needed)s, but only %(left)s of your monthly limit of %(limit)s is left. "
        "The limit resets on %(day)s; an admin can raise it."
    ),
    (Scope.STUDIO, Period.MONTH): N_(
        "This needs %(needed)s, but only %(left)s of the studio's monthly limit of %(limit)s is "
        "left. The limit resets on %(day)s; an admin can raise it."
    ),
}


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
    day = date_format(localtime(room.resets_at), "j E")
    template = SENTENCES[Scope(room.scope), Period(room.period)]
    return Fault("", template, {**shown, "day": day})
