"""The shape of a picture in one byte: its aspect ratio in logarithmic steps of 1.7%."""

import math

SQUARE, STEPS_PER_OCTAVE = 128, 42
# Beyond these ratios of width to height a tile crops its picture, to remain visible as a tile.
NARROWEST, WIDEST = 0.4, 3.2


def aspect_of(width: int, height: int) -> int:
    """Return the byte of a size in pixels, within a tile's limits; SQUARE if it is unknown."""
    if not (width and height):
        return SQUARE
    ratio = min(max(width / height, NARROWEST), WIDEST)
    return SQUARE + round(STEPS_PER_OCTAVE * math.log2(ratio))


def ratio_of(aspect: int) -> float:
    """Return the ratio of width to height that a byte stands for."""
    return math.exp2((aspect - SQUARE) / STEPS_PER_OCTAVE)
