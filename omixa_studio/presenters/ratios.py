"""Shapes of pictures, as tiles of galleries and of the board have them."""

# Beyond these a tile shows a part of the picture, so that it stays a tile.
NARROWEST, WIDEST = 0.4, 3.2


def ratio_text(width: int, height: int) -> str:
    """Width to height in two places, within what a row can show, as styles and scripts read it."""
    return f"{min(max(width / height, NARROWEST), WIDEST):.2f}"
