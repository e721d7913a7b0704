"""The gateway's models compared with those that the studio knows."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from omixa_studio.catalogue import Catalogue, ImageModel
from omixa_studio.gateway.records import OfferedModel
from omixa_studio.services import offers
from omixa_studio.services.offers import Offer

MOST_NEW = 200
LONGEST_FACT = 120


@dataclass(frozen=True)
class OfferRow:
    """One slug of the comparison, with the gateway's facts on a new model in words."""

    offer: Offer
    told: Sequence[tuple[str, str]]


def compared(catalogue: Catalogue, offered: Sequence[OfferedModel]) -> dict[str, object]:
    """Return the context of the comparison page: rows by standing, and models to copy from."""
    lines = [_line(one) for one in offers.compare(catalogue, offered)]
    standing = {
        word: [line for line in lines if line.offer.standing == word]
        for word in ("new", "price", "gone", "offered")
    }
    # A list without any of our models says more about the list than about the models.
    odd = not standing["offered"] and not standing["price"]
    return {
        "standing": {**standing, "new": standing["new"][:MOST_NEW]},
        "left_out": max(len(standing["new"]) - MOST_NEW, 0),
        "odd": odd,
        "offered_names": ", ".join(_name(line.offer) for line in standing["offered"]),
        "likes": _likes(catalogue.models.values()),
    }


def _line(offer: Offer) -> OfferRow:
    return OfferRow(offer, list(_told(offer.offered)) if offer.standing == "new" else [])


def _name(offer: Offer) -> str:
    """Return the name of a model that both sides know, marked if it is switched off."""
    switched_off = offer.known is not None and not offer.known.enabled
    return f"{offer.name} ({_('switched off')})" if switched_off else offer.name


def _likes(models: Iterable[ImageModel]) -> list[tuple[str, str]]:
    return [(model.slug, model.name) for model in models]


def _told(offered: OfferedModel | None) -> Iterator[tuple[str, str]]:
    """Yield everything the gateway's entry says, flattened and truncated."""
    for name, value in (offered.raw if offered else {}).items():
        inner = value.items() if isinstance(value, dict) else [("", value)]
        for part, fact in inner:
            if fact not in (None, "", [], {}):
                yield f"{name} {part}".strip()[:LONGEST_FACT], str(fact)[:LONGEST_FACT]
