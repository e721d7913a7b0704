"""Aspect ratios of the tiles of galleries and of the board."""

# Beyond these a tile crops its picture, to remain visible as a tile.
NARROWEST, WIDEST = 0.4, 3.2


def ratio_text(width: int, height: int) -> str:
    """Return width to height with two decimals, within a tile's limits, for CSS and scripts."""
    return f"{min(max(width / height, NARROWEST), WIDEST):.2f}"
