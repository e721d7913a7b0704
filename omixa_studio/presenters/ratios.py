"""Aspect ratios of the tiles of galleries and of the board."""

from omixa_studio.models import aspect_of, ratio_of

# By aspect byte, since a page has fifty tiles.
TEXTS = tuple(f"{ratio_of(aspect):.2f}" for aspect in range(256))


def ratio_text(width: int, height: int) -> str:
    """Return a tile's ratio of width to height with two decimals, for CSS and scripts."""
    return TEXTS[aspect_of(width, height)]
