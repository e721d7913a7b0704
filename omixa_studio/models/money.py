"""Money in rows: whole micro-dollars, because a decimal column is a float on SQLite."""

from decimal import Decimal

MICRO = Decimal("0.000001")


def micros(amount: Decimal) -> int:
    """Return dollars as whole micro-dollars. Raises ValueError above six decimal places."""
    scaled = amount / MICRO
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} has more than six places.")
    return int(scaled)


def dollars(amount: int | None) -> Decimal | None:
    """Return micro-dollars as dollars; None (cost unknown) stays None."""
    return None if amount is None else amount * MICRO


def places(amount: int) -> str:
    """Return micro-dollars as dollars with all six places: the same as a Decimal, but faster."""
    whole, part = divmod(abs(amount), 1_000_000)
    return f"{'-' if amount < 0 else ''}{whole}.{part:06d}"
