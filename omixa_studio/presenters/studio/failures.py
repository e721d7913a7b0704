"""The card texts of a failed or unknown call: the cause, the cost, what to do."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from omixa_studio.catalogue import ImageModel
from omixa_studio.directions import isolated
from omixa_studio.models import Generation, State, dollars
from omixa_studio.models.generations import Charged
from omixa_studio.sentences import tell, without_cost
from omixa_studio.templatetags.studio import money

INPUT, POLICY, GATEWAY, OURS = "input", "policy", "gateway", "ours"
# By the error kinds of the gateway package; kinds not listed are the gateway's fault.
WHOSE = {"input": INPUT, "policy": POLICY, "ours": OURS}
# These fail again if they are sent unchanged.
CHANGE_FIRST = ("input", "policy")


@dataclass(frozen=True, kw_only=True)
class Instead:
    """Another model for the same prompt: its name, and the query that fills the form."""

    name: str
    query: str


@dataclass(frozen=True, kw_only=True)
class Failure:
    """The texts of one card.

    Only an admin's card has the provider's own words in `detail`, and `to_decide` true if the cost
    is unknown.
    """

    whose: str
    heading: str
    sentence: str
    cost: str
    advice: str
    reference: str
    detail: str
    change_first: bool
    to_decide: bool
    buys_again: bool
    instead: Instead | None


def failure_of(
    row: Generation, instead: ImageModel | None, *, kept: bool = False, for_admin: bool = False
) -> Failure | None:
    """Describe a call that failed or whose outcome is unknown; None for all others.

    `kept` is whether its pictures came after an admin had decided that there are none.
    """
    if row.state not in (State.FAILED, State.UNKNOWN):
        return None
    failure = _failure_of(row, instead, for_admin)
    return _came_late(failure, row) if row.came_late and kept else failure


def _failure_of(row: Generation, instead: ImageModel | None, for_admin: bool) -> Failure:
    unknown = row.state == State.UNKNOWN
    whose = WHOSE.get(row.error_kind, GATEWAY)
    return Failure(
        whose="unknown" if unknown else whose,
        heading=_("Outcome unknown, needs review") if unknown else _heading(whose),
        sentence=tell(without_cost(row.error)),
        cost=cost_of(row),
        advice=_advice(row),
        reference=reference_of(row),
        detail=row.error_detail if for_admin else "",
        change_first=row.error_kind in CHANGE_FIRST,
        to_decide=for_admin and (unknown or row.charged == Charged.UNKNOWN),
        buys_again=row.charged in (Charged.YES, Charged.UNKNOWN),
        instead=_instead(row, instead),
    )


def _came_late(failure: Failure, row: Generation) -> Failure:
    told = _("Its pictures arrived after the review by %(name)s; they are kept.")
    return replace(
        failure,
        heading=_("Late answer"),
        sentence=told % {"name": isolated(row.decided_by)},
        advice="",
    )


def reference_of(row: Generation) -> str:
    """Return the numbers to tell an admin: the generation's and the gateway's."""
    return f"G-{row.pk} · {row.request_id}" if row.request_id else f"G-{row.pk}"


def cost_of(row: Generation) -> str:
    """Return what a finished call cost, and who said so."""
    if row.charged == Charged.UNKNOWN:
        held = {"held": money(dollars(row.held_micros))}
        if row.state == State.UNKNOWN:
            return _("It may have been charged. %(held)s stays reserved.") % held
        return _("Cost unknown. %(held)s stays reserved.") % held
    said = {"amount": money(dollars(row.billed_micros)), "name": isolated(row.decided_by)}
    if row.decided_by and _told_late(row):
        if row.billed_micros:
            return _("The gateway billed %(amount)s after the review by %(name)s.") % said
        return _("Not charged: the gateway's answer arrived after the review by %(name)s.") % said
    if not row.billed_micros:
        decided = _("Not charged, reviewed by %(name)s.") % said
        return decided if row.decided_by else _("Not charged.")
    if row.decided_by:
        return _("Charged %(amount)s, reviewed by %(name)s.") % said
    return _("Charged %(amount)s.") % said


def _told_late(row: Generation) -> bool:
    """Return whether the answer that came after the decision had a cost, or was a refusal."""
    return row.came_late and bool(row.billed_text or (row.status or 0) >= 300)


def _heading(whose: str) -> str:
    return {
        INPUT: _("Problem with the request"),
        POLICY: _("Blocked by the provider's content rules"),
        GATEWAY: _("Problem at the gateway"),
        OURS: _("Problem in the studio"),
    }[whose]


def _advice(row: Generation) -> str:
    if row.state == State.UNKNOWN or row.charged == Charged.UNKNOWN:
        return _("An admin will review it. It is not sent again automatically.")
    if row.charged == Charged.YES and row.error_kind not in CHANGE_FIRST:
        return _("This attempt was charged; a retry is charged again.")
    by_kind = {
        "input": _("Fix what the message says, then generate again."),
        "policy": _("Change the prompt or the pictures; the same request would be blocked again."),
        "rate": _("Wait a minute, then retry."),
        "unavailable": _("Wait a minute, then retry."),
        "key": _("Ask an admin to set the key, then retry."),
        "balance": _("Ask an admin to top up the wallet, then retry."),
        "model": _("Choose another model, or ask an admin about this one."),
    }
    otherwise = _("Retry. If it happens again, give an admin the reference number.")
    return by_kind.get(row.error_kind, otherwise)


def _instead(row: Generation, model: ImageModel | None) -> Instead | None:
    if model is None:
        return None
    query = urlencode({"model": model.slug, "prompt": row.prompt})
    return Instead(name=model.short_name, query=query)
