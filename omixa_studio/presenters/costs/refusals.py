"""Why money was refused, as a sentence for the form."""

from django.utils.formats import date_format
from django.utils.timezone import localtime

from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.models import dollars
from omixa_studio.services.budget import BudgetRefused
from omixa_studio.templatetags.studio import money


def budget_fault(refusal: BudgetRefused) -> Fault:
    """Which limit, how much is left, when it starts anew, and whom to ask."""
    template = N_(
        "This needs %(needed)s, but %(left)s of your %(limit)s for this month is left. "
        "It starts anew on %(day)s; an admin can raise it."
    )
    if refusal.of_studio:
        template = N_(
            "This needs %(needed)s, but %(left)s of the studio's %(limit)s for this month is "
            "left. It starts anew on %(day)s; an admin can raise it."
        )
    amounts = {
        "needed": refusal.needed_micros,
        "left": refusal.left_micros,
        "limit": refusal.limit_micros,
    }
    shown = {name: money(dollars(amount)) for name, amount in amounts.items()}
    day = date_format(localtime(refusal.resets_at), "j E")
    return Fault("", template, {**shown, "day": day})
