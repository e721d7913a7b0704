"""Why an order brought no pictures, for programs, and whether asking again makes sense."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from omixa_studio import storage
from omixa_studio.catalogue import Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.forms.api_images import NAMES
from omixa_studio.models import Generation, Picture, State
from omixa_studio.models.generations import Charged
from omixa_studio.presenters.costs.refusals import faults_of
from omixa_studio.queries.api_orders import was_sent_before
from omixa_studio.queries.budget import refusal_facts
from omixa_studio.sentences import say, tell
from omixa_studio.services.budget import BudgetRefused
from omixa_studio.services.reading import BUSY
from omixa_studio.services.refusals import Refused
from omixa_studio.services.storage_quotas import StorageFull
from omixa_studio.services.submission import SENT_BEFORE

from .images import about

# No client repeats it by itself, whatever it makes of x-should-retry. Some repeat every 5xx.
NOT_AGAIN = 424
SENT_AGAIN = N_(
    "This was already sent, before an older copy of the database was restored, and may have been "
    "charged: an admin finds it under Needs review. Send it with a new Idempotency-Key to buy it "
    "again."
)
# By the kind of a failure that cost nothing: status, code, and whether the same may work later.
FREE = {
    "input": (400, "not_accepted", False),
    "policy": (400, "content_policy_violation", False),
    "model": (400, "model_not_found", False),
    "rate": (503, "gateway_busy", True),
    "unavailable": (503, "gateway_unavailable", True),
}


@dataclass(frozen=True, kw_only=True)
class ApiFailure:
    """An error for a program; `counts` is whether getting it ends the order, as pictures would."""

    status: int
    code: str
    message: str
    type: str = "image_generation_error"
    param: str | None = None
    retry: bool = False
    counts: bool = False
    more: dict[str, Any] = field(default_factory=dict)


def failure_of(rows: Sequence[Generation], pictures: Sequence[Picture]) -> ApiFailure | None:
    """Return why the requests of an order, which have ended, bring no answer; None if they do."""
    if not rows:  # an older copy of the database was put back while the order waited
        said = _("The studio cannot answer now.")
        return ApiFailure(status=503, code="studio_unavailable", message=said, retry=True)
    more = about(rows, ())
    unknown = next((row for row in rows if row.state == State.UNKNOWN), None)
    if unknown:
        said = _(
            "It is not known what became of this request, and it may have been charged. It is not "
            "sent again: the same request gets what an admin finds out."
        )
        return ApiFailure(status=NOT_AGAIN, code="outcome_unknown", message=said, more=more)
    if pictures:
        return None if all(storage.size(one.name) is not None for one in pictures) else _missing()
    return _failure_without_pictures(rows)


def refusal_shown(refusal: Refused) -> ApiFailure:
    """Return a refusal of the studio: nothing was asked of the gateway."""
    faults: Sequence[Fault] = faults_of(refusal)
    said = " ".join(say(fault) for fault in faults)
    if isinstance(refusal, BudgetRefused):
        facts = refusal_facts(refusal.room, refusal.needed_micros)
        return ApiFailure(
            status=403, code="budget", message=said, type="insufficient_quota", more=facts
        )
    if isinstance(refusal, StorageFull):
        return ApiFailure(
            status=403,
            code=refusal.reason,
            message=said,
            type="insufficient_quota",
            more={"used_bytes": refusal.used, "quota_bytes": refusal.quota},
        )
    param = next((NAMES.get(fault.field, fault.field) for fault in faults if fault.field), None)
    if any(fault.template == SENT_BEFORE for fault in faults):
        return ApiFailure(status=NOT_AGAIN, code="sent_before", message=_(SENT_AGAIN))
    if any(fault.template == BUSY for fault in faults):
        return ApiFailure(status=503, code="studio_busy", message=said, retry=True)
    return ApiFailure(
        status=400,
        code=refusal.reason,
        message=said,
        type="invalid_request_error",
        param=param,
    )


def _failure_without_pictures(rows: Sequence[Generation]) -> ApiFailure:
    more = about(rows, ())
    failed = next((row for row in rows if row.charged in (Charged.YES, Charged.UNKNOWN)), rows[0])
    if failed.state == State.DONE:
        gone = _("The pictures of this request were deleted.")
        return ApiFailure(
            status=NOT_AGAIN, code="pictures_deleted", message=gone, counts=True, more=more
        )
    if was_sent_before(failed):
        return ApiFailure(status=NOT_AGAIN, code="sent_before", message=_(SENT_AGAIN), more=more)
    if failed.state == State.CANCELLED:
        said = " ".join(filter(None, [_("This request was cancelled."), tell(failed.error)]))
        return ApiFailure(status=NOT_AGAIN, code="cancelled", message=said, more=more)
    if failed.charged == Charged.NO:
        status, code, retry = FREE.get(failed.error_kind, (NOT_AGAIN, "gateway_failed", False))
        said = tell(failed.error)
        return ApiFailure(status=status, code=code, message=said, retry=retry, more=more)
    said = tell(failed.error)
    return ApiFailure(status=NOT_AGAIN, code="no_picture", message=said, counts=True, more=more)


def _missing() -> ApiFailure:
    said = _("A file of these pictures is missing. An admin has to find out why.")
    return ApiFailure(status=NOT_AGAIN, code="file_missing", message=said)
