"""Names and texts with right-to-left letters, kept from turning what stands around them."""

import unicodedata

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
RIGHT_TO_LEFT = {"R", "AL"}
# Marks, embeddings, overrides and isolates: letters that nobody sees, and that turn others around.
CONTROLS = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))


def isolated(name: str) -> str:
    """Return a name fit for a sentence of ours; one without right-to-left letters is unchanged."""
    turns = any(unicodedata.bidirectional(letter) in RIGHT_TO_LEFT for letter in name)
    return f"{FIRST_STRONG_ISOLATE}{name}{POP_ISOLATE}" if turns else name


def without_controls(text: str) -> str:
    """Return a text without the invisible letters that set its direction."""
    return text.translate(CONTROLS)
