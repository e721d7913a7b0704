"""Orders of programs: the same one twice buys once."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from django.conf import settings
from django.db.models.functions import Now

from omixa_studio.catalogue import Catalogue, Fault
from omixa_studio.catalogue.records import N_
from omixa_studio.forms.generation import Asked
from omixa_studio.models import ApiOrder, Token
from omixa_studio.queries import api_orders

from . import asking
from .refusals import ChoiceRefused, Refused
from .submission import SENT_BEFORE, GenerationDraft

OTHER_BODY = N_("This Idempotency-Key was already used for another request.")


class KeyReused(Refused):
    """A key that belongs to another body."""

    reason = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__(Fault("", OTHER_BODY, {}))


@dataclass(frozen=True, kw_only=True)
class OrderWanted:
    """What a program wants: the digest of its body, the key it gave to it ("" for none).

    `is_repeat` is whether it says that it asked before. `stays` is whether the key keeps what it
    made even if that failed or was cancelled for free: where a repeat only asks what became of it.
    """

    token: Token
    digest: str
    key: str = ""
    is_repeat: bool = False
    stays: bool = False

    @property
    def identity(self) -> str:
        told = f"key:{self.key}" if self.key else f"body:{self.digest}"
        # What was bought for practice answers nothing that is meant.
        return hashlib.sha256(f"{settings.GATEWAY_TARGET}:{told}".encode()).hexdigest()


def find(wanted: OrderWanted) -> tuple[ApiOrder | None, int]:
    """Return the order that answers a body or key again, and the ordinal of the next one.

    Raises KeyReused, and ChoiceRefused if an older copy of the database lost what it bought.
    """
    last = api_orders.last_order(wanted.token.pk, wanted.identity)
    if last is None:
        return None, 0
    rows = api_orders.bought_by(last)
    again = api_orders.answers_again(
        last,
        rows,
        keyed=bool(wanted.key),
        is_repeat=wanted.is_repeat,
        stays=wanted.stays,
    )
    if again:
        return _same_body(last, wanted), last.ordinal
    if any(map(api_orders.was_sent_before, rows)):
        raise ChoiceRefused(Fault("click", SENT_BEFORE, {}))
    return None, last.ordinal + 1


def place(
    wanted: OrderWanted,
    asked: Asked,
    ordinal: int,
    *,
    catalogue: Catalogue,
    wake: Callable[[], None],
) -> ApiOrder:
    """Buy what is asked for as the order of this ordinal, or return the one that came first.

    Raises as `asking.buy`, and KeyReused.
    """

    def write(drafts: Sequence[GenerationDraft]) -> None:
        ApiOrder.objects.create(
            token=wanted.token,
            identity=wanted.identity,
            ordinal=ordinal,
            body_sha256=wanted.digest,
            group=drafts[0].row.group,
        )

    project = asked.project or wanted.token.project_id
    asking.buy(
        wanted.token.person,
        replace(asked, project=project),
        catalogue=catalogue,
        wake=wake,
        click=_click_of(wanted, ordinal),
        first=write,
        token=wanted.token,
    )
    made = ApiOrder.objects.get(token=wanted.token, identity=wanted.identity, ordinal=ordinal)
    return _same_body(made, wanted)


def note_delivered(order_id: int) -> None:
    """Note that an answer reached the client; the same body again buys anew from now on."""
    ApiOrder.objects.filter(pk=order_id, delivered_at=None).update(delivered_at=Now())


def _same_body(order: ApiOrder, wanted: OrderWanted) -> ApiOrder:
    if order.body_sha256 != wanted.digest:
        raise KeyReused
    return order


def _click_of(wanted: OrderWanted, ordinal: int) -> str:
    """Return a click that an older copy of the database comes to again.

    So a call that it lost is recognised, and not bought again.
    """
    told = f"order:{wanted.token.pk}:{wanted.identity}:{ordinal}"
    return hashlib.sha256(told.encode()).hexdigest()
