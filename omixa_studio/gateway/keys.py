"""What a key of the gateway may look like."""

# Shorter ones could be guessed, and masking them could spoil ordinary text.
SHORTEST_SECRET = 16
LONGEST_SECRET = 500


def check_key(key: str) -> str:
    """Return a key without the spaces around it. Raises ValueError if it cannot be in a header."""
    key = key.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError("The gateway's key must be one word of plain letters, digits and signs.")
    return key
