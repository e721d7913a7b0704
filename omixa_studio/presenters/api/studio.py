"""The studio's own shapes: models, prices, limits, generations. Their schemas are in schemas.py."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from omixa_studio.catalogue import Bills, Catalogue, ImageModel, PriceKey, price_span
from omixa_studio.catalogue.records import Field
from omixa_studio.forms.generation import of_one_click
from omixa_studio.models import Generation, Picture, dollars
from omixa_studio.queries.budget import Room
from omixa_studio.sentences import tell
from omixa_studio.services.quoting import Quote

from .document import number_of


def money(amount: Decimal | None) -> str | None:
    """Return dollars with six places, None if they are not known."""
    return None if amount is None else f"{amount:.6f}"


def limit_told(room: Room) -> dict[str, object]:
    """Return a limit and what it leaves."""
    return {
        "scope": room.scope,
        "period": room.period,
        "hard": room.hard,
        "limit": money(dollars(room.limit_micros)),
        "left": money(dollars(room.left_micros)),
        "resets_at": room.resets_at,
    }


def models_told(
    catalogue: Catalogue, bills: Mapping[str, Mapping[PriceKey, Bills]]
) -> list[dict[str, object]]:
    """Return the models that may be used, with fields and prices; `bills` are by slug."""
    return [_model(one, catalogue.aliases, bills.get(one.slug, {})) for one in catalogue.enabled]


def model_in_short(told: Mapping[str, Any]) -> dict[str, object]:
    """Return what a list of models says of one, with no more of its fields than their names."""
    names = ("id", "name", "summary", "operations", "max_images", "price")
    return {
        **{name: told[name] for name in names},
        "fields": [field["name"] for field in told["fields"]],
    }


def estimate_told(quote: Quote) -> dict[str, object]:
    """Return what a request will cost, what is held for it, and whether every hard limit fits."""
    return {
        "model": quote.model.slug,
        "count": quote.count,
        "estimate": money(quote.price.estimate.amount),
        "basis": quote.price.estimate.basis,
        "held": money(quote.price.hold),
        "fits": quote.fits,
        "limits": [limit_told(room) for room in quote.rooms],
    }


def generations_told(
    rows: Iterable[Generation], pictures: Sequence[Picture]
) -> list[dict[str, object]]:
    """Return requests with those of the pictures that are theirs."""
    return [
        _generation(row, [one for one in pictures if one.generation_id == row.pk]) for row in rows
    ]


def picture_told(picture: Picture) -> dict[str, object]:
    """Return what a stored picture is."""
    same = ("format", "width", "height", "bytes", "sha256")
    told: dict[str, Any] = {name: getattr(picture, name) for name in same}
    return {"id": picture.pk, "generation": picture.generation_id, **told}


def _model(
    model: ImageModel, aliases: Mapping[str, str], bills: Mapping[PriceKey, Bills]
) -> dict[str, object]:
    span = price_span(model, bills)
    return {
        "id": model.slug,
        "name": model.name,
        "summary": model.summary,
        "provider": model.provider,
        "operations": model.operations,
        "aliases": [name for name, slug in aliases.items() if slug == model.slug],
        "max_images": model.max_images,
        "price": span and {"least": money(span[0]), "most": money(span[1])},
        "fields": [_field(one) for one in of_one_click(model).fields],
    }


def _field(field: Field) -> dict[str, object]:
    same = ("name", "type", "required", "accepted", "accepted_is_complete", "min_length")
    more = ("max_length", "min_items", "max_items", "default", "label", "help")
    told: dict[str, Any] = {name: getattr(field, name) for name in (*same, *more)}
    return told | {"minimum": number_of(field.minimum), "maximum": number_of(field.maximum)}


def _generation(row: Generation, pictures: Sequence[Picture]) -> dict[str, object]:
    same = ("state", "target", "model", "operation", "prompt", "options", "count", "charged")
    moments = ("created_at", "started_at", "finished_at")
    amounts = {
        "estimate": row.estimate_micros,
        "held": row.held_micros,
        "billed": row.billed_micros,
    }
    message = tell(row.error)
    return {
        "id": row.pk,
        **{name: getattr(row, name) for name in (*same, *moments)},
        "project": row.project_id,
        **{name: None if one is None else money(dollars(one)) for name, one in amounts.items()},
        "error": {"kind": row.error_kind, "message": message} if message else None,
        "pictures": [picture_told(one) for one in pictures],
    }
