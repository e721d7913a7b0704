"""What a request of a program would cost, before it is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from omixa_studio.catalogue import Catalogue, ImageModel
from omixa_studio.forms.generation import Asked
from omixa_studio.models import Token, dollars, micros
from omixa_studio.queries import budget
from omixa_studio.queries.budget import Room

from .pricing import Price, price, terms_now


@dataclass(frozen=True, kw_only=True)
class Quote:
    """The price of a request for `count` pictures, and the limits that apply to it.

    `asks_again` is whether so much is bought only when it is confirmed.
    """

    model: ImageModel
    count: int
    price: Price
    rooms: Sequence[Room]
    asks_again: bool

    @property
    def fits(self) -> bool:
        """Whether every hard limit has room for it."""
        held = micros(self.price.hold)
        return all(room.fits(held) for room in self.rooms if room.hard)


def quote(asked: Asked, token: Token, *, catalogue: Catalogue) -> Quote:
    """Price what a program asks for as it would be made now; buys nothing."""
    if asked.model is None:
        raise TypeError("what was chosen has a model")
    terms = terms_now(catalogue, [asked.model])
    priced = price(terms, asked.model, asked.values, _inputs_of(asked))
    keys = budget.keys_now(
        settings.GATEWAY_TARGET,
        token.person,
        model=asked.model.slug,
        project_id=asked.project or token.project_id or 0,
        token_id=token.pk,
    )
    return Quote(
        model=asked.model,
        count=int(asked.values.get("n", 1)),
        price=priced,
        rooms=budget.rooms(keys),
        asks_again=priced.hold > ask_above(token, catalogue),
    )


def ask_above(token: Token, catalogue: Catalogue) -> Decimal:
    """Return the hold, in dollars, above which a token buys only what was confirmed.

    It is the studio's, or the token's own if that is lower.
    """
    own = dollars(token.ask_above_micros)
    return catalogue.ask_above if own is None else min(own, catalogue.ask_above)


def _inputs_of(asked: Asked) -> int:
    return len(asked.images) + len(asked.pictures) + len(asked.uploads)
