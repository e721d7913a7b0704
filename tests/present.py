"""What a test knows to be there, for the type checker."""

from typing import TypeVar

T = TypeVar("T")


def present(value: T | None) -> T:
    """Give the value; fail when there is none."""
    assert value is not None
    return value
