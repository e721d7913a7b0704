"""What a call costs in the sandbox: the list price times the pictures."""

from collections.abc import Mapping
from decimal import Decimal

from omixa_studio.catalogue import ImageModel, key_of, list_price

# The documentation states no price for these three. The amounts are the sandbox's own
# invention, kept at or under the default hold for models of unknown price (0.10 dollars).
INVENTED = {
    "imagen-4.0-fast-generate-001": Decimal("0.020000"),
    "gpt-image-1.5": Decimal("0.050000"),
    "stability-upscale-conservative": Decimal("0.100000"),
}
# Also invented: any model that somebody adds without a price.
INVENTED_ELSE = Decimal("0.040000")


def picture_price(model: ImageModel, options: Mapping[str, object]) -> Decimal:
    """Dollars for one picture: the list price of its options, else the sandbox's own."""
    listed = list_price(model, key_of(options, 0))
    return INVENTED.get(model.slug, INVENTED_ELSE) if listed is None else listed


def bill(model: ImageModel, options: Mapping[str, object], pictures: int) -> str:
    """The `billed_amount` of a call: dollars as text with six places."""
    return f"{picture_price(model, options) * pictures:.6f}"
