"""Names with right-to-left letters, kept from turning the sentence around them."""

import unicodedata

FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
RIGHT_TO_LEFT = {"R", "AL"}


def isolated(name: str) -> str:
    """Return a name fit for a sentence of ours; one without right-to-left letters is unchanged."""
    turns = any(unicodedata.bidirectional(letter) in RIGHT_TO_LEFT for letter in name)
    return f"{FIRST_STRONG_ISOLATE}{name}{POP_ISOLATE}" if turns else name
